"""The requests that the benchmarks send: visits as browsers send them, and carriers' signed requests."""

from __future__ import annotations

import random
import time
from base64 import b64encode
from pathlib import Path

import msgspec
from twilio.request_validator import RequestValidator

from callspring.carriers.sandbox.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from callspring.edge.token import Seal, Token
from callspring.flows.flow import Forward
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
from callspring.visits.touch import DIRECT, Opening

KEY, HOST, SECRET, TARGET = "ck_bench", "shop.example", "bench-secret", "+18005550199"
STATIC, POOL = range(1, 6), range(6, 2006)
AGENTS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0{mobile} Safari/537.36"
    for system, mobile in (
        ("Windows NT 10.0; Win64; x64", ""),
        ("Macintosh; Intel Mac OS X 10_15_7", ""),
        ("Linux; Android 14; Pixel 8", " Mobile"),
    )
    for version in range(100, 150)
]
ARRIVALS = [
    ("/", "https://www.google.com/"),
    (
        "/boilers?utm_source=facebook&utm_medium=cpc&utm_campaign=spring&fbclid=IwAR0",
        "https://l.facebook.com/",
    ),
    ("/flyer?utm_source=flyer&utm_medium=qr", ""),
    ("/", ""),
    ("/prices", "https://blog.example.org/best-plumbers-in-town"),
]


def e164(number: int) -> str:
    """A fictional number for an id."""
    return f"+1312{5_550_000 + number}"


def publish_company(folder: Path) -> None:
    """A company with five static scenarios and a pool of 2,000 numbers, as the back would publish it."""
    rules = [
        PublishedRule("web_search", (1,)),
        PublishedRule("url_parameter", (2,), name="utm_source", value="facebook"),
        PublishedRule("landing_page", (3,), value="/flyer"),
        PublishedRule("direct", (4,)),
        PublishedRule("referral", (5,), value="blog.example.org"),
        PublishedRule("always", tuple(POOL), dynamic=True),
    ]
    find = ("+18005550199", "18005550199", "8005550199")
    scenarios = tuple(
        PublishedScenario(i, (PublishedTarget(TARGET, find),), (rule,), 150, "share")
        for i, rule in enumerate(rules, start=1)
    )
    numbers = tuple(PublishedNumber(n, e164(n), f"(312) {5_550_000 + n}") for n in (*STATIC, *POOL))
    publish(folder, PublishedSite(1, 1, KEY, (HOST,), 180, scenarios, numbers))
    publish(folder, company())


def company() -> PublishedCompany:
    """The company with its numbers' routes, connected to the sandbox carrier and to Twilio."""
    routes = {e164(n): Route(n, Forward("+13125559999"), 6 if n in POOL else n) for n in (*STATIC, *POOL)}
    connections = (PublishedConnection(1, "sandbox", SECRET), PublishedConnection(2, "twilio", SECRET))
    return PublishedCompany(1, KEY, connections, routes)


def visits(count: int, secret: bytes, seed: int = 1) -> list[bytes]:
    """Page loads: three in five are new visitors of static sources, the rest hold or want a pool number.

    New pool visitors are as many as the pool has numbers, as in a pool that was sized for its traffic; the others have
    their token: half of them come back by another advertisement (a new visit), half read on in the visit under way.
    Each has the address and the user agent of the last time; new visitors come from anywhere. No two click ids are the
    same.
    """
    chance = random.Random(seed)
    seal = Seal(secret)
    requests = []
    for i in range(count):
        path, referrer = chance.choice(ARRIVALS)
        token, who = "", chance
        if i % 5 >= 3:
            path, referrer = ("/boilers?gclid=CjwKCAjw", "") if i % 5 == 3 else ("/prices", f"https://{HOST}/boilers")
            token = b64encode(seal.write(_holder(i % len(POOL)))).decode()
            who = random.Random(i % len(POOL))
        if "clid=" in path:
            path += f"{chance.getrandbits(128):032x}"
        requests.append(_visit(path, referrer, token, who))
    return requests


def _holder(index: int) -> Token:
    return Token(
        company=1,
        site=1,
        visitor=f"01900000-0000-7000-8000-{index:012d}",
        stored=DIRECT,
        referrer_host="",
        path="/",
        visit=f"01900000-0000-7000-9000-{index:012d}",
        visit_number=index + 1,
        opening=Opening(),
        seen=time.time() - 60,
        shown={TARGET: (6, POOL[index])},
    )


def _visit(path: str, referrer: str, token: str, who: random.Random) -> bytes:
    body = msgspec.json.encode(
        {
            "key": KEY,
            "url": f"https://{HOST}{path}",
            "referrer": referrer,
            "title": "Boilers, repaired today",
            "zone": "America/New_York",
            "token": token,
            "automated": False,
            "reload": False,
        }
    )
    address = f"{who.randrange(20, 200)}.{who.randrange(256)}.{who.randrange(256)}.{who.randrange(1, 255)}"
    headers = {
        "Origin": f"https://{HOST}",
        "User-Agent": who.choice(AGENTS),
        "X-Forwarded-For": address,
        "Accept": "*/*",
        "Accept-Language": "en-US,en;q=0.9",
        "Content-Type": "text/plain;charset=UTF-8",
    }
    return post("/v1/visit", headers, body)


def sandbox_calls(count: int, port: int) -> list[bytes]:
    """Questions and events, alternating, signed as the sandbox carrier signs."""
    requests = []
    stamp = str(int(time.time()))
    for i in range(count):
        endpoint = "call" if i % 2 == 0 else "events"
        body = msgspec.json.encode(
            {
                "call": f"sb_{i // 2}", "leg": "caller", "leg_id": f"sb_{i // 2}",
                "status": "ringing" if endpoint == "call" else "completed", "from": "+13125550177",
                "to": e164(1 + i % 2000), "sequence": 1 + i % 2, "duration": None, "at": time.time(), "cause": "",
            }
        )  # fmt: skip
        path = f"/voice/sandbox/1/{endpoint}"
        signature = sign(SECRET, stamp, f"http://127.0.0.1:{port}{path}", body)
        headers = {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: signature, "Content-Type": "application/json"}
        requests.append(post(path, headers, body, host=f"127.0.0.1:{port}"))
    return requests


def twilio_calls(count: int, port: int) -> list[bytes]:
    """Questions and events, alternating, as Twilio posts them."""
    from urllib.parse import urlencode

    validator = RequestValidator(SECRET)
    requests = []
    for i in range(count):
        endpoint = "call" if i % 2 == 0 else "events"
        form = {
            "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01", "CallSid": f"CA{i // 2:032x}",
            "CallStatus": "ringing" if endpoint == "call" else "completed", "Called": e164(1 + i % 2000),
            "Caller": "+13125550177", "Direction": "inbound", "From": "+13125550177", "FromCity": "CHICAGO",
            "FromCountry": "US", "FromState": "IL", "FromZip": "60601", "To": e164(1 + i % 2000), "ToCity": "CHICAGO",
            "ToCountry": "US", "ToState": "IL", "ToZip": "60601", "StirVerstat": "TN-Validation-Passed-A",
        }  # fmt: skip
        path = f"/voice/twilio/2/{endpoint}"
        signature = validator.compute_signature(f"http://127.0.0.1:{port}{path}", form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        requests.append(post(path, headers, urlencode(form).encode(), host=f"127.0.0.1:{port}"))
    return requests


def post(path: str, headers: dict[str, str], body: bytes, host: str = "calls.example") -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
