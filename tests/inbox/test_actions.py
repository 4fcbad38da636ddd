"""What people do in the inbox, who may not, and what it changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Credit, FirstCall, Flag
from callspring.inbox import actions, queries
from callspring.inbox.actions import CannotReply
from callspring.inbox.incoming import text_arrived
from callspring.inbox.models import Message, Thread
from callspring.jobs.run import run_due
from callspring.numbers.models import Number
from callspring.reports.periods import last_days
from callspring.reports.queries import by_source, totals, trend
from callspring.reports.scenarios import scenario_rows
from tests.inbox.story import HOSTILE, InboxStory, now
from tests.stories import NOON

LATER = NOON + timedelta(hours=1)


class Reading(InboxStory):
    def setUp(self) -> None:
        super().setUp()
        self.arrived(now())

    def unread(self) -> tuple[bool, bool]:
        """For Alice, for Bob."""
        found = [self.listed(user=user)[0] for user in (self.alice, self.bob)]
        return found[0].unread, found[1].unread  # type: ignore[attr-defined]

    def test_each_person_reads_for_themselves(self) -> None:
        assert self.unread() == (True, True)
        actions.mark_read(self.thread(), self.alice)
        assert self.unread() == (False, True)

    def test_what_comes_later_is_unread_and_what_we_write_is_not(self) -> None:
        actions.mark_read(self.thread(), self.alice)
        actions.add_note(self.thread(), self.bob, "Calls every day.")
        assert self.unread()[0] is False
        text_arrived(self.text(at=now() + timedelta(seconds=1)))
        assert self.unread()[0] is True

    def test_an_older_tab_takes_nothing_back(self) -> None:
        before = self.thread()
        text_arrived(self.text(at=now() + timedelta(seconds=1)))
        actions.mark_read(self.thread(), self.alice)
        actions.mark_read(before, self.alice)
        assert self.unread()[0] is False

    def test_reading_what_was_loaded_before_a_text_came_leaves_the_text_unread(self) -> None:
        before = self.thread()
        text_arrived(self.text(at=now() + timedelta(seconds=1)))
        actions.mark_read(before, self.alice)
        assert self.unread()[0] is True

    def test_unread_again(self) -> None:
        actions.mark_read(self.thread(), self.alice)
        actions.mark_unread(self.thread(), self.alice)
        assert self.unread() == (True, True)

    def test_who_comes_later_has_not_missed_everything_before(self) -> None:
        self.arrived(NOON, caller="+13125550101")
        assert [one.unread for one in self.listed()] == [True, False]  # type: ignore[attr-defined]
        actions.mark_unread(self.thread("+13125550101"), self.alice)
        assert queries.counts(self.company, self.alice).unread == 2


class Outsiders(InboxStory):
    def test_charlie_does_nothing_in_a_thread_of_alice(self) -> None:
        self.arrived()
        thread = self.thread()
        for deed in (
            lambda: actions.mark_read(thread, self.charlie),
            lambda: actions.mark_unread(thread, self.charlie),
            lambda: actions.assign(thread, self.charlie),
            lambda: actions.add_note(thread, self.charlie, "hello"),
            lambda: actions.reply(thread, self.charlie, "hello"),
        ):
            with pytest.raises(ValueError, match="does not belong to this company"):
                deed()
        assert thread.messages.count() == 1
        assert Thread.objects.get().assigned_to is None

    def test_flags_stay_in_the_company(self) -> None:
        mine = self.arrived()
        theirs = self.arrived(number=self.numbers(1, self.elsewhere)[0])
        actions.flag_thread(self.thread(), Flag.SPAM)
        assert [Call.objects.get(pk=one.pk).flag for one in (mine, theirs)] == ["spam", ""]


class Writing(InboxStory):
    def setUp(self) -> None:
        super().setUp()
        self.arrived()

    def test_a_note_is_kept_as_text(self) -> None:
        note = actions.add_note(self.thread(), self.bob, HOSTILE)
        assert note.body.startswith("<script>alert(1)</script>{{ 7|add:7 }}")
        assert (note.author, note.kind) == (self.bob, Message.Kind.NOTE)
        assert self.thread().last_at == note.at
        assert self.thread().last_inbound_at == NOON

    def test_a_note_that_says_nothing_or_too_much(self) -> None:
        for body, said in ((" \n\x00", "Write something"), ("x" * 5_001, "at most")):
            with pytest.raises(ValueError, match=said):
                actions.add_note(self.thread(), self.bob, body)

    def test_a_name_is_one_line(self) -> None:
        actions.rename(self.thread(), "  Dana\n\x00 Reyes  " + "x" * 200)
        assert self.thread().name == ("Dana Reyes " + "x" * 200)[:80]
        actions.rename(self.thread(), "")
        assert str(self.thread()) == self.thread().contact

    def test_assigning_and_taking_back(self) -> None:
        actions.assign(self.thread(), self.bob)
        assert [one.pk for one in self.listed(queries.MINE, user=self.bob)] == [self.thread().pk]
        actions.assign(self.thread(), None)
        assert self.listed(queries.MINE, user=self.bob) == []


class Replies(InboxStory):
    def reply(self, contact: str, body: str = "We do.") -> Message:
        return actions.reply(self.thread(contact), self.alice, body)

    def test_through_the_number_they_called_last(self) -> None:
        other = self.numbers(1)[0]
        self.arrived(LATER, number=other)
        self.arrived(NOON)
        message = self.reply("+13125550177", " We do.\r\nWhen suits you? ")
        assert (message.number, message.body, message.state) == (other, "We do.\nWhen suits you?", "queued")
        assert message.data == {}
        assert self.waiting("inbox.send_text") == [{"message": str(message.pk)}]

    def test_through_another_where_that_number_cannot_text(self) -> None:
        other = self.numbers(1)[0]
        self.arrived()
        Number.objects.filter(pk=self.number.pk).update(can_text=False)
        message = self.reply("+13125550177")
        assert (message.number, message.data) == (other, {"instead_of": self.number.e164})

    def test_never_through_a_number_of_another_company(self) -> None:
        self.numbers(1, self.elsewhere)
        self.arrived()
        Number.objects.filter(pk=self.number.pk).update(can_text=False)
        with pytest.raises(CannotReply, match="None of your numbers can send texts"):
            self.reply("+13125550177")

    def test_a_number_that_was_given_back_cannot_text(self) -> None:
        self.arrived()
        Number.objects.filter(pk=self.number.pk).update(state=Number.State.RELEASED)
        with pytest.raises(CannotReply, match="None of your numbers"):
            self.reply("+13125550177")

    def test_nobody_to_write_to(self) -> None:
        call = self.arrived(caller="")
        with pytest.raises(CannotReply, match="withheld the number"):
            actions.reply(Thread.objects.get(call=call.pk), self.alice, "Hello?")

    def test_a_landline(self) -> None:
        self.arrived(caller="+442079460958")
        with pytest.raises(CannotReply, match=r"\+44 20 7946 0958 is a landline"):
            self.reply("+442079460958")

    def test_nothing_and_too_much(self) -> None:
        self.arrived()
        for body, said in (("", "Write something"), ("x" * 1_601, "at most 1,600")):
            with pytest.raises(CannotReply, match=said):
                self.reply("+13125550177", body)
        assert self.reply("+13125550177", "x" * 1_600).body == "x" * 1_600

    def test_only_what_failed_is_sent_again(self) -> None:
        self.arrived()
        message = self.reply("+13125550177")
        with pytest.raises(CannotReply, match="not waiting to be sent again"):
            actions.retry(message)
        Message.objects.filter(pk=message.pk).update(state="failed", error="no", carrier_text_id="x")
        actions.retry(message)
        assert (message.state, message.error, message.carrier_text_id) == ("queued", "", "")
        assert len(self.waiting("inbox.send_text")) == 2


class FlagsCountAsNothing(InboxStory):
    """K3 and the reports: a flagged call is in the log and nowhere else."""

    def setUp(self) -> None:
        super().setUp()
        scenario = self.campaign(title="The leaflet", strategy="url_parameter", name="promo", value="leaflet")
        self.scenario, self.tracked = scenario, scenario.numbers.get()
        self.first = self.credited(NOON)
        self.second = self.credited(LATER)

    def credited(self, at: datetime) -> Call:
        call = self.arrived(at, number=self.tracked)
        credit_call(call, final=True)
        return call

    def basis(self, call: Call) -> tuple[str, object]:
        credit = Credit.objects.get(call=call, current=True)
        return credit.basis, credit.first_call

    def figures(self) -> tuple[int, int, int, int]:
        week = last_days(7, NOON + timedelta(days=1), ZoneInfo("UTC"))
        points = trend(self.company, week)
        sources = by_source(self.company, week)
        (row,) = scenario_rows(self.company, [self.scenario])
        return (
            totals(self.company, week).calls,
            int(sum(one.calls for one in sources)),
            int(sum(one.calls for one in points)),
            int(row.calls),
        )

    def test_reports_leave_them_out(self) -> None:
        assert self.figures() == (2, 2, 2, 2)
        actions.flag_call(self.first, Flag.TEST)
        assert self.figures() == (1, 1, 1, 1)
        actions.flag_call(self.first, Flag.NONE)
        assert self.figures() == (2, 2, 2, 2)

    def test_a_flagged_first_call_is_nobodys_first_one(self) -> None:
        assert self.basis(self.second) == ("repeat", self.first.pk)
        actions.flag_call(self.first, Flag.SPAM)
        run_due()
        assert self.basis(self.second) == ("static", None)
        assert FirstCall.objects.get().call == self.second.pk

    def test_and_is_the_first_again_when_the_flag_is_taken_away(self) -> None:
        actions.flag_call(self.first, Flag.SPAM)
        run_due()
        actions.flag_call(self.first, Flag.NONE)
        run_due()
        assert FirstCall.objects.get().call == self.first.pk
        assert self.basis(self.second) == ("repeat", self.first.pk)
        assert self.basis(self.first) == ("static", None)

    def test_a_whole_thread(self) -> None:
        actions.flag_thread(self.thread(), Flag.SPAM)
        run_due()
        assert set(Call.objects.values_list("flag", flat=True)) == {"spam"}
        assert not FirstCall.objects.exists()
        assert self.figures() == (0, 0, 0, 0)
        assert [one.pk for one in self.listed(queries.SPAM)] == [self.thread().pk]
        assert self.listed() == []

    def test_a_first_call_that_is_kept_no_longer_stays_the_first(self) -> None:
        Call.objects.filter(pk=self.first.pk).delete()
        third = self.credited(LATER + timedelta(hours=1))
        actions.flag_call(self.second, Flag.SPAM)
        run_due()
        assert self.basis(third) == ("repeat", self.first.pk)

    def test_a_word_that_is_no_flag(self) -> None:
        with pytest.raises(ValueError, match="nonsense"):
            actions.flag_thread(self.thread(), "nonsense")

    def test_a_withheld_caller(self) -> None:
        call = self.arrived(caller="")
        actions.flag_call(call, Flag.SPAM)
        assert [one.call for one in self.listed(queries.SPAM)] == [call.pk]
