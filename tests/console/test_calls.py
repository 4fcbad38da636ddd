"""A call's page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from callspring.calls.crediting import credit_call
from callspring.calls.models import Basis, Call, CallEvent
from callspring.ids import new_id
from callspring.visits.models import PageView, VisitEvent
from tests.console.pages import Pages, text

HTMX = {"HX-Request": "true"}


class CallPage(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.now = timezone.now().replace(microsecond=0) - timedelta(minutes=1)
        self.scenario = self.pool(2)
        self.number = self.scenario.numbers.all()[0]

    def visitor(self, minutes_ago: int, **changes: Any) -> PageView:
        """A visitor who is still on the page that the call comes from."""
        source = {
            "source": "google",
            "medium": "cpc",
            "campaign": "drains",
            "keyword": "plumber",
            "channel": "paid_search",
        }
        settled: dict[str, Any] = {
            "stored_source": source,
            "ip": "192.0.2.7",
            "city": "Oak Park",
            "os": "iOS",
            "browser": "Safari",
        }
        visit = self.visit(at=self.now - timedelta(minutes=minutes_ago), **(settled | source | changes))
        self.show(visit, self.number, seconds=3600)
        return PageView.objects.create(
            id=UUID(new_id()), company=self.company, visit=visit.pk, url="https://shop.example/drains?utm=1",
            title="Drains", started_at=visit.started_at, last_active_at=self.now,
        )  # fmt: skip

    def told(self, call: Call) -> str:
        return self.page("call", call.pk)

    def test_an_exclusive_holder(self) -> None:
        page = self.visitor(3)
        VisitEvent.objects.create(
            id=UUID(new_id()), company=self.company, visit=page.visit, page_view=page.pk, kind="tel_click",
            name=self.number.e164, at=self.now - timedelta(seconds=4),
        )  # fmt: skip
        call = self.call(self.number, at=self.now)
        credit_call(call, final=True)
        told = self.told(call)
        for said in (
            "google / cpc", "drains", "plumber", "Paid search", "Certain",
            "as good as certain that visit 1 made this call", "pressed the phone link 4 s before the call",
            "nobody else had the number since they saw it", "192.0.2.7", "Oak Park", "iOS",
            "Safari", "Drains on this page when calling", "shop.example/drains", "Pressed the phone link",
            "This call",
        ):  # fmt: skip
            assert said in told, said
        assert "utm=1" not in told
        assert "Provisional" not in told

    def test_two_holders(self) -> None:
        self.visitor(3)
        self.visitor(2, source="facebook", medium="paid")
        call = self.call(self.number, at=self.now)
        credit_call(call, final=False)
        told = self.told(call)
        assert "The visitor was looking at this number when the call came; so was 1 other visitor." in told
        assert "Which of them called cannot be told for sure." in told
        assert "Somebody who had saved the number" in told
        assert "With more numbers in the pool, each would have their own" in told
        assert "Provisional: it becomes final" in told

    def test_nobody(self) -> None:
        call = self.call(self.number, at=self.now, caller="")
        credit_call(call, final=True)
        told = self.told(call)
        assert "Withheld" in told
        assert "Nobody is known to have seen this number lately." in told

    def test_a_static_number(self) -> None:
        call = self.call(self.campaign().numbers.get(), at=self.now)
        credit_call(call, final=True)
        assert "This number is shown for “Google search” alone" in self.told(call)

    def test_a_number_no_scenario_uses(self) -> None:
        call = self.call(self.numbers(1)[0], at=self.now)
        credit_call(call, final=True)
        assert "No scenario used this number" in self.told(call)

    def test_a_repeat_call_names_the_first(self) -> None:
        first = self.call(self.number, at=self.now - timedelta(days=40))
        self.credit(first, self.visit(source="radio", channel=""), stage="final")
        visit = self.visit(at=self.now)
        call = self.call(self.number, at=self.now)
        self.credit(call, visit, basis=Basis.REPEAT, source="radio", channel="", first_call=first.pk)
        told = self.told(call)
        assert "A repeat call: this caller first called this number on" in told
        assert "credited to radio. That source stays." in told
        assert f"/calls/{first.pk}/" in self.owner.get(f"/calls/{call.pk}/").content.decode()

    def test_before_any_credit(self) -> None:
        told = self.told(self.call(self.number, at=self.now, status="ringing", duration=None))
        assert "Working it out" in told
        assert "has just come in" in told

    def test_how_the_call_went(self) -> None:
        call = self.call(self.number, at=self.now, destination="+18005550199", ended_at=self.now)
        for leg, status, second in (("business", "busy", 5), ("caller", "asked", 0)):
            at = self.now + timedelta(seconds=second)
            CallEvent.objects.create(
                id=UUID(new_id()), call=call.pk, company=self.company, leg=leg, leg_id=leg, status=status, at=at,
                received_at=at, cause="user busy" if status == "busy" else "",
            )  # fmt: skip
        told = self.told(call)
        assert told.index("The call came in") < told.index("(800) 555-0199 was busy") < told.index("Cause: user busy")

    def test_each_leg_is_named_by_who_was_rung(self) -> None:
        call = self.call(self.number, at=self.now, destination="+13122020102", ended_at=self.now)
        for second, (leg, leg_id, status, rung) in enumerate((
            ("caller", "a", "keyed", ""), ("caller", "a", "keyed", ""), ("business", "b", "ringing", "+13122020101"),
            ("business", "b", "busy", ""), ("business", "c", "answered", "+13122020102"),
            ("caller", "a", "recorded", ""),
        )):  # fmt: skip
            at = self.now + timedelta(seconds=second)
            CallEvent.objects.create(
                id=UUID(new_id()), call=call.pk, company=self.company, leg=leg, leg_id=leg_id, status=status,
                destination=rung, at=at, received_at=at,
            )  # fmt: skip
        told = self.told(call)
        assert told.count("The caller was asked for a key") == 2
        assert "(312) 202-0101 was busy" in told
        assert "(312) 202-0102 answered" in told
        assert "The caller was asked for a message" in told

    def test_the_end_of_the_talk_stands_once(self) -> None:
        call = self.call(self.number, at=self.now, destination="+18005550199", ended_at=self.now)
        for leg_id, cause, duration in (("a", "business", None), ("a", "", 61), ("b", "sip 486", 7)):
            CallEvent.objects.create(
                id=UUID(new_id()), call=call.pk, company=self.company, leg="business", leg_id=leg_id,
                status="completed", at=self.now, received_at=self.now, cause=cause, duration=duration,
            )  # fmt: skip
        told = self.told(call)
        assert told.count("The conversation ended") == 2  # two legs
        assert "The conversation ended (1 min 1 s) Cause: the business" in told
        assert "The conversation ended (7 s) Cause: sip 486" in told

    def test_it_stays_live_for_a_while_and_then_rests(self) -> None:
        call = self.call(self.number, at=self.now, status="answered", duration=None)
        html = self.owner.get(f"/calls/{call.pk}/").content.decode()
        (stamp,) = re.findall(rf'hx-get="/calls/{call.pk}/[^"]*seen=(\w+)', html)
        address = f"/calls/{call.pk}/?seen={stamp}"
        assert self.owner.get(address, headers=HTMX).status_code == 204
        Call.objects.filter(pk=call.pk).update(status="completed", duration=9, ended_at=self.now)
        assert "Answered" in text(self.owner.get(address, headers=HTMX))
        Call.objects.filter(pk=call.pk).update(ended_at=self.now - timedelta(hours=1))
        html = self.owner.get(f"/calls/{call.pk}/").content.decode()
        assert not re.search(rf'hx-get="/calls/{call.pk}/[^>]*every', html)

    def test_what_browsers_send_is_shown_as_text(self) -> None:
        page = self.visitor(3, referrer="http://[::1", landing_url="javascript:alert(1)//://x")
        PageView.objects.filter(pk=page.pk).update(title="<script>alert(1)</script>", url="http://[x/<b>")
        call = self.call(self.number, at=self.now)
        credit_call(call, final=True)
        html = self.owner.get(f"/calls/{call.pk}/").content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert 'href="javascript' not in html
