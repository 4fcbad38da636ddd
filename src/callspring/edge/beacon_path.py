"""What happened on the page since it was loaded: beats, swapped places, clicks, further page views, leaving."""

from __future__ import annotations

from collections.abc import Iterable

from callspring.edge.arrival import Dropped
from callspring.edge.door import EdgeDoor
from callspring.edge.protocol import MAX_BODY, UNREADABLE, BeaconRequest, Happening, decode_beacon, encode
from callspring.edge.token import Token
from callspring.ids import new_id
from callspring.records import Beat, Forgot, PageViewed, Record, Swapped, VisitorDid
from callspring.records import encode as encode_record
from callspring.stores.spool.writer import SpoolFull
from callspring.visits.address import clean
from callspring.visits.drops import Drop
from callspring.visits.private import FORM_EVENT, is_private


async def take_beacon(door: EdgeDoor, body: bytes, now: float) -> bytes:
    """Take in one beacon; the answer's body, empty when there is nothing to say. Raises `Dropped`."""
    request = _read(body)
    company = door.snapshot.companies.get(request.key, 0)
    if not company:
        raise Dropped(Drop.UNKNOWN_COMPANY)
    token = door.seal.read(request.token, company)
    if token is None:
        raise Dropped(Drop.BAD_REQUEST, company)
    if any(event.kind == "forget" for event in request.events):
        await _forget(door, request.key, token, now)
        return b""
    if door.events.is_over(token.visitor, now, len(request.events) or 1):
        raise Dropped(Drop.TOO_MANY, company)
    page = request.page
    lost = await _renew(door, token, request.events, now)
    records: list[Record] = []
    for happening in request.events:
        if happening.kind == "view":
            page = new_id()
        records.append(_record(token, page, happening, now, lost))
    door.live.touch(token.visit, now)
    _spool(door, company, records)
    answer: dict[str, str | bool] = {"page": page} if page != request.page else {}
    if _shows_lost(request.events, lost):
        answer["ask"] = True
    return encode(answer) if answer else b""


def _read(body: bytes) -> BeaconRequest:
    if len(body) > MAX_BODY:
        raise Dropped(Drop.TOO_LARGE)
    try:
        return decode_beacon(body)
    except UNREADABLE as error:
        raise Dropped(Drop.BAD_REQUEST) from error


def _record(token: Token, page: str, event: Happening, now: float, lost: tuple[int, ...]) -> Record:
    visit, visitor, company = token.visit, token.visitor, token.company
    match event.kind:
        case "swapped":
            return Swapped(now, visit, visitor, page, event.places, lost)
        case "view":
            url, title = clean(event.url, 2000), clean(event.title, 300)
            return PageViewed(page, now, company, visit, visitor, url, title, lost)
        case "tel_click":
            number = clean(event.number, 40)
            return VisitorDid(new_id(), now, company, visit, page, "tel_click", number, {}, visitor, lost)
        case "event":
            name, data = clean(event.name, 100), _clean_data(event)
            return VisitorDid(new_id(), now, company, visit, page, "custom", name, data, visitor, lost)
        case _:
            return Beat(now, visit, visitor, page, event.kind == "leave", lost)


def _clean_data(event: Happening) -> dict[str, str | int | float | bool | None]:
    """At most 20 entries; text without control characters. Of a form, what is nobody's business is left out (W6)."""
    is_form = clean(event.name, 100) == FORM_EVENT
    return {
        clean(name, 100): clean(value, 500) if isinstance(value, str) else value
        for name, value in list(event.data.items())[:20]
        if not (is_form and is_private(name, str(value)))
    }


async def _renew(door: EdgeDoor, token: Token, events: list[Happening], now: float) -> tuple[int, ...]:
    """The visitor is there: their pool numbers stay held. A confirmed swap makes the lease a show (P4).

    Returns the pools of which this page's number is not the visitor's any more.
    """
    site = door.snapshot.site(token.company, token.site)
    if site is None:
        return ()
    # An overflow number is nobody's lease, so it cannot be lost.
    pools = [
        (pool, number)
        for pool, number in token.shown.values()
        if pool in site.pools and number != site.pools[pool].overflow_number
    ]
    if not pools:
        return ()
    swapped = _places(event for event in events if event.kind == "swapped")
    viewed = any(event.kind == "view" for event in events)
    left = any(event.kind == "leave" for event in events)
    lost = []
    for pool, number in pools:
        if str(pool) in swapped:
            is_theirs = await door.leases.confirm(pool, token.visitor, number, now)
        else:
            is_theirs = await door.leases.renew(pool, token.visitor, number, now, viewed=viewed)
        if left and is_theirs:
            await door.leases.leave(pool, token.visitor, number, now)
        if not is_theirs:
            lost.append(pool)
    return tuple(lost)


async def _forget(door: EdgeDoor, key: str, token: Token, now: float) -> None:
    """Consent is taken back: the visitor's leases end, of all sites of the company. Nothing else is recorded."""
    _spool(door, token.company, [Forgot(now, token.visit, token.visitor)])
    pools = {pool for site in door.snapshot.sites.get(key, {}).values() for pool in site.pools}
    for pool in pools:
        await door.leases.release(pool, token.visitor)


def _shows_lost(events: list[Happening], lost: tuple[int, ...]) -> bool:
    """Whether the page shows a number that is not the visitor's any more, and stays to be told.

    A page without a place for the number loses its lease after 15 s as it should; were it told to ask, each of its
    beats would take another number.
    """
    if not lost or any(event.kind == "leave" for event in events):
        return False
    return not _places(events).isdisjoint(map(str, lost))


def _places(events: Iterable[Happening]) -> set[str]:
    """The scenarios whose numbers stand on the page, as these events tell."""
    return {scenario for event in events for scenario, count in event.places.items() if count}


def _spool(door: EdgeDoor, company: int, records: list[Record]) -> None:
    try:
        if records:
            door.spool.append(*map(encode_record, records))
    except SpoolFull as error:
        raise Dropped(Drop.DISK_FULL, company) from error
