"""Changing how calls are credited: old beside new, applied to all calls, undone; and reports that add up."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from callspring.calls import switching
from callspring.calls.attribution import WHOLE
from callspring.calls.correcting import say
from callspring.calls.crediting import credit_call, settings_of
from callspring.calls.models import Basis, Call, Credit, CreditSettings, CreditShare, FirstCall, SettingsChange
from callspring.calls.switching import CannotChange
from callspring.jobs.registry import Later
from callspring.jobs.run import run_due
from callspring.reports.call_log import LogFilters, log_calls
from callspring.reports.periods import Period
from callspring.reports.queries import by_source, totals
from callspring.reports.trends import by_channel
from tests.calls.credit_story import CALLER, DIRECT, GOOGLE, MAIL, CreditStory, after

State = SettingsChange.State
PERIOD = Period(after(days=-30), after(days=30), 60, ZoneInfo("UTC"))


class Switching(CreditStory):
    """Somebody came from a search, then from the newsletter, then directly, and called; somebody else came once."""

    def setUp(self) -> None:
        super().setUp()
        visitor = uuid4()
        self.sees(after(days=-8), visitor=visitor, source=GOOGLE)
        self.sees(after(days=-4), visitor=visitor, source=MAIL, first=GOOGLE)
        self.last = self.sees(after(-30), visitor=visitor, source=DIRECT, first=GOOGLE)
        self.made = self.calls_in(after())
        self.sees(after(days=1), source=MAIL)
        self.other = self.calls_in(after(30, days=1), caller="+13125550111")

    def switch(self, model: str, repeat_rule: str = "first") -> SettingsChange:
        change = switching.propose(self.company, self.alice, model, repeat_rule)
        run_due()
        change.refresh_from_db()
        assert change.state == State.READY
        switching.apply(change)
        run_due()
        change.refresh_from_db()
        assert change.state == State.APPLIED
        return change

    def sources(self) -> dict[str, float]:
        return {row.source or row.channel: row.calls for row in by_source(self.company, PERIOD) if row.calls}

    def versions(self, call: Call) -> int:
        return Credit.objects.filter(call=call).count()

    def test_the_first_touch_counts_unless_the_company_chooses_otherwise(self) -> None:
        assert self.sources() == {"google": 1, "newsletter": 1}
        for model, source in (("last", "direct"), ("last_non_direct", "newsletter"), ("first", "google")):
            self.switch(model)
            credit = self.credit_of(self.made)
            assert (credit.source or credit.channel) == source, model
            assert credit.visit == self.last.pk, "who called stays"
            assert credit.probability is not None

    def test_shares_make_up_the_calls_in_every_report(self) -> None:
        self.switch("linear")
        shares = CreditShare.objects.filter(credit=self.credit_of(self.made))
        assert sum(share.weight for share in shares) == WHOLE
        third = pytest.approx(1 / 3, abs=1e-5)
        assert self.sources() == {"google": third, "newsletter": pytest.approx(4 / 3, abs=1e-5), "direct": third}
        rows = by_source(self.company, PERIOD)
        assert sum(row.calls for row in rows) == pytest.approx(totals(self.company, PERIOD).calls) == 2
        assert sum(row.calls for row in by_channel(rows)) == pytest.approx(2)
        assert not by_source(self.elsewhere, PERIOD)

    def test_a_call_is_found_by_each_of_its_touches(self) -> None:
        self.switch("position")
        for source, found in (("google", 1), ("newsletter", 2), ("radio", 0)):
            assert log_calls(self.company, LogFilters(source=(source,))).count() == found
        assert log_calls(self.company, LogFilters(source=("google",), medium=("email",))).count() == 0

    def test_the_preview_is_what_applying_does(self) -> None:
        self.sees(after(days=2), source=DIRECT)
        self.calls_in(after(40, days=2))  # the first one's caller again
        for model, rule in (("linear", "none"), ("time_decay", "first"), ("last", "last")):
            before = self.sources()
            change = self.switch(model, rule)
            old = {row["source"] or row["channel"]: row["old"] / WHOLE for row in change.table if row["old"]}
            new = {row["source"] or row["channel"]: row["new"] / WHOLE for row in change.table if row["new"]}
            assert old == before, model
            assert new == self.sources(), model
            assert sum(row["old"] for row in change.table) == sum(row["new"] for row in change.table) == 3 * WHOLE

    def test_undo_brings_back_what_was_and_overwrites_nothing(self) -> None:
        before = self.sources()
        kept = list(Credit.objects.order_by("pk").values("pk", "source", "candidates"))
        change = self.switch("linear", "none")
        back = switching.undo(change, self.bob)
        run_due()
        back.refresh_from_db()
        assert (back.state, back.undoes, back.by) == (State.APPLIED, change, self.bob)
        assert self.sources() == before
        assert (settings_of(self.company.pk).model, settings_of(self.company.pk).repeat_rule) == ("first", "first")
        assert list(Credit.objects.order_by("pk").values("pk", "source", "candidates"))[: len(kept)] == kept
        with pytest.raises(CannotChange):
            switching.undo(change, self.alice)

    def test_the_repeat_rule_as_a_setting(self) -> None:
        self.sees(after(days=2), source=MAIL)
        again = self.calls_in(after(40, days=2))
        nobody = self.calls_in(after(days=9))
        assert [self.credit_of(call).source for call in (again, nobody)] == ["google", "google"]
        self.switch("first", "last")
        assert [self.credit_of(call).source for call in (again, nobody)] == ["newsletter", "newsletter"]
        assert self.credit_of(nobody).basis == Basis.REPEAT
        self.switch("first", "none")
        assert [self.credit_of(call).source for call in (again, nobody)] == ["newsletter", ""]
        assert FirstCall.objects.filter(caller=CALLER).get().source == "google", "kept, should they want it again"
        self.switch("last", "first")
        assert [self.credit_of(call).channel for call in (again, nobody)] == ["direct", "direct"]

    def shared(self, call: Call) -> dict[str, int]:
        return {share.source or share.channel: share.weight for share in self.credit_of(call).shares.all()}

    def test_a_repeat_call_has_the_first_ones_shares(self) -> None:
        self.sees(after(days=2), source={"source": "radio"})
        again = self.calls_in(after(40, days=2))
        change = self.switch("position")
        assert (
            self.shared(again)
            == self.shared(self.made)
            == {"google": 400_000, "newsletter": 200_000, "direct": 400_000}
        )
        assert self.sources() == {"google": 0.8, "newsletter": 1.4, "direct": 0.8}
        assert {row["source"] or row["channel"]: row["new"] for row in change.table} == {
            "google": 800_000, "newsletter": 1_400_000, "direct": 800_000,
        }  # fmt: skip
        newest = self.calls_in(after(days=3))
        self.switch("position", "last")
        assert self.shared(again) == self.shared(newest) == {}
        assert self.credit_of(newest).source == "radio"
        self.made.delete()
        self.switch("position")
        assert self.shared(self.calls_in(after(days=4))) == self.shared(again) != {}, "they outlive the first call"

    def test_first_calls_from_before_learn_their_shares(self) -> None:
        self.switch("linear")
        kept = FirstCall.objects.get(caller=CALLER).shares
        assert sum(one["weight"] for one in kept) == WHOLE
        FirstCall.objects.update(shares=[])
        import_module("callspring.calls.migrations.0008_first_call_shares").remember(apps, None)
        assert FirstCall.objects.get(caller=CALLER).shares == kept
        assert FirstCall.objects.exclude(caller=CALLER).get().shares == []

    def test_shares_that_change_are_brought_to_the_later_calls(self) -> None:
        self.switch("linear")
        other = self.sees(after(-20), source={"source": "radio"})
        credit_call(self.made, final=True)
        again = self.calls_in(after(days=9))
        assert len(self.shared(again)) == 3
        say(self.made, self.alice, other.pk)
        run_due()
        assert (self.shared(again), self.credit_of(again).source) == ({}, "radio")
        say(self.made, self.alice, self.last.pk)
        run_due()
        assert self.shared(again) == self.shared(self.made)
        assert len(self.shared(again)) == 3

    def test_a_persons_word_stays(self) -> None:
        say(self.made, self.alice, self.last.pk)
        self.switch("last_non_direct")
        credit = self.credit_of(self.made)
        assert (credit.basis, credit.source) == (Basis.PERSON, "newsletter")

    def test_new_calls_are_credited_the_new_way_at_once(self) -> None:
        change = switching.propose(self.company, self.alice, "last", "none")
        run_due()
        change.refresh_from_db()
        switching.apply(change)
        credit_call(self.made, final=True)
        assert self.credit_of(self.made).channel == "direct"

    def test_it_goes_on_where_it_was_left(self) -> None:
        change = switching.propose(self.company, self.alice, "last", "first")
        run_due()
        change.refresh_from_db()
        switching.apply(change)
        with patch.object(switching, "AT_ONCE", 1), patch.object(switching, "WORK_SECONDS", -1.0):
            with pytest.raises(Later):
                switching.recompute(change.pk)
            change.refresh_from_db()
            assert (change.done, change.cursor_call) == (1, self.made.pk)
        switching.recompute(change.pk)
        switching.recompute(change.pk)
        change.refresh_from_db()
        assert (change.state, change.done, change.total) == (State.APPLIED, 2, 2)
        assert [self.versions(call) for call in (self.made, self.other)] == [2, 2]

    def test_what_a_call_counted_for_stays_when_its_visit_is_not_kept(self) -> None:
        self.last.delete()
        self.switch("last")
        assert self.credit_of(self.made).source == "google"

    def test_one_change_at_a_time(self) -> None:
        first = switching.propose(self.company, self.alice, "last", "first")
        second = switching.propose(self.company, self.alice, "linear", "first")
        first.refresh_from_db()
        assert first.state == State.DROPPED
        with pytest.raises(CannotChange):
            switching.apply(second)  # not worked out yet
        run_due()
        switching.apply(second)
        for model, why in (("first", "busy"), ("linear", "same"), ("evil", "unknown")):
            with pytest.raises(CannotChange) as refused:
                switching.propose(self.company, self.alice, model, "first")
            assert refused.value.reason == why

    def test_what_is_dropped_changes_nothing(self) -> None:
        change = switching.propose(self.company, self.alice, "last", "first")
        switching.drop(change)
        run_due()
        change.refresh_from_db()
        assert change.state == State.DROPPED
        assert not CreditSettings.objects.exists()
        assert self.versions(self.made) == 1

    def test_others_are_left_alone(self) -> None:
        self.switch("linear", "none")
        assert settings_of(self.elsewhere.pk).model == "first"
        assert not SettingsChange.objects.filter(company=self.elsewhere).exists()

    def test_a_call_between_two_chunks_is_credited_too(self) -> None:
        change = switching.propose(self.company, self.alice, "last", "first")
        run_due()
        change.refresh_from_db()
        switching.apply(change)
        self.sees(after(days=3), source=MAIL)
        late = self.call(self.number, at=after(30, days=3), caller="+13125550112")
        credit_call(late, final=True)
        switching.recompute(change.pk)
        assert self.credit_of(late).source == "newsletter"
        assert Call.objects.filter(credits__current=True, started_at__gt=after() - timedelta(1)).count() == 3
