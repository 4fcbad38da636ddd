"""The doors process inside a test: published companies, visitors at its ASGI entrance, and a clock the test sets.

`open_doors` starts a door as uvicorn would; `House.crash` ends it as SIGKILL would.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import msgspec

from callspring.config import Config, load
from callspring.doors.app import Doors
from callspring.flows.flow import Forward
from callspring.records import Dropped, LeasesHeld, Record, Tick, decode, encode
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedConnection,
    PublishedNumber,
    PublishedRule,
    PublishedScenario,
    PublishedSite,
    PublishedTarget,
    Route,
)
from callspring.stores.spool.reader import Position, read
from tests.carriers.telnyx_keys import public_half

NOW = 1_780_000_000.0
KEY, OTHER_KEY = "ck_one", "ck_two"
SECRET, OTHER_SECRET = "the connection's secret", "another connection's"
TARGET, BUSINESS = "+18005550199", "+18005550100"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
SANDBOX, TWILIO, OTHERS, SIGNALWIRE, PLIVO = 7, 8, 9, 11, 13  # connections; `OTHERS` is the second company's
VONAGE, TELNYX, BANDWIDTH = 19, 21, 23
FLOW = Forward(BUSINESS, 20, "Please call again.")

# A site with a number for each strategy of N3, and one with a pool of three.
STRATEGIES = {
    "web_search": PublishedRule("web_search", (101,)),
    "referral": PublishedRule("referral", (102,)),
    "specific_referrer": PublishedRule("referral", (103,), value="partner.example"),
    "landing_page": PublishedRule("landing_page", (104,), value="/offer"),
    "url_parameter": PublishedRule("url_parameter", (105,), name="promo", value="spring"),
    "direct": PublishedRule("direct", (106,)),
    "always": PublishedRule("always", (107,)),
}
POOL_SCENARIO = 20
POOL_NUMBERS = (201, 202, 203)


def e164(number: int) -> str:
    """The telephone number with an id."""
    return f"+1312555{number:04d}"


def number_shown(strategy: str) -> str:
    """What a strategy's visitors see."""
    return e164(STRATEGIES[strategy].numbers[0])


def site(scenarios: tuple[PublishedScenario, ...], number: int, host: str, *, company: int = 1) -> PublishedSite:
    """A published site of which all numbers are known."""
    ids = sorted({each for scenario in scenarios for rule in scenario.rules for each in rule.numbers})
    numbers = tuple(PublishedNumber(each, e164(each), f"(312) 555-{each:04d}") for each in ids)
    key = KEY if company == 1 else OTHER_KEY
    return PublishedSite(number, company, key, (host,), 180, scenarios, numbers)


def scenario(number: int, *rules: PublishedRule, overflow: str = "share", target: str = TARGET) -> PublishedScenario:
    """A published scenario with a hold of 150 s."""
    return PublishedScenario(number, (PublishedTarget(target, (target, target[1:])),), rules, 150, overflow)


def pool_site(numbers: tuple[int, ...] = POOL_NUMBERS, overflow: str = "share") -> PublishedSite:
    """The site with a pool."""
    return site(
        (scenario(POOL_SCENARIO, PublishedRule("always", numbers, dynamic=True), overflow=overflow),), 2, "pool.example"
    )


STRATEGY_SITE = site(tuple(scenario(n, rule) for n, rule in enumerate(STRATEGIES.values(), start=1)), 1, "shop.example")
OTHER_SITE = site((scenario(30, PublishedRule("always", (301,))),), 3, "other.example", company=2)


def companies() -> list[PublishedCompany]:
    """Two companies; the first has a number for each carrier, one without a flow, and one whose scenario is off."""
    first = PublishedCompany(
        1,
        KEY,
        (
            PublishedConnection(SANDBOX, "sandbox", SECRET),
            PublishedConnection(TWILIO, "twilio", SECRET),
            PublishedConnection(SIGNALWIRE, "signalwire", f"PT0:{SECRET}"),
            PublishedConnection(TELNYX, "telnyx", f"KEY0:{public_half(SECRET)}"),
            PublishedConnection(VONAGE, "vonage", f"api:{SECRET}"),
            PublishedConnection(PLIVO, "plivo", SECRET),
            PublishedConnection(BANDWIDTH, "bandwidth", SECRET),
        ),
        {e164(201): Route(201, FLOW, POOL_SCENARIO), e164(202): Route(202, None), e164(203): Route(203, FLOW)},
    )
    second = PublishedCompany(
        2, OTHER_KEY, (PublishedConnection(OTHERS, "sandbox", OTHER_SECRET),), {e164(301): Route(301, FLOW, 30)}
    )
    return [first, second]


class Clock:
    """The time that doors see; `time.time` for the modules it is put into."""

    def __init__(self) -> None:
        self.now = NOW

    def time(self) -> float:
        """Unix seconds."""
        return self.now


@dataclass
class Answer:
    """What the snippet was told, read back."""

    status: int
    reason: str
    body: dict[str, Any]

    @property
    def numbers(self) -> list[str]:
        """The numbers put on the page."""
        return [swap["number"] for swap in self.body.get("swaps", ())]

    @property
    def number(self) -> str:
        """The one number put on the page."""
        (number,) = self.numbers
        return str(number)


@dataclass
class House:
    """One running doors process with its clock, and a client that stands at `peer`."""

    doors: Doors
    config: Config
    clock: Clock
    client: httpx.AsyncClient

    async def post(self, path: str, content: bytes, headers: dict[str, str]) -> Answer:
        """A request as it is, the answer as it may be."""
        reply = await self.client.post(path, content=content, headers=headers)
        body = json.loads(reply.content) if reply.content else {}
        return Answer(reply.status_code, reply.headers.get("x-callspring-reason", ""), body)

    async def post_visit(self, body: dict[str, Any], **headers: str) -> Answer:
        """`POST /v1/visit`; header names are written with underscores."""
        named = {"user-agent": CHROME, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.post("/v1/visit", json.dumps(body).encode(), named)

    def records(self) -> list[Record]:
        """Everything spooled so far but ticks, leases said once more, and fillers of the disk."""
        found, position = [], Position()
        while True:
            batch = read(self.config.spools / "doors-1", position)
            for payload, _ in batch.payloads:
                found += decode(payload)
            if batch.end == position:
                return [r for r in found if not isinstance(r, Tick | LeasesHeld) and not is_filler(r)]
            position = batch.end

    def fill_disk(self, size: int) -> None:
        """Make the newest segment `size` bytes long, short of one byte."""
        self.doors.spool.append(
            *(encode(Dropped(0.0, "filler", 0, host="x" * part)) for part in (700_000, size - 700_200))
        )

    async def crash(self) -> None:
        """End as SIGKILL would: nothing is written any more; the operating system lets go of the lock."""
        assert self.doors._housekeeping is not None
        self.doors._housekeeping.cancel()
        self.doors.spool.close()
        await self.client.aclose()


def is_filler(record: Record) -> bool:
    """What `fill_disk` wrote."""
    return isinstance(record, Dropped) and record.reason == "filler"


def publish_all(config: Config, *sites: PublishedSite) -> None:
    """Publish both companies with these sites, or the usual ones."""
    for published_site in sites or (STRATEGY_SITE, pool_site(), OTHER_SITE):
        publish(config.snapshots, published_site)
    for company in companies():
        publish(config.snapshots, company)


@asynccontextmanager
async def open_doors(
    folder: Path, *sites: PublishedSite, peer: str = "127.0.0.1", name: str = "doors-1", **settings: str
) -> AsyncIterator[House]:
    """A door over the state in `folder`, published as the test says, else with the usual sites."""
    config = load({"CALLSPRING_VAR": str(folder), "CALLSPRING_DOORS_URL": "https://calls.example.com", **settings})
    publish_all(config, *sites)
    clock = Clock()
    doors = Doors(config, name)
    with patch("callspring.edge.app.time", clock), patch("callspring.voice.app.time", clock):
        await doors.start()
        transport = httpx.ASGITransport(doors, client=(peer, 4321))
        async with httpx.AsyncClient(transport=transport, base_url="https://calls.example.com") as client:
            house = House(doors, config, clock, client)
            try:
                yield house
            finally:
                if not client.is_closed:
                    await doors.stop()


@dataclass
class Visitor:
    """A browser with its cookie, somewhere on a site."""

    house: House
    host: str = "pool.example"
    key: str = KEY
    token: str = ""
    page: str = ""

    async def load(self, path: str = "/", referrer: str = "", **more: Any) -> Answer:
        """Load a page, and keep the cookie if there is one in the answer."""
        body = {"key": self.key, "url": f"https://{self.host}{path}", "referrer": referrer, "token": self.token, **more}
        answer = await self.house.post_visit(body)
        self.token = answer.body.get("token", self.token)
        self.page = answer.body.get("page", self.page)
        return answer

    async def beacon(self, *events: dict[str, Any]) -> Answer:
        """Report what happened on the page."""
        body = {"key": self.key, "token": self.token, "page": self.page, "events": list(events)}
        return await self.house.post("/v1/beacon", json.dumps(body).encode(), {"user-agent": CHROME})

    async def see(self, path: str = "/", **more: Any) -> str:
        """Load a page whose number is swapped at once; the number."""
        answer = await self.load(path, **more)
        (swap,) = answer.body["swaps"]
        await self.beacon({"kind": "swapped", "places": {str(swap["scenario"]): 2}})
        return answer.number


def opened(token: str) -> list[Any]:
    """What a token holds, read without its signature."""
    found: list[Any] = msgspec.msgpack.decode(base64.urlsafe_b64decode(token + "==")[13:])
    return found
