"""Forms of Settings → Calls: blocked callers, the spam filter, missed-call alerts, how long recordings are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Company, SpamSettings
from callspring.calls import words
from callspring.console.flows.fields import LANGUAGES
from callspring.console.people_forms import OneLine
from callspring.flows.hours import minutes
from callspring.flows.screening import ASK, Screening
from callspring.flows.steps import WEEKDAYS
from callspring.inbox import missed
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Number
from callspring.scenarios.screening import parse_pattern

MOST_DAYS = 36_500
DAYS = (
    ("mon", gettext_lazy("Mon")),
    ("tue", gettext_lazy("Tue")),
    ("wed", gettext_lazy("Wed")),
    ("thu", gettext_lazy("Thu")),
    ("fri", gettext_lazy("Fri")),
    ("sat", gettext_lazy("Sat")),
    ("sun", gettext_lazy("Sun")),
)
KEPT = (
    ("", gettext_lazy("For ever")),
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("180", gettext_lazy("180 days")),
    ("365", gettext_lazy("A year")),
    ("730", gettext_lazy("Two years")),
    ("other", gettext_lazy("So many days")),
)


class BlockForm(forms.Form):
    """Who is blocked, and what happens to their calls."""

    prefix = "block"

    pattern = forms.CharField(
        label=gettext_lazy("Caller"),
        max_length=40,
        help_text=gettext_lazy("A number, the beginning of numbers like +1900*, or “withheld”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("What happens"),
        choices=[
            ("reject", gettext_lazy("Their call is not taken")),
            ("ring", gettext_lazy("It rings, and counts as spam")),
        ],
    )
    label = OneLine(
        label=gettext_lazy("Why, or who?"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, country: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = country

    def clean_pattern(self) -> str:
        """As the block list keeps it."""
        try:
            return parse_pattern(self.cleaned_data["pattern"], self._country)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


class SpamForm(forms.Form):
    """How calls are screened; the names are those of `SpamSettings`."""

    prefix = "spam"

    ask = forms.ChoiceField(
        label=gettext_lazy("Who has to press 1 before anybody is rung"),
        choices=SpamSettings.Ask.choices,
        help_text=gettext_lazy("Machines press no key. Whoever presses none, twice, can leave a voicemail."),
    )
    words = OneLine(label=gettext_lazy("What they hear"), max_length=300, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    weak_attestation = forms.ChoiceField(
        label=gettext_lazy("Callers whose network does not vouch for their number"),
        choices=[("", gettext_lazy("Are like any other")), ("yes", gettext_lazy("Are suspicious"))],
        required=False,
        help_text=gettext_lazy("SHAKEN attestation C, or failed. Not all carriers and countries tell it."),
    )
    repeat = forms.ChoiceField(
        label=gettext_lazy("A caller who dials through many of your numbers"),
        choices=[("yes", gettext_lazy("Is spam")), ("", gettext_lazy("Is like any other"))],
        required=False,
    )
    repeat_calls = forms.IntegerField(label=gettext_lazy("Calls, at least"), min_value=3, max_value=50)
    repeat_numbers = forms.IntegerField(label=gettext_lazy("To so many numbers"), min_value=2, max_value=50)
    repeat_minutes = forms.IntegerField(label=gettext_lazy("Within, minutes"), min_value=1, max_value=1440)
    short_seconds = forms.IntegerField(
        label=gettext_lazy("Each talked for less than, seconds"), min_value=1, max_value=120
    )

    @classmethod
    def of(cls, now: SpamSettings) -> SpamForm:
        """The form as the settings stand."""
        names = ("ask", "language", "repeat_numbers", "repeat_minutes", "short_seconds")
        initial = {name: getattr(now, name) for name in names}
        initial |= {
            "words": now.words or ASK,
            "weak_attestation": "yes" if now.weak_attestation else "",
            "repeat": "yes" if now.repeat_calls else "",
            "repeat_calls": now.repeat_calls or Screening().repeat_calls,
        }
        return cls(initial=initial)

    def wanted(self) -> dict[str, Any]:
        """For `scenarios.screening.set_screening`."""
        data = self.cleaned_data
        names = ("ask", "language", "repeat_numbers", "repeat_minutes", "short_seconds")
        return {
            **{name: data[name] for name in names},
            "words": "" if data["words"] == ASK else data["words"],
            "weak_attestation": data["weak_attestation"] == "yes",
            "repeat_calls": data["repeat_calls"] if data["repeat"] else 0,
        }


class AlertForm(forms.Form):
    """Whom to tell of missed calls, how, and when."""

    prefix = "alert"

    person = forms.ChoiceField(label=gettext_lazy("Whom to tell"))
    number = forms.ChoiceField(label=gettext_lazy("Of missed calls to"), required=False)
    by_mail = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            ("mail", gettext_lazy("By e-mail")),
            ("text", gettext_lazy("By text")),
            ("both", gettext_lazy("By both")),
        ],
    )
    text_to = forms.CharField(
        label=gettext_lazy("Their mobile phone, for texts"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    days = forms.MultipleChoiceField(
        label=gettext_lazy("On these days"), choices=DAYS, initial=list(WEEKDAYS), widget=forms.CheckboxSelectMultiple
    )
    start = forms.CharField(label=gettext_lazy("From"), max_length=5, initial="00:00")
    end = forms.CharField(label=gettext_lazy("To"), max_length=5, initial="24:00")
    rest_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes between two alerts about one caller"), min_value=0, max_value=10_080, initial=30
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = company.country
        self._people = {str(person.pk): person for person in missed.people(company)}
        owned = Number.objects.filter(company=company).exclude(state=Number.State.RELEASED).order_by("e164")[:1000]
        self._numbers = {str(number.pk): number for number in owned}
        people = cast(forms.ChoiceField, self.fields["person"])
        people.choices = [(pk, str(person)) for pk, person in self._people.items()]
        numbers = cast(forms.ChoiceField, self.fields["number"])
        numbers.choices = [("", _("All numbers")), *((pk, words.phone(one.e164)) for pk, one in self._numbers.items())]

    def clean_text_to(self) -> str:
        """In E.164, "" for none."""
        return _number(self.cleaned_data["text_to"], self._country)

    def clean_start(self) -> str:
        """`HH:MM`."""
        return _clock(self.cleaned_data["start"])

    def clean_end(self) -> str:
        """`HH:MM`, up to `24:00`."""
        return _clock(self.cleaned_data["end"])

    def clean(self) -> dict[str, Any]:
        """A text needs a phone."""
        data = super().clean() or {}
        if data.get("by_mail") in ("text", "both") and "text_to" in data and not data["text_to"]:
            self.add_error("text_to", _("Give the phone that gets the texts."))
        return data

    def wanted(self) -> dict[str, Any]:
        """Fields of `MissedCallAlert`."""
        data = self.cleaned_data
        return {
            "user": self._people[data["person"]],
            "number": self._numbers.get(data["number"]),
            "by_mail": data["by_mail"] in ("mail", "both"),
            "text_to": data["text_to"] if data["by_mail"] in ("text", "both") else "",
            **{name: data[name] for name in ("days", "start", "end", "rest_minutes")},
        }


class KeepForm(forms.Form):
    """How long recordings are kept."""

    prefix = "keep"
    keep = forms.ChoiceField(
        label=gettext_lazy("Recordings and voicemails are kept"),
        choices=KEPT,
        required=False,
        widget=forms.Select(attrs={"data-shows": ""}),
    )
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=MOST_DAYS, required=False)

    @classmethod
    def of(cls, days: int | None) -> KeepForm:
        """The form as the setting stands."""
        said = str(days or "")
        return cls(initial={"keep": said if said in dict(KEPT) else "other", "days": days})

    def clean(self) -> dict[str, Any]:
        """A number of one's own has to be given."""
        data = super().clean() or {}
        if data.get("keep") == "other" and "days" in data and not data["days"]:
            self.add_error("days", _("Give the number of days."))
        return data

    def wanted(self) -> int | None:
        """Days, None for ever."""
        keep = self.cleaned_data["keep"]
        days: int | None = self.cleaned_data["days"] if keep == "other" else int(keep or 0)
        return days or None


def said_days(days: Sequence[str]) -> str:
    """Mon, Tue, Wed; every day."""
    if set(days) >= set(WEEKDAYS):
        return _("Every day")
    return ", ".join(str(label) for name, label in DAYS if name in days)


def _number(text: str, country: str) -> str:
    if not text.strip():
        return ""
    try:
        return parse_number(text, country)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


def _clock(text: str) -> str:
    text = text.strip() if len(text.strip()) == 5 else f"0{text.strip()}"
    try:
        minutes(text)
    except ValueError:
        raise ValidationError(_("Write a time like 09:30.")) from None
    return text
