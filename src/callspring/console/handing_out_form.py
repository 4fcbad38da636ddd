"""The form about how a pool hands its numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from callspring.console import words
from callspring.numbers.models import Number
from callspring.scenarios.handing_out import HOLDS
from callspring.scenarios.models import Scenario


class HandingOutForm(forms.Form):
    """As the scenario has it; `pool` are the numbers that could be kept for those who come while all are held."""

    policy = forms.ChoiceField(
        label=_("Which number a visitor is given"),
        choices=Scenario.Policy.choices,
        help_text=_("Whoever comes back is given the number they had last, as long as nobody else holds it."),
    )
    hold = forms.IntegerField(
        label=_("Hold time in seconds"),
        min_value=HOLDS[0],
        max_value=HOLDS[1],
        help_text=_("How long a number is kept for its visitor after the last sign of life"),
    )
    overflow = forms.ChoiceField(label=_("When every number of the pool is held"), choices=Scenario.Overflow.choices)
    overflow_number = forms.ChoiceField(
        label=_("Overflow number"),
        required=False,
        help_text=_("One of the pool’s numbers. It is given to nobody else, and everybody who comes late sees it."),
    )

    def __init__(self, scenario: Scenario, pool: Sequence[Number], data: Any = None) -> None:
        initial = {
            "policy": scenario.policy,
            "hold": scenario.hold_seconds,
            "overflow": scenario.overflow,
            "overflow_number": str(scenario.overflow_number_id or ""),
        }
        super().__init__(data, initial=initial)
        self.pool = {str(number.pk): number for number in pool}
        shown = [(pk, words.phone(number.e164)) for pk, number in self.pool.items()]
        field = cast(forms.ChoiceField, self.fields["overflow_number"])
        field.choices = [("", _("None")), *shown]

    def chosen(self) -> Number | None:
        """The overflow number; valid forms only."""
        return self.pool.get(self.cleaned_data["overflow_number"])
