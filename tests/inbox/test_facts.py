"""Everything known of a call, for a whole thread at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from callspring.calls.crediting import credit_call
from callspring.calls.models import Call
from callspring.ids import new_id
from callspring.inbox.facts import MOST_STEPS, CallFacts, call_facts
from callspring.numbers.models import Number
from callspring.visits.models import PageView, Visit, VisitEvent
from tests.inbox.story import InboxStory
from tests.stories import NOON

CAME = {"source": "newsletter", "medium": "email", "campaign": "first-frost", "keyword": "boiler", "channel": "email"}


class FactsStory(InboxStory):
    """A visitor who saw a pool's number, looked around, pressed the link and called."""

    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(1, title="Everyone")
        self.tracked: Number = self.scenario.numbers.get()
        self.seen = self.visit(
            at=NOON - timedelta(minutes=3),
            last_active_at=NOON + timedelta(minutes=2),
            medium="email",
            campaign="first-frost",
            keyword="boiler",
            stored_source=CAME,
            landing_url="https://shop.example/?utm_source=newsletter",
            referrer="https://mail.example/",
            ip="203.0.113.7",
            country="US",
            region="Illinois",
            city="Chicago",
            os="iOS 17",
            browser="Safari 17",
            device="mobile",
        )
        self.page(-180, "/", "Home")
        self.viewed = self.page(-60, "/boilers", "Boilers")
        self.page(90, "/prices", "Prices")
        self.press(-4)
        self.show(self.seen, self.tracked, seconds=600)

    def page(self, seconds: float, path: str, title: str, visit: Visit | None = None) -> PageView:
        at = NOON + timedelta(seconds=seconds)
        seen = visit or self.seen
        return PageView.objects.create(
            id=UUID(new_id()),
            company=seen.company,
            visit=seen.pk,
            url=f"https://shop.example{path}",
            title=title,
            started_at=at,
            last_active_at=at + timedelta(seconds=55),
        )

    def press(self, seconds: float) -> VisitEvent:
        return VisitEvent.objects.create(
            id=UUID(new_id()),
            company=self.company,
            visit=self.seen.pk,
            page_view=self.viewed.pk,
            kind="tel_click",
            name=self.tracked.e164,
            at=NOON + timedelta(seconds=seconds),
        )

    def credited(self, **changes: object) -> Call:
        call = self.arrived(**{"number": self.tracked, **changes})  # type: ignore[arg-type]
        credit_call(Call.objects.get(pk=call.pk), final=True)
        return call

    def facts(self, call: Call) -> CallFacts:
        return call_facts(self.company, [call.pk])[call.pk]


class Facts(FactsStory):
    def test_everything_known(self) -> None:
        found = self.facts(self.credited())
        expected = {
            "arrived": "newsletter / email",
            "source": "newsletter",
            "medium": "email",
            "campaign": "first-frost",
            "keyword": "boiler",
            "channel": "email",
            "landing_page": "https://shop.example/?utm_source=newsletter",
            "referrer": "https://mail.example/",
            "page_url": "https://shop.example/boilers",
            "page_title": "Boilers",
            "ip": "203.0.113.7",
            "location": "Chicago, Illinois, US",
            "os": "iOS 17",
            "browser": "Safari 17",
            "device": "mobile",
            "visit_number": self.seen.number,
            "grade": "certain",
            "scenario_name": "Everyone",
            "tracking_number": self.tracked.e164,
        }
        assert {name: getattr(found, name) for name in expected} == expected
        assert found.probability is not None
        assert 0.9 < found.probability <= 1
        assert "pressed the phone link 4 s before the call" in " ".join(found.why)

    def test_the_path_before_and_after(self) -> None:
        found = self.facts(self.credited())
        assert [(one.kind, one.title, one.seconds, one.viewed) for one in found.before] == [
            ("page_view", "Home", 55, False),
            ("page_view", "Boilers", 55, True),
            ("tel_click", "", None, False),
        ]
        assert found.before[-1].number == self.tracked.e164
        assert [(one.title, one.viewed) for one in found.after] == [("Prices", False)]
        assert (found.earlier, found.later) == (0, 0)

    def test_a_long_path_is_told_around_the_call(self) -> None:
        for number in range(150):
            self.page(-3_600 + number, f"/{number}", f"Page {number}")
        found = self.facts(self.credited())
        assert len(found.before) == MOST_STEPS
        assert [one.title for one in found.before[-3:]] == ["Home", "Boilers", ""]
        assert found.earlier == 81  # the 100 nearest pages and the press are known, 20 of them are told
        assert [one.title for one in found.after] == ["Prices"]

    def test_a_call_of_which_nothing_is_known(self) -> None:
        call = self.arrived()
        found = self.facts(call)
        assert (found.credit, found.visit, found.before, found.after) == (None, None, [], [])
        assert (found.arrived, found.source, found.ip, found.probability) == ("Unknown", "", "", None)

    def test_a_repeat_call_counts_for_the_first_ones_source(self) -> None:
        first = self.credited(at=NOON)
        again = self.credited(at=NOON + timedelta(minutes=1))
        found = self.facts(again)
        assert found.first_call is not None
        assert found.first_call.pk == first.pk
        assert found.why[0].startswith("A repeat call")

    def test_a_whole_thread_takes_as_many_queries_as_one_call(self) -> None:
        calls = [self.credited(at=NOON + timedelta(seconds=10 * number)).pk for number in range(12)]
        with CaptureQueriesContext(connection) as one:
            call_facts(self.company, calls[-1:])
        with CaptureQueriesContext(connection) as all_of_them:
            assert len(call_facts(self.company, calls)) == 12
        assert len(all_of_them) == len(one) == 10

    def test_the_outsider_is_told_nothing(self) -> None:
        call = self.credited()
        assert call_facts(self.elsewhere, [call.pk]) == {}

    def test_a_page_of_another_companys_visit_is_never_told(self) -> None:
        """Even if it had our visit's id."""
        call = self.credited()
        PageView.objects.filter(title="Home").update(company=self.elsewhere)
        assert [one.title for one in self.facts(call).before] == ["Boilers", ""]
