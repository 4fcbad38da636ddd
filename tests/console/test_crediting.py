"""Saying on a call's page whose call it was, and the settings by which calls are credited."""

from __future__ import annotations

import re
from uuid import uuid4

from callspring.calls import learning
from callspring.calls.crediting import credit_call
from callspring.calls.models import Basis, Call, Correction, CreditSettings, Lesson, SettingsChange
from callspring.jobs.run import run_due
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.visits.models import Show, Visit
from tests.calls.credit_story import DIRECT, GOOGLE, MAIL, CreditStory, after
from tests.console.pages import Pages, text

HTMX = {"HX-Request": "true"}


class CreditPages(Pages, CreditStory):
    """Two visitors had the number; the nearer one is credited."""

    near: Visit
    far: Visit
    made: Call

    def setUp(self) -> None:
        super().setUp()
        self.far = self.sees(after(-900), seconds=100, source=MAIL)
        self.near = self.sees(after(-200), seconds=100)
        self.made = self.calls_in(after())

    def say(self, call: Call | None = None, **form: str) -> None:
        address = f"/calls/{(call or self.made).pk}/credit/"
        response = self.owner.post(address, form, headers=HTMX)
        assert (response.status_code, response.headers.get("HX-Trigger")) == (204, "call-changed")


class SayingWhoseCallItWas(CreditPages):
    def test_the_page_says_why_and_asks(self) -> None:
        told = self.page("call", self.made.pk)
        for said in (
            "The visitor had seen this number and left 1 min 40 s before the call, and nobody else was shown it since.",
            "nobody else had the number since they saw it", "last page before the call", "Last page seen",
            "Somebody who had saved the number",
            "That is right", "It was this one", "It was none of the visits",
        ):  # fmt: skip
            assert said in told, said

    def test_it_was_another_one(self) -> None:
        self.say(say="visit", visit=str(self.far.pk))
        told = self.page("call", self.made.pk)
        assert "newsletter / email" in told
        assert f"that it was visit {self.far.number}." in told
        assert f"The evidence alone spoke for visit {self.near.number}" in told
        assert "What people said" in told
        assert self.credit_of(self.made).basis == Basis.PERSON

    def test_that_is_right_and_undo(self) -> None:
        self.say(say="visit", visit=str(self.near.pk))
        assert "confirmed on" in self.page("call", self.made.pk)
        self.say(say="undo")
        told = self.page("call", self.made.pk)
        assert "Taken back on" in told
        assert self.credit_of(self.made).correction is None

    def test_it_was_none_of_them(self) -> None:
        self.say(say="nobody")
        told = self.page("call", self.made.pk)
        assert "that it was none of these visits" in told
        assert "said by a person" in told

    def test_nonsense_changes_nothing_and_is_answered(self) -> None:
        for form in ({"say": "visit", "visit": "x"}, {"say": "visit", "visit": str(uuid4())}):
            response = self.owner.post(f"/calls/{self.made.pk}/credit/", form, follow=True)
            assert response.status_code == 200
        self.say(say="evil")
        assert not Correction.objects.exists()

    def test_people_who_only_look_are_not_asked(self) -> None:
        told = self.page("call", self.made.pk, client=self.analyst)
        assert "Who may have called" in told
        assert "That is right" not in told
        assert self.analyst.post(f"/calls/{self.made.pk}/credit/", {"say": "nobody"}).status_code == 403

    def test_an_outsider_says_nothing_of_our_calls(self) -> None:
        response = self.outsider.post(f"/calls/{self.made.pk}/credit/", {"say": "nobody"})
        assert response.status_code == 404
        assert not Correction.objects.exists()

    def test_a_caller_who_cannot_be_told_from_others_is_said_so(self) -> None:
        for _ in range(2):
            self.sees(after(3000), seconds=200, source=GOOGLE)
        told = self.page("call", self.calls_in(after(3100), caller="+13125550111").pk)
        assert "The visitor was looking at this number when the call came; so was 1 other visitor." in told
        assert "the source is as good as certain: nearly all of them came from google / cpc" in told

    def test_the_likeliest_visit_may_be_of_another_source_than_the_call(self) -> None:
        """And none of them was given the number alone: all others were held."""
        Scenario.objects.filter(pk=self.scenario.pk).update(overflow="number", overflow_number=self.number)
        for at, seconds, source in ((2700, 150, GOOGLE), (2700, 150, GOOGLE), (2900, 400, MAIL)):
            visit = self.sees(after(at), seconds, source=source)
            Show.objects.filter(visit=visit.pk).update(reason="overflow_number", overflow=True)
        call = self.calls_in(after(3000), caller="+13125550111")
        likeliest = Visit.objects.get(number=self.credit_of(call).visit_number or 0)
        told = self.page("call", call.pk)
        assert (likeliest.source, self.credit_of(call).source) == ("newsletter", "google")
        assert "It is the overflow number: everybody is shown it who comes while all others are held." in told
        assert f"Visit {likeliest.number} is the likeliest" in told
        added_up = r"Added up by source, google / cpc is the likeliest \([56]\d %\), so the call counts for it\."
        assert re.search(added_up, told)
        assert "Source of this visit newsletter / email" in told

    def test_a_number_that_no_scenario_has_says_what_to_do(self) -> None:
        call = self.calls_in(after(9), caller="+13125550111", scenario=None)
        Number.objects.filter(pk=self.number.pk).update(scenario=None, rule=None)
        assert "Give the number to a scenario" in self.page("call", call.pk)

    def test_who_is_likeliest_comes_first(self) -> None:
        told = self.page("call", self.calls_in(after(days=3), caller="+13125550111").pk)
        assert told.index("Somebody who had saved the number") < told.index(f"Visit {self.near.number} ")

    def test_who_saved_the_number_is_said_so(self) -> None:
        told = self.page("call", self.calls_in(after(days=3), caller="+13125550111").pk)
        assert "Nobody was seen with this number shortly before the call." in told

    def test_shares_are_shown(self) -> None:
        CreditSettings.objects.create(company=self.company, model="linear")
        visitor = uuid4()
        self.sees(after(days=2), visitor=visitor, source=MAIL)
        self.sees(after(days=3), visitor=visitor, source=DIRECT, first=MAIL)
        told = self.page("call", self.calls_in(after(30, days=3), caller="+13125550111").pk)
        assert "the call is shared between the ways they came (Linear)" in told
        assert told.count("50 %") == 2
        assert "Shared between 2 sources" in told
        again = self.page("call", self.calls_in(after(days=9), caller="+13125550111").pk)
        assert "An earlier call of this caller was shared between the ways they had come (Linear)" in again
        assert again.count("50 %") == 2


class Settings(CreditPages):
    def propose(self, **form: str) -> SettingsChange:
        response = self.owner.post("/settings/credit/", {"model": "first", "repeat_rule": "first"} | form)
        change = SettingsChange.objects.latest("pk")
        assert response.headers["Location"] == f"/settings/credit/changes/{change.pk}/"
        return change

    def test_the_page_says_how_calls_are_credited(self) -> None:
        told = self.page("crediting")
        assert "First touch The way they came the very first time." in told
        assert "Nobody has said of any call yet whose it was." in told
        assert re.search(r"half of those who call after they left call within 1[4-7] minutes", told)
        assert "Show what this would change" not in self.page("crediting", client=self.analyst)

    def test_what_is_learnt_is_shown(self) -> None:
        learning.learn_all()
        self.say(say="visit", visit=str(self.far.pk))
        told = self.page("crediting")
        assert "going by 1 call so far" in told
        static = self.campaign(title="Radio").numbers.get()
        credit_call(self.call(static, at=after(60), caller="+13125550142"), final=True)
        learning.learn_all()
        assert Lesson.objects.count() == 2
        assert "going by 1 call so far" in self.page("crediting"), "nobody holds a static number alone"
        assert "People said of 1 call whose it was; 0 was credited right. That is too few to judge by" in told

    def test_a_change_is_worked_out_shown_applied_and_undone(self) -> None:
        visitor = uuid4()
        self.sees(after(days=2), visitor=visitor, source=MAIL)
        self.sees(after(days=3), visitor=visitor, source=DIRECT, first=MAIL)
        self.calls_in(after(30, days=3), caller="+13125550111")
        change = self.propose(model="last")
        assert "0 of 2 calls are worked out." in self.page("credit_change", change.pk)
        assert "Another way is being worked out." in self.page("crediting")
        run_due()
        told = self.page("credit_change", change.pk)
        assert "newsletter / email 1 0 −1" in told
        assert "Direct 0 1 +1" in told
        assert "All calls 2 2" in told
        self.owner.post(f"/settings/credit/changes/{change.pk}/", {"do": "apply"})
        assert "0 of 2 calls are credited the new way." in text(
            self.owner.get(f"/settings/credit/changes/{change.pk}/")
        )
        run_due()
        assert CreditSettings.objects.get().model == "last"
        assert "Undo: credit as before" in self.page("credit_change", change.pk)
        undone = self.owner.post(f"/settings/credit/changes/{change.pk}/", {"do": "undo"})
        assert undone.headers["Location"] != f"/settings/credit/changes/{change.pk}/"
        run_due()
        assert CreditSettings.objects.get().model == "first"

    def test_only_what_changes_has_an_arrow(self) -> None:
        told = self.page("credit_change", self.propose(model="last").pk)
        assert "First touch → Last touch" in told
        assert "Calls again: The first call’s source, as before." in told
        told = self.page("credit_change", self.propose(repeat_rule="none").pk)
        assert "First touch →" not in told
        assert "Calls again: The first call’s source → Each call for itself." in told

    def test_what_cannot_be_is_said(self) -> None:
        response = self.owner.post("/settings/credit/", {"model": "first", "repeat_rule": "first"}, follow=True)
        assert "That is how calls are credited already." in text(response)
        response = self.owner.post("/settings/credit/", {"model": "evil"}, follow=True)
        assert "Choose one of the ways shown." in text(response)

    def test_an_outsider_neither_sees_nor_applies_our_change(self) -> None:
        change = self.propose(model="last")
        run_due()
        for response in (
            self.outsider.get(f"/settings/credit/changes/{change.pk}/"),
            self.outsider.post(f"/settings/credit/changes/{change.pk}/", {"do": "apply"}),
        ):
            assert response.status_code == 404
        assert not CreditSettings.objects.exists()
