"""Everything a call's page tells, gathered and put into plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from callspring.accounts.models import Company
from callspring.calls import reasons
from callspring.calls.attribution import SHARING, Model
from callspring.calls.candidates import source_of
from callspring.calls.credit import grade_of
from callspring.calls.models import Basis, Call, CallEvent, Correction, Credit, CreditShare, Recording
from callspring.calls.queries import CallDetail, call_detail, calls
from callspring.calls.timeline import Moment, visit_timeline
from callspring.calls.touches import own
from callspring.carriers.contract import Leg, Status
from callspring.stores.leases.port import OVERFLOW_NUMBER
from callspring.visits.models import PageView, Show, Visit
from callspring.visits.touch import Source

EARLIER = 5  # earlier visits and other calls that are listed
MOST_MOMENTS = 300
SUSPECTS = 6
MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Suspect:
    """One candidate for whom the call is credited to."""

    visit_id: str
    visit_number: int
    probability: float
    why: list[str]
    visit: Visit | None
    source: Source | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `length` is how long a page was open (seconds); `viewed` marks the page of the call."""

    moment: Moment
    length: float | None
    viewed: bool
    this_call: bool


@dataclass(frozen=True, slots=True)
class Story:
    """The call's page. `fainter` candidates are not among the suspects, who are the likeliest; `words` is what people
    said about whose call it was, the newest first."""

    detail: CallDetail
    events: list[CallEvent]
    why: list[str]
    surer: str
    suspects: list[Suspect]
    fainter: int
    stranger: float | None
    shares: list[CreditShare]
    words: list[str]
    timeline: list[Entry]
    earlier_visits: list[Visit]
    other_calls: list[Call]
    first_call: Call | None
    recordings: list[Recording]

    @property
    def call(self) -> Call:
        """The call itself."""
        return self.detail.call

    @property
    def credit(self) -> Credit | None:
        """The credit in force."""
        return self.detail.credit

    @property
    def ranked(self) -> list[Suspect | None]:
        """The suspects with None among them, likeliest first: None is somebody who was not seen."""
        unseen = self.stranger or 0.0
        likelier: list[Suspect | None] = [one for one in self.suspects if one.probability >= unseen]
        return [*likelier, None, *(one for one in self.suspects if one.probability < unseen)]

    @property
    def viewing(self) -> bool:
        """Whether the visitor was still on the page when the call came; also where nothing else is known."""
        if self.credit is None:
            return True
        chosen = [one for one in self.credit.candidates if one["visit"] == str(self.credit.visit)]
        return not any(each["kind"] == "left" for one in chosen for each in one["evidence"])

    @property
    def source_grade(self) -> str:
        """How sure the source is, where that differs from the visit; "" else."""
        credit = self.credit
        if credit is None or credit.source_probability is None or credit.basis == Basis.STATIC:
            return ""
        found = grade_of(credit.source_probability)
        return "" if found == credit.grade else found

    @property
    def stamp(self) -> str:
        """Changes when anything on the page would look different."""
        seen: list[object] = [self.call.status, self.call.duration, self.call.flag, self.credit and self.credit.pk]
        seen += self.words
        seen += [(one.pk, one.state) for one in self.recordings]
        seen += [(event.pk, event.duration, event.cause) for event in self.events]
        seen += [call.pk for call in self.other_calls]
        seen += [(entry.moment.at, entry.moment.kind, entry.length) for entry in self.timeline]
        return blake2b(repr(seen).encode(), digest_size=8).hexdigest()


def story(company: Company, call_id: UUID) -> Story | None:
    """The page of one call; None for an outsider's."""
    detail = call_detail(company, call_id)
    if detail is None:
        return None
    call, credit, visit = detail.call, detail.credit, detail.visit
    first = calls(company).filter(pk=credit.first_call).first() if credit and credit.first_call else None
    suspects = _suspects(company, credit)
    return Story(
        detail=detail,
        events=naming(once(_events(company, call)), call.destination),
        why=reasons.why(detail, first, overflow=_came_too_late(detail)),
        surer=reasons.surer(detail),
        suspects=suspects[:SUSPECTS],
        fainter=len(suspects[SUSPECTS:]),
        stranger=_stranger(credit) if suspects else None,
        shares=sorted(credit.shares.all(), key=lambda share: -share.weight) if credit else [],
        words=[reasons.said_by(one) for one in _words(company, call)],
        timeline=_timeline(company, detail, visit.pk) if visit else [],
        earlier_visits=_earlier(company, visit) if visit else [],
        other_calls=_other_calls(company, call),
        first_call=first,
        recordings=_recordings(company, call),
    )


def _events(company: Company, call: Call) -> QuerySet[CallEvent]:
    return CallEvent.objects.filter(company=company, call=call.pk).order_by("at", "sequence", "received_at")


def once(events: Iterable[CallEvent]) -> list[CallEvent]:
    """One event per leg and status: carriers report the end of a talk twice, and each may know what the other lacks.

    The first stays, with the length and the cause of whichever tells them.
    """
    found: dict[tuple[str, str, str], CallEvent] = {}
    for event in events:
        again = str(event.pk) if event.status == Status.KEYED else ""  # each key is one of its own
        first = found.setdefault((event.leg, event.leg_id, event.status + again), event)
        first.duration = first.duration if first.duration is not None else event.duration
        first.cause = first.cause or event.cause
    return list(found.values())


def naming(events: list[CallEvent], only: str) -> list[CallEvent]:
    """Who each of the business's legs rang, as any event of that leg says it; `only` where none of the call does."""
    business = [event for event in events if event.leg == Leg.BUSINESS]
    rung = {event.leg_id: event.destination for event in business if event.destination}
    for event in business:
        event.destination = event.destination or (rung.get(event.leg_id, "") if rung else only)
    return events


def _recordings(company: Company, call: Call) -> list[Recording]:
    """What there is to hear of the call; that nothing was recorded is worth no word here."""
    found = Recording.objects.filter(company=company, call=call.pk).exclude(state=Recording.State.ABSENT)
    return list(found.order_by("recorded_at", "pk"))


def _stranger(credit: Credit | None) -> float | None:
    """What is left for somebody who had saved the number."""
    if credit is None:
        return None
    chances: list[float] = [one["probability"] for one in credit.candidates]
    return max(0.0, 1 - sum(chances)) if credit.stranger is None else credit.stranger


def _words(company: Company, call: Call) -> QuerySet[Correction]:
    said = Correction.objects.filter(company=company, call=call.pk).select_related("by")
    return said.order_by("-at", "-pk")[:MOST_WORDS]


def _suspects(company: Company, credit: Credit | None) -> list[Suspect]:
    candidates: Sequence[dict[str, Any]] = credit.candidates if credit else []
    visits = Visit.objects.filter(company=company).in_bulk([UUID(one["visit"]) for one in candidates])
    model = Model(credit.model) if credit else Model.FIRST
    return [
        Suspect(
            visit_id=one["visit"],
            visit_number=one["visit_number"],
            probability=one["probability"],
            why=reasons.evidence_in_words(one["evidence"]),
            visit=visits.get(UUID(one["visit"])),
            source=_came_by(visits.get(UUID(one["visit"])), model),
            chosen=bool(credit and credit.visit == UUID(one["visit"])),
        )
        for one in candidates
    ]


def _came_by(visit: Visit | None, model: Model) -> Source | None:
    """What a visit stands for; where its call would be shared between the ways they came, how they came this time."""
    if visit is None:
        return None
    return own(visit) if model in SHARING else source_of(visit, model)


def _came_too_late(detail: CallDetail) -> bool:
    """Whether the visitor saw the dialled number because all others were held."""
    credit, number = detail.credit, detail.call.number_id
    if credit is None or credit.visit is None or number is None:
        return False
    seen = Show.objects.filter(company=credit.company_id, visit=credit.visit, number=number, reason=OVERFLOW_NUMBER)
    return seen.exists()


def _timeline(company: Company, detail: CallDetail, visit_id: UUID) -> list[Entry]:
    moments = visit_timeline(company, visit_id)[:MOST_MOMENTS]
    return [_entry(moment, detail) for moment in moments]


def _entry(moment: Moment, detail: CallDetail) -> Entry:
    subject = moment.subject
    length = None
    if isinstance(subject, PageView):
        length = _seconds(subject.started_at, subject.left_at or subject.last_active_at)
    viewed = detail.page_view is not None and subject == detail.page_view
    return Entry(moment, length, viewed, subject == detail.call)


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def _earlier(company: Company, visit: Visit) -> list[Visit]:
    before = Visit.objects.filter(company=company, visitor=visit.visitor, started_at__lt=visit.started_at)
    return list(before.order_by("-started_at")[:EARLIER])


def _other_calls(company: Company, call: Call) -> list[Call]:
    if not call.caller:
        return []
    return list(calls(company).filter(caller=call.caller).exclude(pk=call.pk)[:EARLIER])
