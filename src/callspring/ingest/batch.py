"""One batch of spooled records into the record, with the watermark in the same transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from callspring.calls.models import Call, Credit
from callspring.ingest.calls import record_calls
from callspring.ingest.credits import credit
from callspring.ingest.handing_over import hand_over, hand_over_later, is_for_the_inbox
from callspring.ingest.models import Rejected, Watermark
from callspring.ingest.recordings import record_recordings
from callspring.ingest.screening import screen
from callspring.ingest.visits import moment, record_visits
from callspring.records import (
    Beat,
    CallSaid,
    NumberGranted,
    PageViewed,
    Record,
    RecordingSaid,
    Swapped,
    TextBecame,
    TextOwed,
    TextSaid,
    VisitorDid,
    decode,
    encode,
)
from callspring.stores.spool.reader import Batch, Position
from callspring.visits.models import Show

log = logging.getLogger(__name__)
Unread = tuple[bytes, Position]
# Evidence older than this when it is ingested may concern calls whose credit is final already.
LATE_SECONDS = 30.0
LATE_HOLD_SECONDS = 3600.0
MOST_LATE = 200  # calls that one batch of late signs of life may have judged again
# Of one company in a batch. Anybody can send forms, and each takes as long as thirty other events: what is more goes to
# the inbox by jobs, so that nobody's calls wait for it.
MOST_FORMS = 20
# What is wrong with a record and stays wrong. Everything else is wrong with the database (away, locked, damaged, not
# migrated yet): then the spool waits.
REFUSED = (IntegrityError, DataError, ValidationError, ValueError, OverflowError, msgspec.MsgspecError)


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch changed: how many records, and the time of the newest."""

    records: int
    reached: float


def write_batch(spool: str, batch: Batch, now: float) -> Written:
    """Write a batch. A record that the database refuses for good is set aside, and the rest goes in.

    Raises another `DatabaseError` when the database cannot take anything; what was not written is written next time.
    """
    try:
        return _write(spool, batch.payloads, batch.end, now)
    except REFUSED:
        log.exception("a batch of %s is refused; its records are tried one by one", spool)
    written = 0
    reached = 0.0
    for unread in _apart(batch):
        one = _write_or_reject(spool, unread, now)
        written, reached = written + one.records, max(reached, one.reached)
    return Written(written, reached)


def _apart(batch: Batch) -> Iterator[Unread]:
    """Each single record, also of those that stand for several; the watermark passes them with the last of them."""
    before = batch.start
    for payload, behind in batch.payloads:
        *others, last = _parts(payload)
        yield from ((other, before) for other in others)
        yield last, behind
        before = behind


def _parts(payload: bytes) -> list[bytes]:
    try:
        records = decode(payload)
    except ValueError:  # no JSON of a kind we know, or no UTF-8
        return [payload]
    return [payload] if len(records) == 1 else [encode(record) for record in records]


def _write_or_reject(spool: str, unread: Unread, now: float) -> Written:
    try:
        return _write(spool, [unread], unread[1], now)
    except REFUSED as error:
        payload, position = unread
        log.error("a record of %s is set aside: %s", spool, error)
        with transaction.atomic():
            Rejected.objects.create(
                spool=spool,
                segment=position.segment,
                offset=position.offset,
                payload=payload.decode("utf-8", "replace").replace("\x00", "\ufffd"),
                error=f"{type(error).__name__}: {error}"[:2000],
            )
            _advance(spool, position, 0.0)
        return Written(0, 0.0)


def _write(spool: str, payloads: Sequence[Unread], end: Position, now: float) -> Written:
    records = [record for payload, _ in payloads for record in decode(payload)]
    reached = max((_time(record) for record in records), default=0.0)
    with transaction.atomic():
        record_visits(records)
        write_calls([record for record in records if isinstance(record, CallSaid)])
        _record_messages(records)
        for call in _calls_with_late_evidence(records, now):
            credit(call, final=False)
        _advance(spool, end, reached)
    return Written(len(records), reached)


def write_calls(records: Sequence[CallSaid]) -> None:
    """What carriers said of calls: into the record, to the inbox, and each call is credited. Twice is once."""
    for call in record_calls(records):
        screen(call)
        hand_over(call)  # which may flag it: a flagged call is judged apart
        credit(call, final=False)


def _record_messages(records: Sequence[Record]) -> None:
    """Recordings, texts and forms, to where people read and hear them."""
    for recording in record_recordings([record for record in records if isinstance(record, RecordingSaid)]):
        hand_over(recording)
    forms: Counter[int] = Counter()
    for record in records:
        if not isinstance(record, TextSaid | TextBecame | TextOwed | VisitorDid) or not is_for_the_inbox(record):
            continue
        is_form = isinstance(record, VisitorDid)
        forms[record.company] += is_form
        too_many = is_form and forms[record.company] > MOST_FORMS
        (hand_over_later if too_many else hand_over)(record)


def _advance(spool: str, position: Position, reached: float) -> None:
    mark, _ = Watermark.objects.get_or_create(spool=spool)
    mark.segment, mark.offset = position.segment, position.offset
    mark.reached = max(mark.reached, reached)
    mark.save()


def _calls_with_late_evidence(records: Sequence[Record], now: float) -> list[Call]:
    """Calls credited before that these records may say more about: their number was held, or clicked, just then."""
    evidence = (record for record in records if isinstance(record, NumberGranted | VisitorDid))
    late = [record for record in evidence if now - record.at > LATE_SECONDS]
    calls: dict[object, Call] = {call.pk: call for call in _calls_during_late_visits(records, now)}
    for record in late:
        around = Call.objects.filter(
            company=record.company,
            started_at__gte=moment(record.at - 5),
            started_at__lte=moment(record.at + LATE_HOLD_SECONDS),
            credits__isnull=False,
        )
        if isinstance(record, NumberGranted):
            around = around.filter(number=record.number)
        calls.update((call.pk, call) for call in around.distinct())
    return list(calls.values())


def _calls_during_late_visits(records: Sequence[Record], now: float) -> list[Call]:
    """Calls credited for good whose number was on a page of which we only now hear that it was open, or left, then."""
    signs = (record for record in records if isinstance(record, PageViewed | Swapped | Beat))
    late = {UUID(record.visit): record for record in signs if now - record.at > LATE_SECONDS}
    if not late:
        return []
    first, last = (moment(pick(record.at for record in late.values())) for pick in (min, max))
    numbers = Show.objects.filter(visit__in=list(late), dynamic=True).values("number")
    final = Credit.objects.filter(current=True, stage=Credit.Stage.FINAL).values("call")
    found = Call.objects.filter(
        number__in=numbers,
        started_at__gte=first - timedelta(seconds=LATE_SECONDS),
        started_at__lte=last + timedelta(seconds=LATE_HOLD_SECONDS),
        pk__in=final,
    )
    return list(found.order_by("started_at")[:MOST_LATE])


def _time(record: Record) -> float:
    if isinstance(record, CallSaid | RecordingSaid | TextSaid | TextBecame | TextOwed):
        return record.received_at
    return record.at
