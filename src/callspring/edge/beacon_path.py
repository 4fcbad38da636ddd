"""What happened on the page since it was loaded: beats, swapped places, clicks, further page views, leaving."""

from __future__ import annotations

from callspring.edge.arrival import Dropped
from callspring.edge.door import EdgeDoor
from callspring.edge.protocol import MAX_BODY, UNREADABLE, BeaconRequest, Happening, decode_beacon, encode
from callspring.edge.token import Token
from callspring.ids import new_id
from callspring.records import Beat, PageViewed, Record, Swapped, VisitorDid
from callspring.records import encode as encode_record
from callspring.stores.spool.writer import SpoolFull
from callspring.visits.address import clean
from callspring.visits.drops import Drop


async def take_beacon(door: EdgeDoor, body: bytes, now: float) -> bytes:
    """Take in one beacon; the answer's body, empty when there is nothing to say. Raises `Dropped`."""
    request = _read(body)
    company = door.snapshot.companies.get(request.key, 0)
    if not company:
        raise Dropped(Drop.UNKNOWN_COMPANY)
    token = door.seal.read(request.token, company)
    if token is None:
        raise Dropped(Drop.BAD_REQUEST, company)
    page = request.page
    records: list[Record] = []
    for happening in request.events:
        if happening.kind == "view":
            page = new_id()
        records.append(_record(token, page, happening, now))
    door.live.touch(token.visit, now)
    await _renew(door, token, request.events, now)
    _spool(door, company, records)
    return encode({"page": page}) if page != request.page else b""


def _read(body: bytes) -> BeaconRequest:
    if len(body) > MAX_BODY:
        raise Dropped(Drop.TOO_LARGE)
    try:
        return decode_beacon(body)
    except UNREADABLE as error:
        raise Dropped(Drop.BAD_REQUEST) from error


def _record(token: Token, page: str, event: Happening, now: float) -> Record:
    visit, visitor, company = token.visit, token.visitor, token.company
    match event.kind:
        case "swapped":
            return Swapped(now, visit, visitor, page, event.places)
        case "view":
            return PageViewed(page, now, company, visit, visitor, clean(event.url, 2000), clean(event.title, 300))
        case "tel_click":
            number = clean(event.number, 40)
            return VisitorDid(new_id(), now, company, visit, page, "tel_click", number, visitor=visitor)
        case "event":
            name, data = clean(event.name, 100), _clean_data(event)
            return VisitorDid(new_id(), now, company, visit, page, "custom", name, data, visitor)
        case _:
            return Beat(now, visit, visitor, page, left=event.kind == "leave")


def _clean_data(event: Happening) -> dict[str, str | int | float | bool | None]:
    """At most 20 entries; text without control characters."""
    return {
        clean(name, 100): clean(value, 500) if isinstance(value, str) else value
        for name, value in list(event.data.items())[:20]
    }


async def _renew(door: EdgeDoor, token: Token, events: list[Happening], now: float) -> None:
    """The visitor is there: their pool numbers stay held. A confirmed swap makes the lease a show (P4)."""
    site = door.snapshot.site(token.company, token.site)
    pools = [scenario for scenario, _ in token.shown.values() if site is not None and scenario in site.pools]
    if not pools:
        return
    swapped = {scenario for event in events if event.kind == "swapped" for scenario, n in event.places.items() if n}
    for pool in pools:
        if str(pool) in swapped:
            await door.leases.confirm(pool, token.visitor, now)
        await door.leases.renew(pool, token.visitor, now)


def _spool(door: EdgeDoor, company: int, records: list[Record]) -> None:
    try:
        if records:
            door.spool.append(*map(encode_record, records))
    except SpoolFull as error:
        raise Dropped(Drop.DISK_FULL, company) from error
