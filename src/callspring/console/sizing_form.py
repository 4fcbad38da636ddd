"""What is typed into the calculator of pool sizes, and about maintenance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from callspring.maintenance.actions import TARGETS
from callspring.maintenance.sizing import Over, Question

MOST_PEAK, MOST_SECONDS = 20_000, 7_200


class SizingForm(forms.Form):
    """A `Question`; the page has a slider beside the target, which moves what is typed."""

    peak = forms.IntegerField(label=_("Visitors in the busiest hour"), min_value=1, max_value=MOST_PEAK)
    visit = forms.IntegerField(
        label=_("Seconds a visitor stays"),
        min_value=1,
        max_value=MOST_SECONDS,
        help_text=_("From the moment the number is shown to the last sign of life"),
    )
    hold = forms.IntegerField(
        label=_("Hold time in seconds"),
        min_value=0,
        max_value=MOST_SECONDS,
        help_text=_("How long the number is kept for them afterwards"),
    )
    accuracy = forms.DecimalField(
        label=_("Accuracy you want, in %"), min_value=50, max_value=100, max_digits=4, decimal_places=1
    )
    over = forms.ChoiceField(
        label=_("Over"), choices=[("hours", _("All hours")), ("peak", _("The busiest hour"))], required=False
    )

    def __init__(self, usual: Question, data: Any = None) -> None:
        initial = {
            "peak": usual.peak,
            "visit": usual.visit,
            "hold": usual.hold,
            "accuracy": f"{usual.target * 100:g}",
            "over": usual.over,
        }
        # An address may name some of the figures; the others are as usual.
        given = None if data is None else {name: data.get(name) or value for name, value in initial.items()}
        super().__init__(given, initial=initial)

    def question(self) -> Question:
        """What was asked; valid forms only."""
        asked = self.cleaned_data
        over: Over = "hours" if asked["over"] == "hours" else "peak"
        return Question(asked["peak"], asked["visit"], asked["hold"], float(asked["accuracy"]) / 100, over)


class MaintenanceForm(forms.Form):
    """How sure calls are to be, in per cent."""

    certainty = forms.IntegerField(
        label=_("Call certainty to keep, in %"),
        min_value=round(TARGETS[0] * 100),
        max_value=round(TARGETS[1] * 100),
        help_text=_("No number is released where call certainty would fall below this."),
    )

    def __init__(self, target: float, data: Any = None) -> None:
        super().__init__(data, initial={"certainty": round(target * 100)})
