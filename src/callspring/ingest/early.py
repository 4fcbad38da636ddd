"""Signs of life that were read before what they are signs of: of several doors, each has a spool of its own.

A visitor's page may come from one door and report to another. Who is read first is chance, and after an outage one
spool may be hours ahead of the other; so what belongs to no visit or page yet, or to no show, waits here for that.
A sign that lengthened the show of an earlier number is put right when the later one's grant comes (`visits`), as
exactly as can be told then: the earlier hold ends with that grant, though it may have ended before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from callspring.ingest.models import EarlySign
from callspring.records import Beat, NumberGranted, PageViewed, Record, Swapped, VisitBegan, VisitorDid, decode, encode

Activity = PageViewed | Swapped | Beat | VisitorDid
KEEP = timedelta(days=1)
WAITED_FOR = (VisitBegan, NumberGranted, PageViewed)


class Early:
    """Those that waited for what a batch brings; they are to be applied with it, in the order of time."""

    def __init__(self, records: Iterable[Record]) -> None:
        visits = {one.id if isinstance(one, VisitBegan) else one.visit for one in _waited_for(records)}
        self._rows = list(EarlySign.objects.filter(visit__in=visits).order_by("at", "pk")) if visits else []
        found = [decode(row.record.encode())[0] for row in self._rows]
        self.activities = [one for one in found if isinstance(one, Activity)]  # which they all are

    def settle(self, still: Collection[Activity]) -> None:
        """Write down who waits on, or from now on; the others are forgotten."""
        waiting = {id(one) for one in still}
        kept = {id(one) for one in self.activities}
        over = [row.pk for row, one in zip(self._rows, self.activities, strict=True) if id(one) not in waiting]
        if over:
            EarlySign.objects.filter(pk__in=over).delete()
        new = (_bare(one) for one in still if id(one) not in kept)
        EarlySign.objects.bulk_create(EarlySign(visit=one.visit, at=one.at, record=encode(one).decode()) for one in new)


def forget_the_old(now: datetime) -> None:
    """What was waited for never came: a visit that is kept no longer, say, or a page that never was."""
    EarlySign.objects.filter(kept_at__lt=now - KEEP).delete()


def _bare(one: Activity) -> Activity:
    """Without what people did: that is in the record already, and only there."""
    if isinstance(one, VisitorDid):
        return replace(one, name="", data={})
    return replace(one, url="", title="") if isinstance(one, PageViewed) else one


def _waited_for(records: Iterable[Record]) -> Iterator[VisitBegan | NumberGranted | PageViewed]:
    return (one for one in records if isinstance(one, WAITED_FOR))
