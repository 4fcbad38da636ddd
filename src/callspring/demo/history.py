"""Invented visits and calls of the last days for the demo company, lived through the real doors at a simulated clock.

Nothing is written into tables: visitors load pages and send beacons, the sandbox carrier signs its requests, and the
doors spool what they would have spooled then. The ingester does the rest.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from callspring.carriers.contract import CarrierRequest
from callspring.carriers.sandbox.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from callspring.config import Config
from callspring.doors.app import Doors
from callspring.edge.arrival import Arrival
from callspring.edge.beacon_path import take_beacon
from callspring.edge.visit_path import load_page
from callspring.stores.snapshot.published import PublishedConnection
from callspring.voice.call_path import Address, take_call

SPOOL = "demo-history"
# How busy each hour of the day is, midnight first.
RHYTHM = (1, 1, 1, 1, 1, 2, 5, 9, 12, 12, 11, 10, 9, 9, 10, 10, 9, 9, 8, 7, 6, 4, 3, 2)
WEEKEND = 0.55
CALL_SHARE = 0.09
ARRIVALS = (
    (30, "/", "https://www.google.com/"),
    (16, "/services?gclid=CjwKCAjwdemo", "https://www.google.com/"),
    (14, "/?utm_source=facebook&utm_medium=paid_social&utm_campaign=autumn-boilers", "https://l.facebook.com/"),
    (18, "/", ""),
    (7, "/flyer?utm_source=flyer&utm_medium=qr", ""),
    (6, "/services", "https://lakeside-living.example/plumbers-we-trust"),
    (6, "/prices?utm_source=newsletter&utm_medium=email&utm_campaign=first-frost", ""),
    (3, "/emergency?utm_source=radio&utm_medium=audio&utm_campaign=morning-show", ""),
)
PAGES = (("/services", "Services"), ("/prices", "Prices"), ("/emergency", "Emergency"), ("/contact", "Contact"))
AGENTS = tuple(
    f"Mozilla/5.0 ({system}) {engine}"
    for system, engine in (
        (
            "iPhone; CPU iPhone OS 18_5 like Mac OS X",
            "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        ),
        ("Linux; Android 15; Pixel 9", "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"),
        ("Windows NT 10.0; Win64; x64", "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"),
        ("Macintosh; Intel Mac OS X 10_15_7", "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"),
        ("Windows NT 10.0; Win64; x64; rv:143.0", "Gecko/20100101 Firefox/143.0"),
    )
)
ADDRESSES = ("73.{}.{}.{}", "98.{}.{}.{}", "24.{}.{}.{}", "66.{}.{}.{}")
Act = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class _Person:
    """One visitor: how they arrive, and what the edge answered."""

    path: str
    referrer: str
    agent: str
    address: str
    caller: str
    token: str = ""
    page: str = ""
    number: str = ""
    scenario: str = ""


class History:
    """Lives `days` days up to `now` (Unix seconds), the same ones for the same `seed`."""

    def __init__(self, config: Config, company_key: str, zone: str, *, days: int, now: float, seed: int = 7) -> None:
        self._doors = Doors(config, SPOOL)
        self._doors.snapshot.refresh()
        self._key = company_key
        self._shop = config.shop_url
        self._base = config.doors_url
        self._chance = random.Random(seed)  # noqa: S311 - invented traffic, not secrets
        self._zone = ZoneInfo(zone)
        self._now = now
        self._days = days
        self._calls = count(1)
        self._queue: list[tuple[float, int, Act]] = []
        self._order = count()
        self.visits = self.calls = 0

    async def live(self) -> None:
        """Let everything happen in the order of its time."""
        for at in self._arrivals():
            self._at(at, self._someone())
        while self._queue:
            at, _, act = heapq.heappop(self._queue)
            if at < self._now:
                await act(at)
        await self._doors.stop()

    def _arrivals(self) -> Iterator[float]:
        """Times of arrival, by the hours of the company's own day."""
        today = datetime.fromtimestamp(self._now, self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for back in range(self._days - 1, -1, -1):
            day = today - timedelta(days=back)
            share = WEEKEND if day.weekday() >= 5 else 1.0
            for hour, busy in enumerate(RHYTHM):
                for _ in range(round(busy * share * self._chance.uniform(0.2, 1.0))):
                    yield (day + timedelta(hours=hour, seconds=self._chance.uniform(0, 3600))).timestamp()

    def _someone(self) -> Act:
        weights = [weight for weight, _, _ in ARRIVALS]
        _, path, referrer = self._chance.choices(ARRIVALS, weights)[0]
        parts = (self._chance.randrange(1, 250) for _ in range(3))
        person = _Person(
            path=path,
            referrer=referrer,
            agent=self._chance.choices(AGENTS, (32, 22, 24, 14, 8))[0],
            address=self._chance.choice(ADDRESSES).format(*parts),
            caller=f"+1{self._chance.choice(('312', '773', '708', '847'))}55501{self._chance.randrange(100):02d}",
        )
        return lambda at: self._arrive(person, at)

    async def _arrive(self, person: _Person, at: float) -> None:
        await self._load(person, person.path, "Harbor & Pine Plumbing", person.referrer, at)
        if not person.number:
            return
        self.visits += 1
        for _ in range(self._chance.choices((0, 1, 2, 3), (45, 25, 20, 10))[0]):
            path, title = self._chance.choice(PAGES)
            at += self._chance.expovariate(1 / 40) + 3
            self._at(at, self._loading(person, path, title))
        at += self._chance.expovariate(1 / 45) + 5
        if self._chance.random() < CALL_SHARE:
            clicks = "Mobi" in person.agent
            self._at(at, lambda now: self._call(person, now, clicks=clicks))
            at += self._chance.uniform(20, 90)
        self._at(at, lambda now: self._beacon(person, now, {"kind": "leave"}))

    def _loading(self, person: _Person, path: str, title: str) -> Act:
        return lambda now: self._load(person, path, f"{title} · Harbor & Pine Plumbing", self._shop + "/", now)

    async def _load(self, person: _Person, path: str, title: str, referrer: str, at: float) -> None:
        request = {
            "key": self._key, "url": self._shop + path, "referrer": referrer, "title": title,
            "zone": "America/Chicago", "token": person.token,
        }  # fmt: skip
        headers = {b"user-agent": person.agent.encode(), b"origin": self._shop.encode()}
        arrival = Arrival(msgspec.json.encode(request), headers, person.address, at)
        answer = msgspec.json.decode(await load_page(self._doors.edge, arrival))
        person.token, person.page = answer["token"], answer["page"]
        for swap in answer["swaps"]:
            person.number, person.scenario = swap["number"], str(swap["scenario"])
            await self._beacon(person, at + 0.2, {"kind": "swapped", "places": {person.scenario: 4}})

    async def _beacon(self, person: _Person, at: float, event: dict[str, object]) -> None:
        body = {"key": self._key, "token": person.token, "page": person.page, "events": [event]}
        await take_beacon(self._doors.edge, msgspec.json.encode(body), at)

    async def _call(self, person: _Person, at: float, *, clicks: bool) -> None:
        if clicks:
            await self._beacon(person, at - 3, {"kind": "tel_click", "number": person.number})
        self.calls += 1
        call, talk = f"sb_history_{next(self._calls)}", round(self._chance.lognormvariate(4.6, 0.8))
        outcome = self._chance.choices(("completed", "no-answer", "busy"), (84, 12, 4))[0]
        rang = self._chance.uniform(4, 14) if outcome == "completed" else 25
        await self._say(person, call, "call", "caller", "ringing", 1, at)
        if outcome == "completed":
            await self._say(person, call, "events", "business", "answered", 2, at + rang)
        spoke = talk if outcome == "completed" else None
        end = at + rang + (spoke or 0)
        await self._say(person, call, "events", "business", outcome, 3, end, spoke)
        await self._say(person, call, "events", "caller", "completed", 4, end + 0.3, spoke)

    async def _say(
        self, person: _Person, call: str, endpoint: str, leg: str, status: str, sequence: int, at: float,
        duration: int | None = None,
    ) -> None:  # fmt: skip
        connection = self._connection()
        url = f"{self._base}/voice/sandbox/{connection.id}/{endpoint}"
        said = {
            "call": call, "leg": leg, "leg_id": call if leg == "caller" else f"{call}_b", "status": status,
            "from": person.caller, "to": person.number, "sequence": sequence, "duration": duration, "at": at,
            "cause": "",
        }  # fmt: skip
        body, stamp = msgspec.json.encode(said), str(int(at))
        headers = {
            TIMESTAMP_HEADER.lower(): stamp,
            SIGNATURE_HEADER.lower(): sign(connection.secret, stamp, url, body),
            "host": urlsplit(self._base).netloc,
        }
        request = CarrierRequest("POST", url, headers, body)
        await take_call(self._doors.voice, Address("sandbox", str(connection.id), endpoint), request, at)

    def _connection(self) -> PublishedConnection:
        known = self._doors.snapshot.connections.values()
        return next(one for one, company in known if company.key == self._key and one.carrier == "sandbox")

    def _at(self, at: float, act: Act) -> None:
        heapq.heappush(self._queue, (at, next(self._order), act))


def live_history(config: Config, company_key: str, zone: str, *, days: int, now: float) -> tuple[int, int]:
    """Live it; returns how many visits and calls there were. Raises `SpoolBusy` when another is being lived."""
    history = History(config, company_key, zone, days=days, now=now)
    asyncio.run(history.live())
    return history.visits, history.calls
