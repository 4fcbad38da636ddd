"""People say whose call it was: kept, learnt from, shown, and taken back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from callspring.calls import learning, timing
from callspring.calls.calibration import calibration
from callspring.calls.correcting import CannotCorrect, say, undo
from callspring.calls.models import Basis, Call, Correction, Credit, FirstCall, Grade
from callspring.jobs.run import run_due
from callspring.visits.models import Visit
from tests.calls.credit_story import MAIL, CreditStory, after

Says = Correction.Says


class Correcting(CreditStory):
    def setUp(self) -> None:
        super().setUp()
        self.near = self.sees(after(-200), seconds=100)
        self.far = self.sees(after(-4000), seconds=100, source=MAIL)
        self.made = self.calls_in(after())

    def said(self, call: Call | None = None) -> tuple[str, str, str, object, float | None]:
        credit = self.credit_of(call or self.made)
        return credit.basis, credit.grade, credit.source, credit.visit, credit.probability

    def test_a_confirmed_visit_is_certain(self) -> None:
        stated = self.credit_of(self.made).candidates[0]["probability"]
        say(self.made, self.alice, self.near.pk)
        assert self.said() == (Basis.PERSON, Grade.CERTAIN, "google", self.near.pk, 1.0)
        word = Correction.objects.get()
        assert (word.says, word.by, word.judged_visit, word.stated) == (
            Says.CONFIRMED,
            self.alice,
            self.near.pk,
            stated,
        )

    def test_another_visit_brings_its_source(self) -> None:
        say(self.made, self.alice, self.far.pk)
        assert self.said() == (Basis.PERSON, Grade.CERTAIN, "newsletter", self.far.pk, 1.0)
        credit = self.credit_of(self.made)
        assert credit.candidates[0]["visit"] == str(self.near.pk), "what the evidence says stays"
        assert [one.version for one in Credit.objects.filter(call=self.made).order_by("version")] == [1, 2]

    def test_none_of_them(self) -> None:
        say(self.made, self.alice, None)
        assert self.said()[:4] == (Basis.NOBODY, Grade.UNKNOWN, "", None)
        assert Correction.objects.get().says == Says.NOBODY

    def test_it_holds_when_the_call_is_judged_again_and_can_be_undone(self) -> None:
        before = self.said()
        say(self.made, self.alice, self.far.pk)
        self.calls_in(after(1), caller="+13125550111")
        from callspring.calls.crediting import credit_call

        credit_call(self.made, final=True)
        assert self.said()[3] == self.far.pk
        undo(self.made, self.bob)
        assert self.said() == before
        word = Correction.objects.get()
        assert word.undone_by == self.bob
        assert word.undone_at is not None

    def test_what_is_said_later_takes_the_place_of_what_was_said_before(self) -> None:
        say(self.made, self.alice, self.far.pk)
        say(self.made, self.bob, self.near.pk)
        assert self.said()[3] == self.near.pk
        assert Correction.objects.filter(undone_at=None).count() == 1
        assert Correction.objects.count() == 2

    def test_the_database_takes_one_word_at_a_time(self) -> None:
        say(self.made, self.alice, self.near.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.create(company=self.company, call=self.made.pk, says=Says.NOBODY)

    def test_a_visit_that_did_not_have_the_number_cannot_be_chosen(self) -> None:
        theirs = Visit.objects.create(
            id=uuid4(), company=self.elsewhere, site=self.site(self.elsewhere), number=1, visitor=uuid4(),
            is_first=True, started_at=after(-60), last_active_at=after(-60), landing_url="https://shop.example/",
        )  # fmt: skip
        for visit in (uuid4(), theirs.pk):
            with pytest.raises(CannotCorrect):
                say(self.made, self.alice, visit)
        assert not Correction.objects.exists()

    def test_the_repeat_rule_keeps_the_source_and_takes_the_visit(self) -> None:
        again = self.calls_in(after(3000))
        say(again, self.alice, self.far.pk)
        assert self.said(again)[0] == Basis.REPEAT
        assert self.said(again)[2:4] == ("google", self.far.pk)

    def test_later_calls_follow_a_corrected_first_call(self) -> None:
        again = self.calls_in(after(300))
        assert self.said(again)[0::2][:2] == (Basis.REPEAT, "google")
        say(self.made, self.alice, self.far.pk)
        run_due()
        assert self.said(again)[2] == "newsletter"
        assert FirstCall.objects.get().source == "newsletter"
        say(self.made, self.alice, None)
        run_due()
        credit = self.credit_of(again)
        assert credit.basis != Basis.REPEAT, "a first call of unknown source is nobody's"
        assert FirstCall.objects.get().call == again.pk

    def test_corrections_make_the_calibration(self) -> None:
        say(self.made, self.alice, self.far.pk)
        other = self.calls_in(after(1), caller="+13125550111")
        say(other, self.alice, self.credit_of(other).visit)
        found = calibration(self.company)
        assert (found.calls, found.right) == (2, 1)
        undo(other, self.alice)
        assert calibration(self.company).calls == 1
        assert calibration(self.elsewhere).calls == 0

    def test_a_correction_is_learnt_in_place_of_what_was_learnt(self) -> None:
        learning.learn_all()
        doubtful = timing.of_site(self.site().pk)
        assert (doubtful.vouched_calls, len(doubtful.doubts.cases)) == (0, 1)
        say(self.made, self.alice, self.far.pk)
        learning.learn_all()
        sure = timing.of_site(self.site().pk)
        assert (sure.vouched_calls, sure.stranger_calls, len(sure.doubts.cases)) == (1, 0, 0)
        assert sum(sure.later_calls) == pytest.approx(1.0)
        say(self.made, self.alice, None)
        learning.learn_all()
        stranger = timing.of_site(self.site().pk)
        assert (stranger.vouched_calls, stranger.stranger_calls) == (1, 1)
        assert sum(stranger.later_calls) == pytest.approx(0.0)
