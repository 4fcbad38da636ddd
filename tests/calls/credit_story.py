"""A story with a pool's number that visitors see and callers dial, in the record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Credit
from callspring.ids import new_id
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.visits.models import PageView, Visit, VisitEvent
from tests.stories import NOON, Story

GOOGLE = {"source": "google", "medium": "cpc", "campaign": "drains", "channel": "paid_search"}
MAIL = {"source": "newsletter", "medium": "email", "channel": "email"}
DIRECT = {"channel": "direct"}
CALLER = "+13125550177"


class CreditStory(Story):
    """`number` is one of a pool of two."""

    scenario: Scenario
    number: Number

    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(2)
        self.number = self.scenario.numbers.order_by("pk")[0]

    def sees(
        self, at: datetime = NOON, seconds: float = 60, *, visitor: UUID | None = None,
        source: dict[str, str] | None = None, first: dict[str, str] | None = None, tapped: bool = False, **changes: Any,
    ) -> Visit:  # fmt: skip
        """Somebody comes at `at`, sees the number, and leaves after so many seconds; `first` is how they came first."""
        source = GOOGLE if source is None else source
        left = at + timedelta(seconds=seconds)
        settled: dict[str, Any] = {
            "visitor": visitor or uuid4(),
            "last_active_at": left,
            "device": "mobile",
            "stored_source": first or source,
            "is_first": first is None,
            "source": "",
            "medium": "",
            "campaign": "",
            "keyword": "",
            **source,
        }
        visit = self.visit(at=at, **(settled | changes))
        self.show(visit, self.number, last_active_at=left, until=left + timedelta(seconds=150))
        page = PageView.objects.create(
            id=UUID(new_id()), company=self.company, visit=visit.pk, url="https://shop.example/", started_at=at,
            last_active_at=left, left_at=left,
        )  # fmt: skip
        if tapped:
            VisitEvent.objects.create(
                id=UUID(new_id()), company=self.company, visit=visit.pk, page_view=page.pk, kind="tel_click",
                name=self.number.e164, at=left - timedelta(seconds=1),
            )  # fmt: skip
        return visit

    def calls_in(self, at: datetime, caller: str = CALLER, *, final: bool = True, **changes: Any) -> Call:
        """Somebody dials the number, and the call is credited."""
        call = self.call(self.number, at=at, caller=caller, **changes)
        credit_call(call, final=final)
        return call

    def credit_of(self, call: Call) -> Credit:
        """The credit in force."""
        return Credit.objects.get(call=call, current=True)


def after(seconds: float = 0, **spans: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds, **spans)
