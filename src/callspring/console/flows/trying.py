"""The dry run beside the flow: what a caller would meet, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Company
from callspring.calls.area import area_of
from callspring.console import words as console_words
from callspring.console.flows import words
from callspring.flows.evaluation import Facts
from callspring.flows.rehearsal import rehearse
from callspring.flows.steps import KEYS, Dial, Flow, Hours, Split, destinations, every_step
from callspring.numbers.e164 import parse_number

# The table of all areas takes 100 MB of memory (`callspring.calls.area`); these are enough to try a flow with.
PLACES = {
    "+1617": "Boston", "+1212": "New York", "+1312": "Chicago", "+1213": "Los Angeles", "+1305": "Miami",
    "+1512": "Austin", "+1206": "Seattle", "+1416": "Toronto", "+4420": "London", "+4930": "Berlin", "+331": "Paris",
    "+612": "Sydney",
}  # fmt: skip
EXAMPLES = (
    ("+1 617 555 0142", "Boston"), ("+1 212 555 0142", "New York"), ("+1 312 555 0142", "Chicago"),
    ("+1 213 555 0142", "Los Angeles"), ("+44 20 7946 0142", "London"), ("+49 30 23125 142", "Berlin"),
)  # fmt: skip
LATE = time(23, 10)
USUAL = "+1 617 555 0142"


@dataclass(frozen=True, slots=True)
class Tried:
    """What happened: to whom and when, and each thing with its picture, sentence and step (0 if it has none)."""

    caller: str
    at: str
    lines: list[tuple[str, str, int]]


class TryForm(forms.Form):
    """A call that nobody makes. Everything has a default, so that there is always something to see."""

    caller = forms.CharField(
        label=gettext_lazy("A caller from"), required=False, max_length=40, initial=USUAL,
        help_text=gettext_lazy("A number. Empty: it is withheld."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel", "list": "try-places"}),
    )  # fmt: skip
    day = forms.DateField(label=gettext_lazy("On"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=gettext_lazy("At"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    keys = forms.CharField(
        label=gettext_lazy("Presses"), required=False, max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": gettext_lazy("no key")}),
    )  # fmt: skip
    answers = forms.ChoiceField(label=gettext_lazy("Who answers"), required=False)
    call = forms.IntegerField(
        label=gettext_lazy("Which of many calls"), required=False, min_value=1, max_value=100_000, initial=1,
        help_text=gettext_lazy("Shares and turns differ from call to call."),
    )  # fmt: skip

    def __init__(self, company: Company, flow: Flow, data: Any = None) -> None:
        self.company, self.flow, self.zone = company, flow, _zone(flow, company)
        now = timezone.now().astimezone(self.zone)
        sunday = now.date() + timedelta(days=(6 - now.weekday()) % 7)
        usual = {"day": sunday, "time": LATE}
        super().__init__(data, initial=usual, auto_id="try-%s")
        called = [(to, words.somebody(to)) for to in destinations(flow)]
        answers = self.fields["answers"]
        assert isinstance(answers, forms.ChoiceField)  # noqa: S101 - for the type checker
        answers.choices = [("", _("Nobody")), *called]
        if not self.varies:
            del self.fields["call"]

    @property
    def choices(self) -> str:
        """Names what can be chosen: the page asks for it anew when the flow has other destinations."""
        told = ",".join(destinations(self.flow)) + f" {self.varies}"
        return blake2b(told.encode(), digest_size=6).hexdigest()

    @property
    def varies(self) -> bool:
        """Whether two like calls can meet different things."""
        steps = tuple(every_step(self.flow.steps))
        turns = any(isinstance(step, Dial) and step.order == "round_robin" for step in steps)
        return turns or any(isinstance(step, Split) for step in steps)

    def clean_caller(self) -> str:
        """E.164; "" for one who withholds it."""
        typed: str = self.cleaned_data["caller"].strip()
        try:
            return parse_number(typed, self.company.country) if typed else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_keys(self) -> str:
        """Keys alone, whatever stands between them."""
        return "".join(key for key in self.cleaned_data["keys"] if key in KEYS)

    def tried(self) -> Tried | None:
        """What would happen; None where something is to be mended first."""
        if self.is_bound and not self.is_valid():
            return None
        usual = {"caller": USUAL.replace(" ", ""), "day": self.initial["day"], "time": LATE, "keys": ""}
        given = self.cleaned_data if self.is_bound else usual
        now = datetime.combine(given["day"], given["time"], self.zone)
        number = given.get("call") or 1
        facts = Facts(now, given["caller"], f"dry run {number}", turn=number - 1)
        lines = rehearse(self.flow, facts, given["keys"], given.get("answers", ""))
        return Tried(
            _named(given["caller"]),
            date_format(now, "l j F, H:i") + f" ({self.zone.key.replace('_', ' ')})",
            [(*words.happened(line), line.step) for line in lines],
        )


def _named(caller: str) -> str:
    """A number with where it is from."""
    if not caller:
        return _("A caller who withholds the number")
    near = [name for prefix, name in PLACES.items() if caller.startswith(prefix)]
    where = near[0] if near else area_of(caller, detailed=False).country
    return console_words.phone(caller) + (f" · {where}" if where else "")


def _zone(flow: Flow, company: Company) -> ZoneInfo:
    """The clock of the flow's first opening hours, else the company's."""
    for step in every_step(flow.steps):
        if isinstance(step, Hours):
            try:
                return ZoneInfo(step.zone)
            except (KeyError, ValueError, OSError):
                break
    return ZoneInfo(company.zone)
