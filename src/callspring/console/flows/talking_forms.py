"""The forms of the steps in which somebody hears, says or presses something."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.carriers.outside import clean_lines
from callspring.console.flows.fields import DestinationRow, PromptForm
from callspring.console.flows.step_form import StepForm
from callspring.console.flows.words import ORDERS
from callspring.flows.steps import (
    APOLOGY,
    GREETING,
    KEYS,
    LONGEST_TEXT_BACK,
    MOST_DESTINATIONS,
    Destination,
    Dial,
    HangUp,
    Menu,
    MenuKey,
    Say,
    Step,
    TextBack,
    Voicemail,
)


class SayForm(StepForm):
    """Something is said."""

    prompts: ClassVar = {"prompt": (gettext_lazy("What the caller hears"), True)}

    def filled(self, step: Say) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"prompt": PromptForm.filled(step.prompt)}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        return Say(step, self.prompt())


class DialMain(forms.Form):
    """How the destinations are rung."""

    order = forms.ChoiceField(
        label=gettext_lazy("Who rings first"), choices=list(ORDERS.items()), initial="all",
        widget=forms.Select({"data-shows": "yes"}),
    )  # fmt: skip
    ring_seconds = forms.IntegerField(
        label=gettext_lazy("Ring for, seconds"), min_value=5, max_value=120, initial=25,
        help_text=gettext_lazy("Each time. If nobody answers by then, the call goes on below."),
    )  # fmt: skip
    sticky = forms.BooleanField(
        label=gettext_lazy("A returning caller first rings whoever answered before"), required=False
    )
    accept_key = forms.ChoiceField(
        label=gettext_lazy("They take the call by pressing"), required=False,
        choices=[("", gettext_lazy("nothing: picking up is enough")), *((key, key) for key in KEYS)],
        help_text=gettext_lazy("With a key, nobody’s own voicemail can take the call. Say in the whisper which."),
    )  # fmt: skip
    record = forms.BooleanField(label=gettext_lazy("Record the talk"), required=False)


class DialForm(StepForm):
    """Somebody is rung."""

    main_class = DialMain
    row_class = DestinationRow
    most_rows = MOST_DESTINATIONS
    prompts: ClassVar = {
        "whisper": (gettext_lazy("Whisper: what they hear before they are connected"), False),
        "announcement": (gettext_lazy("What the caller hears before it is recorded"), False),
    }

    def filled(self, step: Dial) -> dict[str, Any]:
        """As `StepForm` says."""
        names = ("order", "ring_seconds", "sticky", "accept_key", "record")
        return {
            "main": {name: getattr(step, name) for name in names},
            "rows": [{"to": one.to, "weight": one.weight} for one in step.to],
            "whisper": PromptForm.filled(step.whisper),
            "announcement": PromptForm.filled(step.announcement),
        }

    def usual(self) -> dict[str, Any]:
        """A recording is announced: in many places it has to be."""
        return {"announcement": {"text": _("This call is recorded.")}}

    def no_rows(self) -> str:
        """As `StepForm` says."""
        return _("Give the number that is to ring.")

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        to = tuple(Destination(row["to"], row["weight"] or 1) for row in self.given())
        given = self.main.cleaned_data
        whisper, announcement = self.heard["whisper"].prompt(), self.heard["announcement"].prompt()
        return Dial(step, to, **given, whisper=whisper, announcement=announcement if given["record"] else None)


class MenuMain(forms.Form):
    """The keys, and how long they are waited for."""

    keys = forms.MultipleChoiceField(
        label=gettext_lazy("Keys"), choices=[(key, key) for key in "123456789*0#"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose the keys that callers can press.")},
        help_text=gettext_lazy("Each key gets steps of its own. A key that you take away takes its steps along."),
    )  # fmt: skip
    tries = forms.IntegerField(label=gettext_lazy("Ask so many times"), min_value=1, max_value=5, initial=2)
    seconds = forms.IntegerField(label=gettext_lazy("Seconds to press a key"), min_value=2, max_value=30, initial=6)


class MenuForm(StepForm):
    """The caller is asked for a key."""

    main_class = MenuMain
    prompts: ClassVar = {"prompt": (gettext_lazy("The question, with what each key is for"), True)}

    def filled(self, step: Menu) -> dict[str, Any]:
        """As `StepForm` says."""
        main = {"keys": [key.key for key in step.keys], "tries": step.tries, "seconds": step.seconds}
        return {"main": main, "prompt": PromptForm.filled(step.prompt)}

    def usual(self) -> dict[str, Any]:
        """Two keys."""
        text = _("For sales, press 1. For service, press 2.")
        return {"main": {"keys": ["1", "2"]}, "prompt": {"text": text}}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        given = self.main.cleaned_data
        old = {key.key: key.steps for key in self.before.keys} if isinstance(self.before, Menu) else {}
        chosen = [key for key in "123456789*0#" if key in given["keys"]]
        keys = tuple(MenuKey(key, old.get(key, ())) for key in chosen)
        return Menu(step, self.prompt(), keys, given["tries"], given["seconds"])


class VoicemailMain(forms.Form):
    """How long a message may be."""

    max_seconds = forms.IntegerField(
        label=gettext_lazy("Longest message, seconds"), min_value=5, max_value=600, initial=120
    )


class VoicemailForm(StepForm):
    """The caller leaves a message."""

    main_class = VoicemailMain
    prompts: ClassVar = {"prompt": (gettext_lazy("The greeting, before the beep"), True)}

    def filled(self, step: Voicemail) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"main": {"max_seconds": step.max_seconds}, "prompt": PromptForm.filled(step.greeting)}

    def usual(self) -> dict[str, Any]:
        """The usual sentence."""
        return {"prompt": {"text": GREETING}}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        return Voicemail(step, self.prompt(), self.main.cleaned_data["max_seconds"])


class TextBackMain(forms.Form):
    """What the text message says."""

    text = forms.CharField(
        label=gettext_lazy("The text message"), max_length=LONGEST_TEXT_BACK, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("It comes from the number that was dialled. Answers to it come into the inbox."),
    )  # fmt: skip

    def clean_text(self) -> str:
        """Without what no message has."""
        return clean_lines(self.cleaned_data["text"], LONGEST_TEXT_BACK).strip()


class TextBackForm(StepForm):
    """A text message to whom nobody talked with."""

    main_class = TextBackMain

    def filled(self, step: TextBack) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"main": {"text": step.text}}

    def usual(self) -> dict[str, Any]:
        """A sentence."""
        return {"main": {"text": _("Sorry that we missed your call. Answer here, and we will come back to you.")}}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        return TextBack(step, self.main.cleaned_data["text"])


class HangUpForm(StepForm):
    """The call ends."""

    prompts: ClassVar = {"prompt": (gettext_lazy("The last sentence"), True)}

    def filled(self, step: HangUp) -> dict[str, Any]:
        """As `StepForm` says."""
        return {"prompt": PromptForm.filled(step.message)}

    def usual(self) -> dict[str, Any]:
        """The usual sentence."""
        return {"prompt": {"text": APOLOGY}}

    def make(self, step: int) -> Step:
        """As `StepForm` says."""
        return HangUp(step, self.prompt())
