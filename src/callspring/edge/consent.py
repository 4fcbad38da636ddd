"""Visitors who may not be known (W10): no cookie, no visitor, no lease; a count of arrivals by source and hour."""

from __future__ import annotations

from callspring.edge.arrival import Arrival
from callspring.edge.door import EdgeDoor
from callspring.edge.page_choice import decide_for_page
from callspring.edge.protocol import AnonymousAnswer, encode
from callspring.records import AnonymousVisit
from callspring.records import encode as encode_record
from callspring.scenarios.conditions import Facts
from callspring.stores.spool.writer import SpoolFull
from callspring.visits.drops import Drop

HOUR = 3600


def may_be_known(a: Arrival) -> bool:
    """What the page's consent tool says; without one, what the browser says (Global Privacy Control), then the site."""
    said = a.request.consent
    if said is None:
        return not a.site.needs_consent and a.headers.get(b"sec-gpc") != b"1"
    return said


async def count_only(door: EdgeDoor, a: Arrival) -> bytes:
    """Count the arrival, if it is one, and answer with static numbers, which say nothing about anybody."""
    touch = a.touch
    # What we set for the whole domain, the snippet cannot delete. A reverse proxy keeps the website's cookies to itself
    # (docs/guides), so behind one we cannot see whether there is something to delete, and delete it in any case.
    a.is_refused = b"callspring=" in a.headers.get(b"cookie", b"") or b"x-forwarded-host" in a.headers
    if not (a.request.reload or touch.is_internal):
        source, hour = touch.source, a.now // HOUR * HOUR
        record = AnonymousVisit(hour, a.company, a.site.id, source.source, source.medium, source.channel)
        try:
            await door.spool.append_soon(encode_record(record))
        except SpoolFull as error:
            raise a.drop(Drop.DISK_FULL) from error
    facts = Facts(touch.source, touch.referrer_host, touch.path, touch.parameters, a.location)
    decisions = decide_for_page(a, a.site.static_claims, facts, {})
    return encode(AnonymousAnswer([a.site.swap(one, one.number) for one in decisions], consent=False))
