"""What the stores hold: read from the database by `python -m tests.system.stored`, once the ingester has caught up.

Nothing is asked of the servers. "Caught up" means that the watermarks in the database lie behind the last whole byte
that the spools had when the reading began.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping

import msgspec

PATIENCE = 90.0  # seconds for the ingester to catch up


class StoredVisit(msgspec.Struct, frozen=True):
    """A row of visits."""

    id: str
    number: int
    visitor: str


class StoredPage(msgspec.Struct, frozen=True):
    """A row of page views."""

    id: str
    visit: str
    url: str


class StoredShow(msgspec.Struct, frozen=True):
    """A lease or show. `number` is E.164; times are Unix seconds."""

    visit: str
    visitor: str
    number: str
    scenario: str
    overflow: bool
    confirmed: bool
    granted_at: float
    until: float


class StoredEvent(msgspec.Struct, frozen=True):
    """A site's own event."""

    name: str
    visit: str
    page: str


class StoredSignal(msgspec.Struct, frozen=True):
    """One thing that the carrier said; `call` is the carrier's name for the call, "" when there is no such call."""

    call: str
    leg: str
    status: str
    sequence: int


class StoredCall(msgspec.Struct, frozen=True):
    """A call; `credited` has, for each credit in force, the visit it names ("" for none)."""

    call: str
    status: str
    credited: list[str]


class Stored(msgspec.Struct, frozen=True):
    """The record as far as these tests look. `rejected` are the records that the ingester set aside, with why."""

    visits: list[StoredVisit]
    pages: list[StoredPage]
    shows: list[StoredShow]
    events: list[StoredEvent]
    signals: list[StoredSignal]
    calls: list[StoredCall]
    rejected: list[str]


class NotCaughtUp(AssertionError):
    """Something in a spool did not reach the database in time."""


def read_stored(environment: Mapping[str, str]) -> Stored:
    """Read the stores of the installation that `environment` names. Raises `CalledProcessError` (see its stderr)."""
    command = [sys.executable, "-m", "tests.system.stored"]
    done = subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.PIPE, timeout=PATIENCE + 60)
    return msgspec.json.decode(done.stdout, type=Stored)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callspring.back.settings")
    import django

    django.setup()
    _wait_until_ingested()
    from django.db import transaction

    with transaction.atomic():
        sys.stdout.buffer.write(msgspec.json.encode(_read()))


def _wait_until_ingested() -> None:
    from django.conf import settings

    from callspring.ingest.models import Watermark
    from callspring.stores.spool.files import segment_path, segments

    ends = {}
    for folder in settings.CONFIG.spools.iterdir():
        newest = segments(folder)[-1]
        ends[folder.name] = (newest, segment_path(folder, newest).stat().st_size)
    until = time.monotonic() + PATIENCE
    while True:
        reached = {mark.spool: (mark.segment, mark.offset) for mark in Watermark.objects.all()}
        behind = {name: end for name, end in ends.items() if reached.get(name, (0, 0)) < end}
        if not behind:
            return
        if time.monotonic() > until:
            raise NotCaughtUp(f"after {PATIENCE:g} s the ingester is at {reached}, the spools end at {ends}")
        time.sleep(0.1)


def _read() -> Stored:
    from callspring.calls.models import Call, CallEvent, Credit
    from callspring.ingest.models import Rejected
    from callspring.numbers.models import Number
    from callspring.visits.models import PageView, Show, Visit, VisitEvent

    e164 = dict(Number.objects.values_list("pk", "e164"))
    calls = dict(Call.objects.values_list("pk", "carrier_call_id"))
    credited: dict[str, list[str]] = {}
    for call, visit in Credit.objects.filter(current=True).values_list("call", "visit"):
        credited.setdefault(str(call), []).append(str(visit or ""))
    return Stored(
        visits=[StoredVisit(str(v.pk), v.number, str(v.visitor)) for v in Visit.objects.all()],
        pages=[StoredPage(str(p.pk), str(p.visit), p.url) for p in PageView.objects.all()],
        shows=[_show(show, e164) for show in Show.objects.select_related("scenario").order_by("granted_at")],
        events=[StoredEvent(e.name, str(e.visit), str(e.page_view)) for e in VisitEvent.objects.all()],
        signals=[StoredSignal(calls.get(e.call, ""), e.leg, e.status, e.sequence) for e in CallEvent.objects.all()],
        calls=[
            StoredCall(call.carrier_call_id, call.status, credited.get(str(call.pk), [])) for call in Call.objects.all()
        ],
        rejected=[f"{each.error}: {each.payload[:200]}" for each in Rejected.objects.all()],
    )


def _show(show: object, e164: dict[int, str]) -> StoredShow:
    from callspring.visits.models import Show

    assert isinstance(show, Show)
    return StoredShow(
        visit=str(show.visit),
        visitor=str(show.visitor),
        number=e164[show.number],
        scenario=show.scenario.name,
        overflow=show.overflow,
        confirmed=show.shown_at is not None,
        granted_at=show.granted_at.timestamp(),
        until=show.until.timestamp(),
    )


if __name__ == "__main__":
    main()
