"""Missed-call alerts: to whom, when, how often, by mail and by text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from callspring.accounts.models import Membership
from callspring.calls.models import Call
from callspring.carriers.sandbox.texts import Texts
from callspring.flows.steps import WEEKDAYS
from callspring.inbox import missed
from callspring.inbox.actions import flag_call
from callspring.inbox.incoming import call_arrived
from callspring.inbox.models import AlertSent, MissedCallAlert
from callspring.jobs.models import Job
from callspring.jobs.registry import Later
from callspring.jobs.run import run_due
from callspring.numbers.models import Number
from tests.inbox.story import InboxStory, now


class Missed(InboxStory):
    def alert(self, **changes: Any) -> MissedCallAlert:
        return MissedCallAlert.objects.create(company=self.company, **({"user": self.alice} | changes))

    def misses(self, minutes_ago: float = 1, **changes: Any) -> Call:
        """A call that nobody answered."""
        at = now() - timedelta(minutes=minutes_ago)
        ended = {"status": "no-answer", "duration": None, "ended_at": at + timedelta(seconds=30)}
        return self.arrived(at, **(ended | changes))

    def work(self) -> None:
        for _ in range(3):
            Job.objects.filter(state=Job.State.QUEUED).update(run_at=now())
            run_due()

    def told(self) -> list[str]:
        self.work()
        return [str(one.subject) for one in mail.outbox if str(one.subject).startswith("Missed")]


class ByMail(Missed):
    def test_it_says_who_called_and_where_to_look(self) -> None:
        self.alert()
        call = self.misses(caller_name="REYES DANA")
        assert self.told() == ["Missed call from REYES DANA, (312) 555-0177"]
        (sent,) = mail.outbox
        assert sent.to == ["alice@example.com"]
        assert f"{settings.CONFIG.console_url}/calls/{call.pk}/" in sent.body
        assert "nobody answered" in sent.body
        assert "voicemail" not in sent.body

    def test_a_voicemail_is_mentioned(self) -> None:
        self.alert()
        call = self.misses()
        self.recording(call.pk)
        self.told()
        assert "They left a voicemail." in mail.outbox[0].body

    def test_only_of_missed_calls_that_count(self) -> None:
        self.alert()
        self.misses(status="completed", answered_at=now(), caller="+13125550101")
        self.misses(status="ringing", caller="+13125550102")
        self.misses(flag="test", caller="+13125550103")
        self.misses(minutes_ago=60 * 25, caller="+13125550104")
        flag_call(self.misses(caller="+13125550105"), "spam", self.alice)
        assert self.told() == []

    def test_not_where_somebody_answered_after_all(self) -> None:
        self.alert()
        call = self.misses()
        Call.objects.filter(pk=call.pk).update(answered_at=now(), status="completed")
        self.misses(minutes_ago=9, caller="+16175550123")
        self.arrived(now(), caller="+16175550123", answered_at=now())
        assert self.told() == [], "the report was late; the other one got through since"

    def test_once_for_a_call_however_often_it_changes(self) -> None:
        self.alert(rest_minutes=0)
        call = self.misses()
        call_arrived(call)
        self.work()
        call_arrived(call)
        assert len(self.told()) == 1

    def test_once_in_a_while_for_a_caller(self) -> None:
        self.alert(rest_minutes=30)
        self.misses()
        self.misses()
        assert len(self.told()) == 1
        AlertSent.objects.update(at=now() - timedelta(minutes=31))
        self.misses()
        self.misses(caller="+16175550123")
        assert len(self.told()) == 3

    def test_withheld_callers_are_each_somebody(self) -> None:
        self.alert()
        self.misses(caller="")
        self.misses(caller="")
        assert len(self.told()) == 2

    def test_only_the_number_that_is_meant(self) -> None:
        other = self.numbers(1)[0]
        self.alert(number=other)
        self.misses()
        assert self.told() == []
        self.misses(number=other)
        assert len(self.told()) == 1

    def test_who_left_the_company_hears_nothing(self) -> None:
        self.alert()
        self.alert(user=self.charlie)
        Membership.objects.filter(user=self.alice).delete()
        self.misses()
        assert self.told() == []

    def test_one_of_another_company_hears_nothing(self) -> None:
        MissedCallAlert.objects.create(company=self.elsewhere, user=self.charlie)
        self.misses()
        assert self.told() == []


class QuietHours(Missed):
    def at(self, when: str, **hours: Any) -> float | None:
        """Tell at this moment by the company's clock: how long to wait, None when it was told."""
        alert, call = self.alert(**hours), self.misses()
        moment = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo("America/Chicago"))
        with mock.patch.object(timezone, "now", return_value=moment):
            Call.objects.update(started_at=moment)
            try:
                missed.tell(alert.pk, str(call.pk))
            except Later as later:
                return later.seconds
        return None

    def test_inside_them_it_is_told(self) -> None:
        assert self.at("2026-03-02T08:00", start="08:00", end="18:00") is None
        assert AlertSent.objects.count() == 1

    def test_outside_it_waits_until_they_begin(self) -> None:
        wait = self.at("2026-03-02T20:00", start="08:00", end="18:00")
        assert wait == pytest.approx(12 * 3600, abs=900)
        assert AlertSent.objects.count() == 0

    def test_over_the_weekend(self) -> None:
        wait = self.at("2026-03-07T12:00", days=list(WEEKDAYS[:5]), start="08:00", end="18:00")
        assert wait == pytest.approx(44 * 3600 - 3600, abs=3600 + 900), "clocks change that Sunday"

    def test_over_midnight(self) -> None:
        assert self.at("2026-03-03T02:00", start="22:00", end="06:00") is None


class ByText(Missed):
    def texts(self) -> list[tuple[str, str]]:
        """What that phone has received: from whom, and what."""
        self.work()
        return [(text.sender, text.body) for text in Texts(settings.CONFIG.sandbox_books).to("+17735550199")]

    def test_it_leaves_once_through_the_number_that_was_called(self) -> None:
        self.alert(by_mail=False, text_to="+17735550199")
        call = self.misses()
        ((sender, said),) = self.texts()
        assert sender == self.number.e164
        assert said.startswith("Missed call from (312) 555-0177 at ")
        assert said.endswith(f"/calls/{call.pk}/")
        assert len(self.texts()) == 1
        assert not mail.outbox

    def test_where_no_number_can_text_the_mail_goes_all_the_same(self) -> None:
        Number.objects.update(can_text=False)
        self.alert(text_to="+17735550199")
        self.misses()
        assert len(self.told()) == 1
        job = Job.objects.get(kind=missed.TEXT)
        assert job.state == Job.State.FAILED
        assert "can send texts" in job.error
