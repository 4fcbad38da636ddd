"""The page on which a pool's policy, hold time and overflow number are set."""

from __future__ import annotations

from django.urls import reverse

from callspring.console.handing_out_form import HandingOutForm
from callspring.console.wizard.scenario_forms import ChannelsForm
from callspring.scenarios.handing_out import spare_numbers
from callspring.scenarios.models import Scenario
from tests.console.pages import Pages


class HandingOut(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(3)
        self.there = reverse("console:handing_out", args=[self.scenario.pk])

    def sends(self, **changes: object) -> str:
        usual = {"policy": "callspring", "hold": "150", "overflow": "share", "overflow_number": ""}
        return self.owner.post(self.there, usual | changes, follow=True).content.decode()

    def stored(self) -> tuple[str, int, str, int | None]:
        found = Scenario.objects.get(pk=self.scenario.pk)
        return found.policy, found.hold_seconds, found.overflow, found.overflow_number_id

    def test_what_is_chosen_is_kept_and_shown(self) -> None:
        spare = spare_numbers(self.scenario)[1]
        page = self.sends(policy="next_in_line", hold="90", overflow="number", overflow_number=str(spare.pk))
        assert "Saved" in page
        assert self.stored() == ("next_in_line", 90, "number", spare.pk)
        assert f'<option value="{spare.pk}" selected>' in page
        self.sends(overflow="leave")
        assert self.stored() == ("callspring", 150, "leave", None)

    def test_what_makes_no_sense_is_said(self) -> None:
        assert "Choose one of the pool’s numbers" in self.sends(overflow="number")
        (theirs,) = self.numbers(1, self.elsewhere)
        assert "Choose one of the pool’s numbers" in self.sends(overflow="number", overflow_number="")
        self.sends(overflow="number", overflow_number=str(theirs.pk))
        self.sends(hold="5")
        self.sends(policy="random")
        assert self.stored() == ("callspring", 150, "share", None)

    def test_the_form_offers_the_pools_numbers_alone(self) -> None:
        self.numbers(1)
        form = HandingOutForm(self.scenario, spare_numbers(self.scenario))
        assert len(form.pool) == 3

    def test_who_changes_the_scenario_keeps_its_overflow_number(self) -> None:
        """The steps of a scenario offer what is chosen here, and nobody there could choose it anew."""
        for offered in (True, False):
            form = ChannelsForm(self.company, None, numbers=[], has_spare=offered)
            values = [value for value, _ in form.fields["overflow"].choices]  # type: ignore[attr-defined]
            assert ("number" in values) is offered
