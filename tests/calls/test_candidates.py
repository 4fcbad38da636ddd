"""Who may have placed a call, out of the record; and what that says of visits and sources."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from callspring.calls.attribution import Model
from callspring.calls.candidates import MOST_SHOWS, find
from callspring.calls.models import Basis, Grade
from callspring.calls.timing import PRIOR
from callspring.numbers.models import Number
from callspring.visits.models import Show
from tests.calls.credit_story import CALLER, GOOGLE, MAIL, CreditStory, after


class Candidates(CreditStory):
    def kinds(self, call: Any, visit: Any) -> list[str]:
        credit = self.credit_of(call)
        return next([e["kind"] for e in one["evidence"]] for one in credit.candidates if one["visit"] == str(visit.pk))

    def test_holders_of_days_ago_count_too(self) -> None:
        old, new = self.sees(after(days=-1)), self.sees(after(hours=-3))
        credit = self.credit_of(self.calls_in(after()))
        assert {one["visit"] for one in credit.candidates} == {str(old.pk), str(new.pk)}
        assert credit.candidates[0]["visit"] == str(new.pk)
        assert credit.stranger is not None
        assert credit.stranger > 0.01

    def test_nobody_else_had_it_from_their_visit_to_the_call(self) -> None:
        before, last = self.sees(after(-3600)), self.sees(after(-600))
        call = self.calls_in(after())
        assert "exclusive" in self.kinds(call, last)
        assert "exclusive" not in self.kinds(call, before)

    def test_a_hold_that_reached_into_theirs_takes_exclusiveness_away(self) -> None:
        """She left a minute before he came: her hold was not over."""
        self.sees(after(-700), seconds=40)
        last = self.sees(after(-600))
        assert "exclusive" not in self.kinds(self.calls_in(after()), last)

    def test_who_never_saw_the_number_on_the_page_is_no_candidate(self) -> None:
        visit = self.sees(after(-300))
        Show.objects.filter(visit=visit.pk).update(shown_at=None)
        assert self.credit_of(self.calls_in(after())).candidates == []

    def test_an_outsiders_holders_are_no_candidates(self) -> None:
        """Not even if a number's id were to belong to both."""
        visit = self.sees(after(-30))
        Show.objects.filter(visit=visit.pk).update(company=self.elsewhere)
        credit = self.credit_of(self.calls_in(after()))
        assert (credit.candidates, credit.basis, credit.visit) == ([], Basis.NOBODY, None)

    def test_the_campaign_is_certain_when_the_visitor_is_not(self) -> None:
        self.sees(after(-60), seconds=120)
        self.sees(after(-50), seconds=120)
        credit = self.credit_of(self.calls_in(after()))
        assert (credit.grade, credit.source) == (Grade.AMBIGUOUS, "google")
        assert credit.source_probability is not None
        assert credit.source_probability > 0.95
        (source,) = credit.sources
        assert (source["source"], source["medium"]) == ("google", "cpc")

    def test_the_most_probable_source_counts_beside_the_most_probable_visit(self) -> None:
        search = self.sees(after(-60), seconds=120, country="US")
        for _ in range(2):
            self.sees(after(-55), seconds=120, source=MAIL, country="DE")
            self.sees(after(-50), seconds=120, source=MAIL, country="US")
        credit = self.credit_of(self.calls_in(after()))
        assert credit.source == "newsletter"
        assert credit.candidates[0]["visit"] == str(credit.visit)
        assert str(search.pk) in {one["visit"] for one in credit.candidates}

    def test_a_caller_who_called_from_a_visit_before_is_known_again(self) -> None:
        visitor = uuid4()
        self.sees(after(days=-2), visitor=visitor, tapped=True)
        self.calls_in(after(62, days=-2))
        again = self.sees(after(-100), seconds=40, visitor=visitor)
        other = self.sees(after(-90), seconds=40)
        known = self.calls_in(after(), caller=CALLER)
        assert "caller_known" in self.kinds(known, again)
        assert self.credit_of(known).candidates[0]["visit"] == str(again.pk)
        unknown = self.calls_in(after(1), caller="+13125550111")
        assert "caller_known" not in self.kinds(unknown, again)
        assert "caller_known" not in self.kinds(unknown, other)
        withheld = self.calls_in(after(2), caller="")
        assert "caller_known" not in self.kinds(withheld, again)

    def test_a_caller_from_the_visitors_city_is_likelier(self) -> None:
        near = self.sees(after(-60), seconds=120, country="US", region="Illinois", city="Chicago")
        far = self.sees(after(-60), seconds=120, country="US", region="Texas", city="Austin")
        call = self.calls_in(after())
        assert self.kinds(call, near)[-1] == "same_city"
        assert self.kinds(call, far)[-1] == "other_region"
        assert self.credit_of(call).visit == near.pk

    def test_only_the_newest_thousand_shows_are_looked_at_and_only_those_that_matter_closely(self) -> None:
        visit = self.sees(after(-86_400))
        one = Show.objects.get(visit=visit.pk)
        many = []
        for place in range(MOST_SHOWS + 200):
            at = after(-86_400 * 2 - 60 * place)
            many.append(
                Show(
                    id=uuid4(), company=self.company, scenario=self.scenario, number=self.number.pk, visit=uuid4(),
                    visitor=uuid4(), dynamic=True, reason="pool", hold_seconds=150, granted_at=at, shown_at=at,
                    last_active_at=at, until=at + timedelta(seconds=150), places=1,
                )
            )  # fmt: skip
        Show.objects.bulk_create(many)
        call = self.call(self.number, at=after())
        with self.assertNumQueries(6):
            found = find(call, PRIOR, Model.FIRST)
        assert [candidate.visit for candidate in found.candidates] == [str(visit.pk)]
        assert one.number == self.number.pk
        self.sees(after(-10), seconds=30)
        assert find(call, PRIOR, Model.FIRST).tail > 0

    def test_visits_that_came_back_are_one_candidate(self) -> None:
        visitor = uuid4()
        self.sees(after(days=-3), visitor=visitor, source=MAIL)
        back = self.sees(after(-3600), visitor=visitor, source=GOOGLE, first=MAIL)
        (one,) = self.credit_of(self.calls_in(after())).candidates
        assert one["visit"] == str(back.pk)
        assert len(one["facts"]["earlier"]) == 1

    def test_a_number_that_is_not_in_the_pool_any_more_keeps_its_holders(self) -> None:
        self.sees(after(-60), seconds=120)
        Number.objects.filter(pk=self.number.pk).update(rule=None)
        self.number.refresh_from_db()
        assert self.credit_of(self.calls_in(after())).basis == Basis.HOLDER
