"""The forms of the steps that decide which way a call takes."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.carriers.outside import clean_lines
from callspring.console.flows.fields import AreaRow, OpeningRow, ShareRow, listed, zones
from callspring.console.flows.step_form import StepForm
from callspring.flows.steps import Area, AreaBranch, Hours, Match, Opening, Share, Split, Step, branches

USUAL_WEEK = {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"}


class HoursMain(forms.Form):
    """Whose clock, and the days off."""

    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    holidays = forms.CharField(
        label=gettext_lazy("Holidays"), required=False, max_length=4_000,
        help_text=gettext_lazy("2026-12-24, or 12-25 for every year; separated by commas."),
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["zone"]).choices = zones()

    def clean_holidays(self) -> tuple[str, ...]:
        """Each day once."""
        return tuple(dict.fromkeys("".join(part.split()) for part in self._parts() if part.strip()))

    def _parts(self) -> list[str]:
        return clean_lines(self.cleaned_data["holidays"], 4_000).replace("\n", ",").split(",")


class HoursForm(StepForm):
    """Open or closed."""

    main_class = HoursMain
    row_class = OpeningRow

    def filled(self, step: Hours) -> dict[str, Any]:
        """As `StepForm` says."""
        rows = [{"days": list(one.days), "start": one.start, "end": one.end} for one in step.week]
        return {"main": {"zone": step.zone, "holidays": ", ".join(step.holidays)}, "rows": rows}

    def usual(self) -> dict[str, Any]:
        """The working week where the company is."""
        return {"main": {"zone": self.company.zone}, "rows": [USUAL_WEEK]}

    def no_rows(self) -> str:
        """As `StepForm` says."""
        return _("Say on which days you are open.")

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        given = self.main.cleaned_data
        week = tuple(Opening(tuple(row["days"]), row["start"], row["end"]) for row in self.given())
        opened, closed = branches(self.before) if isinstance(self.before, Hours) else ((), ())
        return Hours(step, given["zone"], week, given["holidays"], opened, closed)


class SplitForm(StepForm):
    """Calls are divided."""

    row_class = ShareRow

    def filled(self, step: Split) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"rows": [{"percent": share.percent} for share in step.shares]}

    def usual(self) -> dict[str, Any]:
        """Halves."""
        return {"rows": [{"percent": 50}, {"percent": 50}]}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        return Split(step, tuple(Share(row["percent"], self.below(row)) for row in self.given()))


class AreaForm(StepForm):
    """By where the caller's number is from."""

    row_class = AreaRow

    def filled(self, step: Area) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"rows": [{"prefixes": ", ".join(one.prefixes), "name": one.name} for one in step.areas]}

    def no_rows(self) -> str:
        """As `StepForm` says."""
        return _("Name at least one area.")

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        areas = (AreaBranch(row["prefixes"], self.below(row), row["name"]) for row in self.given())
        return Area(step, tuple(areas))


class MatchMain(forms.Form):
    """Who is on the list."""

    name = forms.CharField(
        label=gettext_lazy("Name of the list"), max_length=60, required=False,
        widget=forms.TextInput({"placeholder": gettext_lazy("Blocked callers")}),
    )  # fmt: skip
    callers = forms.CharField(
        label=gettext_lazy("Callers"), required=False, max_length=40_000, widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("A number on each line: +13125550142, or +1900* for all that begin so."),
    )  # fmt: skip
    withheld = forms.BooleanField(label=gettext_lazy("And those who withhold their number"), required=False)

    def clean_name(self) -> str:
        """As one line."""
        return " ".join(clean_lines(self.cleaned_data["name"], 60).split())

    def clean_callers(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(listed(self.cleaned_data["callers"])))


class MatchForm(StepForm):
    """Callers on a list."""

    main_class = MatchMain

    def filled(self, step: Match) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"main": {"name": step.name, "callers": "\n".join(step.callers), "withheld": step.withheld}}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        given = self.main.cleaned_data
        below = self.before.steps if isinstance(self.before, Match) else ()
        return Match(step, given["callers"], given["withheld"], below, given["name"])
