"""A visitor sees a number: the steps from a page load to the answer, in order.

Each step reads what those before it put into the `Arrival` and puts something more; a step that cannot go on raises
`Dropped` with a reason from the closed list. `load_page` is the path.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable
from functools import lru_cache

import msgspec

from callspring.edge.arrival import Arrival, Dropped
from callspring.edge.carried import CARRIES, carried_token
from callspring.edge.consent import count_only, may_be_known
from callspring.edge.cookie import find_own_domain, may_share
from callspring.edge.door import EdgeDoor
from callspring.edge.page_choice import decide_for_page
from callspring.edge.page_host import host_of, page_host
from callspring.edge.protocol import MAX_BODY, UNREADABLE, VisitAnswer, decode_visit, encode
from callspring.edge.token import Token
from callspring.edge.touches import read_touch
from callspring.edge.trying import show_as
from callspring.ids import new_id
from callspring.records import Began, Granted, PageLoaded
from callspring.records import encode as encode_record
from callspring.scenarios.conditions import Facts
from callspring.scenarios.rules import Decision, decide
from callspring.stores.leases.port import OVERFLOW_NUMBER, Asker, Choice
from callspring.stores.spool.writer import SpoolFull
from callspring.visits.address import ADDRESS_LIMIT, clean
from callspring.visits.bots import is_bot, is_headless, is_prefetch
from callspring.visits.continuity import starts_new_visit
from callspring.visits.device import USER_AGENT_LIMIT, Device, device
from callspring.visits.drops import Drop
from callspring.visits.pretending import PARAMETER
from callspring.visits.touch import Channel, Opening, Source, Touch, name_of

BEAT_SECONDS = 30
NO_OPENING = Opening()
COOKIE_PART = 100  # characters of each part of the stored source
BACKSLASH, DELETE = b"\\\x7f"
PREFETCH_HEADERS = frozenset((b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"))


async def load_page(door: EdgeDoor, a: Arrival) -> bytes:
    """The whole path: the body of the answer. Raises `Dropped`.

    What few page loads need is asked for here: a call that finds nothing to do would cost every visitor.
    """
    read_request(a)
    find_site(door, a)
    if may_share(a.headers.get(b"host", b""), a.host) or b"x-forwarded-host" in a.headers:
        find_own_domain(door, a)
    if not PREFETCH_HEADERS.isdisjoint(a.headers):
        drop_prefetch(a)
    put_device(a)
    put_touch(a)
    put_location(door, a)
    if a.network and door.pages.is_over(a.network + a.request.key, a.now):
        raise a.drop(Drop.TOO_MANY)  # more than a person, an office or a mobile carrier sends
    if PARAMETER in a.request.url:
        return await show_as(door, a)
    if a.site.staff is not None:
        drop_staff(a)
    if a.request.consent is not True and not may_be_known(a):
        return await count_only(door, a)
    put_visitor(door, a)
    put_visit(door, a)
    for decision in decisions(a):
        choice = await lease(door, a, decision) if decision.rule.dynamic else _static(a, decision)
        show(a, decision, choice)
    a.token.shown = a.shown
    await spool(door, a)
    return answer(door, a)


def read_request(a: Arrival) -> None:
    """The body is what the snippet sends, or it is refused."""
    if len(a.body) > MAX_BODY:
        raise Dropped(Drop.TOO_LARGE)
    try:
        request = a.request = decode_visit(a.body)
    except UNREADABLE as error:
        raise Dropped(Drop.BAD_REQUEST) from error
    if _may_be_unprintable(a.body):
        request.url = clean(request.url, ADDRESS_LIMIT)
        request.referrer = clean(request.referrer, ADDRESS_LIMIT)
        request.title = clean(request.title, 300)
        request.zone = clean(request.zone, 64)
    request.title = request.title[:300]


def _may_be_unprintable(body: bytes) -> bool:
    """Whether texts of this JSON can have unwanted characters: of ASCII's, only DEL may stand there unescaped."""
    return BACKSLASH in body or DELETE in body or not body.isascii()


def find_site(door: EdgeDoor, a: Arrival) -> None:
    """The company by its key, the site by the page's host; a browser's `Origin` must not tell another story."""
    key = a.request.key
    a.company = door.snapshot.companies.get(key, 0)
    a.host = page_host(a.request.url)
    if not a.company:
        raise Dropped(Drop.UNKNOWN_COMPANY)
    site = door.snapshot.sites.get(key, {}).get(a.host)
    if site is None:
        raise a.drop(Drop.UNKNOWN_HOST)
    origin = a.headers.get(b"origin")
    if origin is not None and host_of(origin.decode("latin-1")) != a.host:
        raise a.drop(Drop.ORIGIN_MISMATCH)
    a.site = site


def drop_prefetch(a: Arrival) -> None:
    """Pages loaded before anybody looks at them take no number and count as nothing."""
    if is_prefetch({name.decode(): a.header(name) for name in PREFETCH_HEADERS}):
        raise a.drop(Drop.PREFETCH)


def put_device(a: Arrival) -> None:
    """Operating system, browser and kind of device. Robots take no number and count as nothing."""
    headers = a.headers
    brands = headers.get(b"sec-ch-ua", b"")[:USER_AGENT_LIMIT]
    found = _persons_device(headers.get(b"user-agent", b"")[:USER_AGENT_LIMIT], brands)
    if found is None or a.request.automated:
        raise a.drop(Drop.BOT)
    a.device = found


# Looking both up takes a quarter of a millisecond, and most visitors have one of a few hundred user agents. Whoever
# sends ever new ones pushes out others but does not make it grow.
@lru_cache(maxsize=4096)
def _persons_device(user_agent: bytes, brands: bytes = b"") -> Device | None:
    """The device behind a user agent, None for a program. `brands`: Sec-CH-UA, which programs forget to invent."""
    text = user_agent.decode("latin-1")
    return None if is_bot(text) or is_headless(brands.decode("latin-1")) else device(text)


def put_touch(a: Arrival) -> None:
    """Source, medium, campaign, keyword and channel, from the landing address, referrer and click ids."""
    a.touch = read_touch(a.request.url, a.request.referrer, a.site.own_hosts)


def put_location(door: EdgeDoor, a: Arrival) -> None:
    """The visitor's address, as far as trusted proxies tell it, and where that is."""
    a.ip, a.location, a.network = door.whereabouts.find(a.peer, a.headers.get(b"x-forwarded-for", b""))


def drop_staff(a: Arrival) -> None:
    """The company's own people take no number and count as nothing."""
    if a.site.staff is not None and a.ip in a.site.staff:
        raise a.drop(Drop.STAFF)


def put_visitor(door: EdgeDoor, a: Arrival) -> None:
    """Who it is, by the signed token; somebody new otherwise, whose source is stored from now on (W5)."""
    request = a.request
    token = door.seal.read(request.token, a.company)
    if token is None and CARRIES in request.url:
        token = carried_token(door, a)
    a.is_first = token is None
    a.token = token or _first_token(a)


def put_visit(door: EdgeDoor, a: Arrival) -> None:
    """The visit this page view belongs to; a new one gets the company's next visit number (C9)."""
    token, now = a.token, a.now
    a.new_visit = a.is_first or _begins_another(door, a)
    if a.new_visit:
        _begin_visit(door, a)
    else:
        door.live.touch(token.visit, now)  # a new visit's token says so itself, and there is no older one
    token.site = a.site.id
    token.seen = now
    a.page = new_id()


def _begins_another(door: EdgeDoor, a: Arrival) -> bool:
    token = a.token
    seen = max(token.seen, door.live.last_activity(token.visit))
    return starts_new_visit(seen, a.now, token.opening, a.touch, reload=a.request.reload)


def _begin_visit(door: EdgeDoor, a: Arrival) -> None:
    token, touch, place, client = a.token, a.touch, a.location, a.device
    try:
        token.visit_number = door.visit_numbers.next(a.company)
    except OSError as error:
        raise a.drop(Drop.DISK_FULL) from error
    token.visit = new_id()
    token.opening = touch.opening
    if a.site.newest_source and not a.is_first and touch.source.channel != Channel.DIRECT:
        _store_newest(a)
    a.began = Began(
        token.visit_number, a.is_first, a.request.referrer[:2000], touch.source, token.stored, touch.click_ids,
        a.ip, place.country, place.region, place.city, client.os, client.browser, client.kind, a.request.zone,
    )  # fmt: skip


def _store_newest(a: Arrival) -> None:
    """The company has the newest source decide. Numbers are chosen anew; a pool still prefers the visitor's own."""
    token, touch = a.token, a.touch
    token.stored, token.referrer_host, token.path = _short(touch.source), _sender(touch), touch.path[:300]
    a.own_numbers, token.shown = dict(token.shown.values()), {}


def decisions(a: Arrival) -> list[Decision]:
    """Which scenarios' numbers this visitor sees, and in place of what."""
    token, claims = a.token, a.site.claims
    facts = Facts(token.stored, token.referrer_host, token.path, a.touch.parameters, a.location)
    if a.request.scenarios is None and not a.request.prefix:
        return decide(claims, facts, token.shown)
    return decide_for_page(a, claims, facts, token.shown)


def lease(door: EdgeDoor, a: Arrival, decision: Decision) -> Awaitable[Choice]:
    """The pool's choice for this visitor."""
    token, own, pool = a.token, decision.own, a.site.pools[decision.scenario.id]
    if a.own_numbers:
        own = own or a.own_numbers.get(decision.scenario.id, 0)
    if own and own == pool.overflow_number and not a.new_visit:
        return _still_shown(own)
    asker = Asker(token.visitor, token.visit, name_of(token.stored), own, a.device.kind)
    return door.leases.lease(pool, asker, a.now)


async def _still_shown(number: int) -> Choice:
    """Who is shown the overflow number keeps it while the visit lasts: a number does not change from page to page."""
    return Choice(number, OVERFLOW_NUMBER, fresh=False, overflow=True)


def show(a: Arrival, decision: Decision, choice: Choice) -> None:
    """Put the number among the swaps; record it where it is news."""
    scenario, number = decision.scenario, choice.number
    if number:
        shown = a.shown[str(scenario.id)] = scenario.id, number
        swap = a.site.swaps.get(shown) if decision.targets is scenario.targets else None
        a.swaps.append(a.site.swap(decision, number) if swap is None else swap)
    if choice.fresh and (number or a.new_visit):  # to be left without a number is news once in a visit
        a.granted.append(
            Granted(scenario.id, number, decision.rule.dynamic, choice.reason, scenario.hold, choice.overflow)
        )


def _static(a: Arrival, decision: Decision) -> Choice:
    """A static number is news in each visit, and where another one was shown before."""
    return Choice(decision.number, decision.reason, a.new_visit or decision.own != decision.number)


async def spool(door: EdgeDoor, a: Arrival) -> None:
    """All that this page load means, in one record, before the answer leaves. A full disk leaves the page's number."""
    token, request = a.token, a.request
    record = PageLoaded(
        a.now, a.company, a.site.id, token.visit, token.visitor, a.page, request.url[:2000], request.title,
        a.began, a.granted, name_of(token.stored),
    )  # fmt: skip
    try:
        await door.spool.append_soon(encode_record(record))
    except SpoolFull as error:
        raise a.drop(Drop.DISK_FULL) from error


def answer(door: EdgeDoor, a: Arrival) -> bytes:
    """What the snippet is told."""
    token, sealed = a.token, door.seal.write(a.token)
    said = VisitAnswer(sealed, token.visit_number, a.page, a.swaps, BEAT_SECONDS, a.site.cookie_days)
    if a.own_domain:
        a.cookie = b64encode(sealed).decode()
        said.kept = True
    if a.site.takes_forms:
        said.forms = True
    if a.site.others:  # the snippet's own cookie is of one host; the one that we set is of the whole domain
        others = a.site.other_domains if a.own_domain else a.site.others
        said.domains = others.get(a.host, msgspec.UNSET)
    return encode(said)


def _first_token(a: Arrival) -> Token:
    touch = a.touch
    return Token(
        a.company, a.site.id, new_id(), _short(touch.source), _sender(touch), touch.path[:300],
        "", 0, NO_OPENING, a.now, {},  # put_visit fills in what belongs to the visit
    )  # fmt: skip


def _sender(touch: Touch) -> str:
    """The referring host, "" for the company's own domain, which is never a referral (C4)."""
    return "" if touch.referrer_is_own else touch.referrer_host[:100]


def _short(source: Source) -> Source:
    """What a cookie can hold, also in scripts of three bytes a letter: browsers drop those above 4,096 bytes."""
    n = COOKIE_PART
    if len(source.source) + len(source.medium) + len(source.campaign) + len(source.keyword) <= n:
        return source
    return Source(source.source[:n], source.medium[:n], source.campaign[:n], source.keyword[:n], source.channel)
