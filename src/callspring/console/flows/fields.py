"""The fields that several kinds of steps have: what is heard, and rows of things alike."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Company, User
from callspring.carriers.outside import clean_lines
from callspring.console.flows.words import DAYS
from callspring.console.tracking_forms import said
from callspring.flows.checks import is_destination
from callspring.flows.hours import minutes
from callspring.flows.sound_file import MOST_BYTES
from callspring.flows.steps import LONGEST_TEXT, Prompt
from callspring.scenarios import checks, sounds

_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}", re.ASCII)
_NOT_DIALLED = str.maketrans("", "", "()-")
SPOKEN = (("", gettext_lazy("A computer voice")),)
# What every carrier's voices speak (BCP 47), by the language's own name.
LANGUAGES = (
    ("en-US", "English (US)"), ("en-GB", "English (UK)"), ("en-AU", "English (Australia)"), ("da-DK", "Dansk"),
    ("de-DE", "Deutsch"), ("es-ES", "Español (España)"), ("es-MX", "Español (México)"), ("fr-FR", "Français"),
    ("fr-CA", "Français (Canada)"), ("it-IT", "Italiano"), ("nl-NL", "Nederlands"), ("nb-NO", "Norsk"),
    ("pl-PL", "Polski"), ("pt-BR", "Português (Brasil)"), ("pt-PT", "Português (Portugal)"), ("fi-FI", "Suomi"),
    ("sv-SE", "Svenska"), ("tr-TR", "Türkçe"), ("ru-RU", "Русский"), ("ja-JP", "日本語"), ("ko-KR", "한국어"),
    ("zh-CN", "中文"),
)  # fmt: skip


class PromptForm(forms.Form):
    """What is heard: a text that a voice reads out, or a recording. A file that is sent is kept at once.

    `required`: something has to be heard. `label` is what the text is called.
    """

    text = forms.CharField(required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES, required=False)
    sound = forms.ChoiceField(label=gettext_lazy("Spoken by"), choices=SPOKEN, required=False)
    file = forms.FileField(
        label=gettext_lazy("A recording of yours"),
        required=False,
        help_text=gettext_lazy("WAV or MP3, at most 5 MB and 2 minutes. It is played in place of the text."),
        widget=forms.FileInput(attrs={"accept": ".wav,.mp3,audio/wav,audio/mpeg", "data-sound": "yes"}),
    )

    def __init__(
        self, company: Company, author: User, *args: Any, label: str | Promise, required: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.author, self.needed = company, author, required
        self.fields["text"].label = str(label)
        self._offer()

    def clean_text(self) -> str:
        """Without what cannot be spoken."""
        return " ".join(clean_lines(self.cleaned_data["text"], LONGEST_TEXT).split())

    def clean_file(self) -> Any:
        """A sound file: it is chosen, so that it is still there when something else of the form is to be mended."""
        sent = self.cleaned_data["file"]
        if sent is None:
            return None
        if (sent.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file is too large: at most 5 MB."))
        title = (sent.name or "").rpartition(".")[0]
        kept = said(lambda: sounds.keep(self.company, sent.read(), title, self.author))
        self.data = {**self.data, self.add_prefix("sound"): kept.name}
        self.cleaned_data["sound"] = kept.name
        self._offer()
        return sent

    def clean(self) -> dict[str, Any]:
        """Something has to be heard, where that is the point."""
        if self.needed and not self.errors and not (self.cleaned_data["text"] or self.cleaned_data["sound"]):
            self.add_error("text", _("Write what is said, or choose a recording."))
        return self.cleaned_data

    def prompt(self) -> Prompt | None:
        """What was said; None where nothing is to be heard."""
        given = self.cleaned_data
        if not (given["text"] or given["sound"]):
            return None
        return Prompt(given["text"], given["language"] or "en-US", given["sound"])

    @staticmethod
    def filled(prompt: Prompt | None) -> dict[str, str]:
        """What the form shows for a prompt."""
        return {} if prompt is None else {"text": prompt.text, "language": prompt.language, "sound": prompt.sound}

    def _offer(self) -> None:
        """The company's recordings; a language and a sound that nobody offers any more stay where they are."""
        offered = [(sound.name, f"{sound.title} ({sound.seconds:.0f} s)") for sound in sounds.sounds(self.company)]
        language, sound = self.fields["language"], self.fields["sound"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(sound, forms.ChoiceField)  # noqa: S101 - for the type checker
        sound.choices = [*SPOKEN, *offered]
        now = str(self.initial.get("language", ""))
        if now and now not in dict(LANGUAGES):
            language.choices = [(now, now), *LANGUAGES]


class Was(forms.IntegerField):
    """The place that a row had; a row in which nothing else stands is empty."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002 - as Django calls it
        """Never: it is not typed."""
        return False


class RowForm(forms.Form):
    """One of several things alike. `was` is its place among them before, for what hangs below it."""

    was = Was(required=False)

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "empty_permitted": True, "use_required_attribute": False})
        self.company = company


class Rows:
    """Rows of a form. One that is left empty is no more; `blank` is what a further one looks like."""

    COUNT = "rows-count"

    def __init__(
        self, kind: type[RowForm], company: Company, most: int, data: Any, initial: list[dict[str, Any]]
    ) -> None:
        def form(place: int | str, filled: dict[str, Any] | None = None) -> RowForm:
            return kind(data if place != "NEW" else None, initial=filled, prefix=f"rows-{place}", company=company)

        self.most = most
        self.blank = form("NEW")
        if data is None:
            shown = initial or [{}]
            self.forms = [form(place, {**row, "was": place} if row else {}) for place, row in enumerate(shown)]
        else:
            self.forms = [form(place) for place in range(_count(data.get(self.COUNT, ""), most))]

    def is_valid(self) -> bool:
        """Whether nothing is wrong in any of them."""
        return not [one for one in self.forms if not one.is_valid()]

    def given(self) -> list[dict[str, Any]]:
        """What stands in those that are not empty."""
        return [one.cleaned_data for one in self.forms if one.has_changed()]


def _count(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


class DestinationRow(RowForm):
    """Somebody who is rung."""

    to = forms.CharField(
        label=gettext_lazy("Number or SIP address"), max_length=260, widget=forms.TextInput({"autocomplete": "off"})
    )
    weight = forms.IntegerField(label=gettext_lazy("Weight"), min_value=1, max_value=100, initial=1, required=False)

    def clean_to(self) -> str:
        """E.164 or SIP, and none of our own numbers."""
        to = said(lambda: checks.destination(self.cleaned_data["to"], self.company))
        if not is_destination(to):
            raise ValidationError(_("This cannot be rung. Write a number with its country code."))
        return to


class OpeningRow(RowForm):
    """Days on which it is open from one time to another."""

    days = forms.MultipleChoiceField(label=gettext_lazy("Days"), widget=forms.CheckboxSelectMultiple)
    start = forms.CharField(label=gettext_lazy("From"), max_length=5, widget=forms.TextInput({"placeholder": "09:00"}))
    end = forms.CharField(label=gettext_lazy("To"), max_length=5, widget=forms.TextInput({"placeholder": "17:30"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = self.fields["days"]
        assert isinstance(days, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        days.choices = list(DAYS.items())

    def clean_start(self) -> str:
        """HH:MM."""
        return _clock(self.cleaned_data["start"])

    def clean_end(self) -> str:
        """HH:MM."""
        return _clock(self.cleaned_data["end"])


class ShareRow(RowForm):
    """So many percent of the calls."""

    percent = forms.IntegerField(label=gettext_lazy("Percent of the calls"), min_value=0, max_value=100)


class AreaRow(RowForm):
    """Callers from one place."""

    prefixes = forms.CharField(
        label=gettext_lazy("Their numbers begin with"),
        max_length=1_000,
        widget=forms.TextInput({"placeholder": "+1617, +1857"}),
    )
    name = forms.CharField(label=gettext_lazy("Called"), max_length=60, required=False)

    def clean_prefixes(self) -> tuple[str, ...]:
        """Beginnings of numbers, each once."""
        found = tuple(dict.fromkeys(listed(self.cleaned_data["prefixes"])))
        for one in found:
            if not (
                one.startswith("+") and one[1:].isascii() and one[1:].isdecimal() and one[1] != "0" and len(one) < 16
            ):
                raise ValidationError(_("“%(typed)s” is no beginning of a number: write +1617.") % {"typed": one[:20]})
        return found

    def clean_name(self) -> str:
        """As one line."""
        return " ".join(clean_lines(self.cleaned_data["name"], 60).split())


def listed(text: str) -> list[str]:
    """What is separated by commas or line breaks; blanks within numbers go."""
    parts = text.replace("\n", ",").replace(";", ",").split(",")
    tidy = ("".join(clean_lines(part, 40).split()).translate(_NOT_DIALLED) for part in parts)
    return [one for one in tidy if one]


def zones() -> list[tuple[str, str]]:
    """Every time zone of the world by its place."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]


def _clock(text: str) -> str:
    """9:00 is 09:00."""
    text = text.strip().rjust(5, "0") if text.strip()[1:2] == ":" else text.strip()
    try:
        minutes(text)
    except ValueError:
        raise ValidationError(_("Write the time as 09:30.")) from None
    return text
