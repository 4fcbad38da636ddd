"""Everything known of a call (I1): how the caller came, what they were viewing, where they were, what they did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from callspring.accounts.models import Company
from callspring.calls import words
from callspring.calls.candidates import CLOCK_SLACK
from callspring.calls.models import Call, Credit
from callspring.calls.path import Step, steps_around
from callspring.calls.queries import CallDetail, calls, details
from callspring.calls.reasons import why
from callspring.visits.models import PageView, Visit

MOST_STEPS = 20  # each of before and after
AT_ONCE = 100

__all__ = ["AT_ONCE", "MOST_STEPS", "CallFacts", "Step", "call_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What is known of a call, as far as it is known. Text is "" and the rest None where it is not.

    `source` and its four companions are what the call counts for; `arrived` says the same in a word or two.
    `why` are sentences on how sure that is. `before` and `after` are the path around the call, at most 20 steps each;
    `earlier` and `later` say how many more are known.
    """

    call: Call
    credit: Credit | None
    visit: Visit | None
    page_view: PageView | None
    first_call: Call | None
    why: list[str]
    before: list[Step]
    after: list[Step]
    earlier: int
    later: int

    @property
    def arrived(self) -> str:
        """What the call is credited to, for people: `google / cpc`, `Direct`, `Unknown`."""
        return words.source(self.credit)

    @property
    def location(self) -> str:
        """City, region, country of the visitor, as much as is known."""
        return words.place(self.visit) if self.visit else ""

    @property
    def source(self) -> str:
        """What the call is credited to."""
        return self.credit.source if self.credit else ""

    @property
    def medium(self) -> str:
        """The medium."""
        return self.credit.medium if self.credit else ""

    @property
    def campaign(self) -> str:
        """The campaign."""
        return self.credit.campaign if self.credit else ""

    @property
    def keyword(self) -> str:
        """The keyword."""
        return self.credit.keyword if self.credit else ""

    @property
    def channel(self) -> str:
        """The channel (`callspring.visits.touch.Channel`)."""
        return self.credit.channel if self.credit else ""

    @property
    def landing_page(self) -> str:
        """The address on which the visit began."""
        return self.visit.landing_url if self.visit else ""

    @property
    def referrer(self) -> str:
        """The page that led to the site."""
        return self.visit.referrer if self.visit else ""

    @property
    def page_url(self) -> str:
        """The page being viewed when the call was placed."""
        return self.page_view.url if self.page_view else ""

    @property
    def page_title(self) -> str:
        """Its title."""
        return self.page_view.title if self.page_view else ""

    @property
    def ip(self) -> str:
        """The visitor's address on the network."""
        return (self.visit.ip or "") if self.visit else ""

    @property
    def os(self) -> str:
        """The operating system."""
        return self.visit.os if self.visit else ""

    @property
    def browser(self) -> str:
        """The browser."""
        return self.visit.browser if self.visit else ""

    @property
    def device(self) -> str:
        """mobile, tablet, desktop or other."""
        return self.visit.device if self.visit else ""

    @property
    def visit_number(self) -> int | None:
        """The visit's number."""
        return self.credit.visit_number if self.credit else None

    @property
    def grade(self) -> str:
        """How sure the credit is (`Grade`)."""
        return self.credit.grade if self.credit else ""

    @property
    def probability(self) -> float | None:
        """From 0 to 1: that the visit made the call."""
        return self.credit.probability if self.credit else None

    @property
    def scenario_name(self) -> str:
        """The scenario whose number was called."""
        return self.call.scenario.name if self.call.scenario else ""

    @property
    def tracking_number(self) -> str:
        """The number that was called (E.164)."""
        return self.call.dialled


def call_facts(company: Company, call_ids: Iterable[UUID]) -> dict[UUID, CallFacts]:
    """The facts of these calls by their id, in a fixed number of queries; an outsider's calls are not among them."""
    wanted = list(call_ids)
    found: dict[UUID, CallFacts] = {}
    for some in (wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE)):
        known = details(company, list(calls(company).filter(pk__in=some)))
        first_calls = _first_calls(company, known)
        around = steps_around(company, {one.visit.pk: one.call.started_at for one in reversed(known) if one.visit})
        for detail in known:
            first = first_calls.get(detail.credit.first_call) if detail.credit and detail.credit.first_call else None
            path = around.get(detail.visit.pk, []) if detail.visit else []
            found[detail.call.pk] = _facts(detail, first, path)
    return found


def _first_calls(company: Company, known: Iterable[CallDetail]) -> dict[UUID, Call]:
    ids = [one.credit.first_call for one in known if one.credit and one.credit.first_call]
    return calls(company).in_bulk(ids) if ids else {}


def _facts(detail: CallDetail, first: Call | None, path: list[Step]) -> CallFacts:
    """`path` is in order of time. A press on the link comes before its call, even by a clock that is a little ahead."""
    until = detail.call.started_at + CLOCK_SLACK
    viewed = detail.page_view.pk if detail.page_view else None
    marked = [replace(step, viewed=_is(step, viewed)) for step in path]
    before = [step for step in marked if step.at <= until]
    after = [step for step in marked if step.at > until]
    return CallFacts(
        call=detail.call,
        credit=detail.credit,
        visit=detail.visit,
        page_view=detail.page_view,
        first_call=first,
        why=why(detail, first),
        before=before[-MOST_STEPS:],
        after=after[:MOST_STEPS],
        earlier=max(0, len(before) - MOST_STEPS),
        later=max(0, len(after) - MOST_STEPS),
    )


def _is(step: Step, viewed: UUID | None) -> bool:
    return step.kind == "page_view" and step.page_view == viewed
