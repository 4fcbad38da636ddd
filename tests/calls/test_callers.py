"""What earlier calls say of a caller and of visitors: a tie stays a tie until there is evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.attribution import Model
from callspring.calls.callers import placed, who_is
from callspring.calls.candidates import find
from callspring.calls.correcting import say, undo
from callspring.calls.crediting import credit_call
from callspring.calls.flags import flag_calls, judge_again
from callspring.calls.models import Call, CreditSettings, Flag, Grade
from callspring.calls.timing import PRIOR
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.visits.models import Visit, VisitEvent
from tests.calls.credit_story import CALLER, GOOGLE, MAIL, CreditStory, after

ANN, BEN, CID = (UUID(int=number) for number in (1, 2, 3))


def chances(*calls: dict[UUID, float]) -> dict[UUID, float]:
    return {who: one.chance for who, one in placed(enumerate(calls)).items()}


def test_a_tie_that_stays_one_is_one_posterior() -> None:
    known = chances(*[{ANN: 0.496, BEN: 0.496}] * 5)
    assert known[ANN] == known[BEN] == pytest.approx(0.5, abs=0.02)


def test_a_later_call_that_is_the_same_persons_says_whose_the_first_was() -> None:
    known = chances({ANN: 0.496, BEN: 0.496}, {ANN: 0.02, BEN: 0.98})
    assert known[BEN] == pytest.approx(0.98, abs=0.01)
    assert known[ANN] < 0.05


def test_one_person_may_be_two_visitors() -> None:
    """A telephone and a computer: the second call says nothing against whose the first was."""
    known = chances({ANN: 0.97}, {BEN: 0.95, ANN: 0.03})
    assert min(known[ANN], known[BEN]) > 0.9


def test_a_call_that_is_hardly_theirs_is_not_taken_for_their_last() -> None:
    known = placed([(100.0, {ANN: 0.9}), (200.0, {BEN: 0.95, ANN: 0.02})])
    assert (known[ANN].at, known[BEN].at) == (100.0, 200.0)


@given(st.lists(st.dictionaries(st.sampled_from([ANN, BEN, CID]), st.floats(0, 1 / 3)), max_size=12))
def test_they_are_probabilities_and_at_least_what_the_last_call_says(calls: list[dict[UUID, float]]) -> None:
    known = chances(*calls)
    assert all(0 <= chance <= 1 for chance in known.values())
    for who, chance in (calls[-1] if calls else {}).items():
        assert known[who] >= chance


class Callers(CreditStory):
    """Each call counts for itself, so that its source is its own."""

    def setUp(self) -> None:
        super().setUp()
        CreditSettings.objects.create(company=self.company, repeat_rule="none")

    def viewing(self, *sources: dict[str, str], at: float = -100, **changes: Any) -> list[Visit]:
        """All of them look at the number, from the same moment until long after the calls."""
        return [self.sees(after(at), 4000, source=source, **changes) for source in sources]

    def judged(self, call: Call) -> tuple[str, list[float]]:
        """The grade and the candidates' probabilities, likeliest first."""
        credit = self.credit_of(call)
        return credit.grade, [one["probability"] for one in credit.candidates]

    def assert_tied(self, call: Call, visitors: int) -> None:
        grade, found = self.judged(call)
        assert grade == Grade.AMBIGUOUS
        assert found == [pytest.approx(1 / visitors, abs=0.02)] * visitors
        evidence = {each["kind"] for one in self.credit_of(call).candidates for each in one["evidence"]}
        assert "caller_known" not in evidence

    def taps(self, visit: Visit, at: float) -> None:
        VisitEvent.objects.create(
            id=uuid4(), company=self.company, visit=visit.pk, page_view=uuid4(), kind="tel_click",
            name=self.number.e164, at=after(at),
        )  # fmt: skip

    def test_a_tie_stays_a_tie_however_often_the_same_caller_calls(self) -> None:
        for visitors in (2, 3):
            start = 86_400.0 * 7 * visitors
            self.viewing(*[GOOGLE, MAIL, GOOGLE][:visitors], at=start - 100)
            for seconds in (0, 10, 40, 600):
                call = self.calls_in(after(start + seconds), caller=f"+1312555010{visitors}")
                self.assert_tied(call, visitors)

    def test_withheld_callers_leave_a_tie_a_tie(self) -> None:
        self.viewing(GOOGLE, MAIL)
        for seconds in (0, 20, 40, 60):
            self.assert_tied(self.calls_in(after(seconds), caller=""), 2)

    def test_calls_of_others_leave_a_tie_a_tie(self) -> None:
        self.viewing(GOOGLE, MAIL)
        for place in range(3):
            self.assert_tied(self.calls_in(after(20 * place), caller=f"+1312555010{place}"), 2)

    def test_a_press_on_the_link_decides_a_tie_for_good(self) -> None:
        _, ben = self.viewing(GOOGLE, MAIL)
        self.assert_tied(self.calls_in(after()), 2)
        self.taps(ben, 95)
        for seconds in (100, 130, 900):
            credit = self.credit_of(self.calls_in(after(seconds)))
            assert (credit.visit, credit.grade) == (ben.pk, Grade.CERTAIN), seconds
        known = who_is(self.call(self.number, at=after(1000), caller=CALLER))
        assert known[ben.visitor].chance > 0.95

    def test_somebody_who_leaves_is_less_likely(self) -> None:
        ann, _ = self.viewing(GOOGLE, device="desktop")[0], self.sees(after(-100), 110, source=MAIL, device="desktop")
        self.assert_tied(self.calls_in(after()), 2)
        again = self.credit_of(self.calls_in(after(900)))
        assert (again.visit, again.grade) == (ann.pk, Grade.CERTAIN)

    def test_a_certain_first_call_makes_the_second_certain(self) -> None:
        (ann,) = self.viewing(GOOGLE)
        first = self.credit_of(self.calls_in(after()))
        self.viewing(MAIL, MAIL, at=10)
        credit = self.credit_of(self.calls_in(after(200)))
        assert (first.visit, credit.visit, credit.grade) == (ann.pk, ann.pk, Grade.CERTAIN)
        assert {"kind": "caller_known"} in credit.candidates[0]["evidence"]

    def test_what_the_first_call_was_judged_by_does_not_count_again(self) -> None:
        """Where the caller's number is from, who tapped for that call, and how sure that made us."""
        near: dict[str, Any] = {"country": "US", "region": "Illinois", "city": "Chicago"}
        ann = self.sees(after(-100), 4000, **near)
        self.sees(after(-100), 4000, country="US", region="Texas", city="Austin", source=MAIL)
        found = []
        for seconds in (0, 20, 60):
            credit = self.credit_of(self.calls_in(after(seconds)))
            assert credit.visit == ann.pk
            found.append(credit.probability)
        assert found == [pytest.approx(found[0], abs=0.03)] * 3

    def test_a_persons_word_on_the_first_call_reaches_those_after_it(self) -> None:
        """Also where the source stays the same, and whatever number they dialled."""
        ann, ben = self.viewing(GOOGLE, GOOGLE)
        other = self.scenario.numbers.order_by("pk")[1]
        for visit in (ann, ben):
            self.show(visit, other, last_active_at=after(3000), until=after(3150))
        first, again = self.calls_in(after()), self.calls_in(after(30))
        elsewhere = self.call(other, at=after(60))
        credit_call(elsewhere, final=True)
        before = [self.judged(call) for call in (again, elsewhere)]
        assert [grade for grade, _ in before] == [Grade.AMBIGUOUS] * 2
        for word in (ben, ann):
            say(first, self.alice, word.pk)
            run_due()
            for call in (again, elsewhere):
                assert (self.credit_of(call).visit, self.credit_of(call).grade) == (word.pk, Grade.CERTAIN)
        undo(first, self.alice)
        run_due()
        assert [self.judged(call) for call in (again, elsewhere)] == before

    def test_a_word_on_a_call_that_is_not_final_yet_reaches_them_too(self) -> None:
        _, ben = self.viewing(GOOGLE, GOOGLE)
        first, again = self.calls_in(after(), final=False), self.calls_in(after(2), final=False)
        say(first, self.alice, ben.pk)
        run_due()
        assert (self.credit_of(again).visit, self.credit_of(again).stage) == (ben.pk, "provisional")

    def test_a_backlog_is_judged_in_its_order_and_not_again_for_each_call(self) -> None:
        self.viewing(GOOGLE, MAIL)
        calls = [self.call(self.number, at=after(20 * place), caller=CALLER) for place in range(4)]
        for final in (False, True):
            for call in calls:
                credit_call(call, final=final)
        assert Job.objects.filter(kind="calls.judge_again").count() == 1, "for the source of the first one"

    def test_none_of_them_says_nothing_for_anybody(self) -> None:
        self.viewing(GOOGLE, MAIL)
        first = self.calls_in(after())
        say(first, self.alice, None)
        assert who_is(self.call(self.number, at=after(30), caller=CALLER)) == {}

    def test_a_call_that_turns_out_to_be_spam_says_nothing_any_more(self) -> None:
        ann, ben = self.viewing(GOOGLE, GOOGLE)
        first, again = self.calls_in(after()), self.calls_in(after(30))
        say(first, self.alice, ben.pk)
        run_due()
        assert self.credit_of(again).visit == ben.pk
        for pair in flag_calls(self.company.pk, Call.objects.filter(pk=first.pk), Flag.SPAM):
            judge_again(self.company.pk, pair)
        self.assert_tied(again, 2)
        assert {one["visit"] for one in self.credit_of(again).candidates} == {str(ann.pk), str(ben.pk)}

    def test_only_real_numbers_of_the_same_company_are_known_again(self) -> None:
        self.viewing(GOOGLE)
        for caller in ("", "anonymous@anonymous.invalid"):
            self.calls_in(after(), caller=caller)
            assert who_is(self.call(self.number, at=after(10), caller=caller)) == {}
        call = self.calls_in(after(20))
        later = self.call(self.number, at=after(30), caller=CALLER)
        assert who_is(later)
        Call.objects.filter(pk=call.pk).update(company=self.elsewhere)
        assert who_is(later) == {}

    def test_many_earlier_calls_cost_no_more_queries(self) -> None:
        self.viewing(GOOGLE, MAIL)

        def looked_at(seconds: float) -> None:
            call = self.call(self.number, at=after(seconds), caller=CALLER)
            with self.assertNumQueries(10):
                find(call, PRIOR, Model.FIRST)

        self.calls_in(after(), caller="")
        self.calls_in(after(1))
        looked_at(2)
        for place in range(12):
            self.calls_in(after(3 + place), caller=(CALLER, "", "+13125550111")[place % 3])
        looked_at(200)
