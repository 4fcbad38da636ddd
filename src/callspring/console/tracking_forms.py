"""The form that says where calls go. The domain's own checks say what is right, here and again when saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.flows.flow import GREETING, AnyFlow, Forward, read
from callspring.scenarios import checks
from callspring.scenarios.models import Scenario

T = TypeVar("T")


def said(check: Callable[[], T]) -> T:
    """The result of a domain check, its plain `ValueError` turned into a form's error."""
    try:
        return check()
    except ValueError as error:
        raise ValidationError(str(error)) from None


class FlowForm(forms.Form):
    """Where the calls go, and what callers hear when nobody answers."""

    destination = forms.CharField(
        label=_("Ring this number"),
        error_messages={"required": _("Give the number that is to ring.")},
        max_length=200,
        help_text=_("A phone number, or a SIP address like sip:reception@pbx.example.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ring_seconds = forms.IntegerField(
        label=_("Ring for, seconds"),
        initial=25,
        min_value=checks.RING_SECONDS[0],
        max_value=checks.RING_SECONDS[-1],
        help_text=_("If nobody answers by then, the caller hears a short apology, or can leave a message."),
    )
    voicemail = forms.BooleanField(
        label=_("Voicemail"),
        required=False,
        help_text=_("Who reaches nobody can leave a message. It comes into the inbox."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    greeting = forms.CharField(
        label=_("Greeting"),
        required=False,
        max_length=checks.GREETING_LENGTH,
        help_text=_("A voice reads it out before the beep. Leave it empty for the usual sentence."),
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": GREETING}),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_destination(self) -> str:
        """E.164 or SIP, and none of our own numbers."""
        return said(lambda: checks.destination(self.cleaned_data["destination"], self.company))

    def clean_greeting(self) -> str:
        """As it will be said."""
        return said(lambda: checks.greeting(self.cleaned_data["greeting"]))

    @staticmethod
    def filled(flow: AnyFlow) -> dict[str, Any]:
        """What the form shows for a flow that is there; nothing for one that was put together step by step."""
        if not isinstance(flow, Forward):
            return {}
        greeting = "" if flow.voicemail_greeting == GREETING else flow.voicemail_greeting
        return {
            "destination": _international(flow.destination),
            "ring_seconds": flow.ring_seconds,
            "voicemail": flow.voicemail,
            "greeting": greeting,
        }

    @staticmethod
    def usual(company: Company) -> dict[str, Any]:
        """A company mostly rings one place: where the newest scenario does."""
        last = Scenario.objects.filter(company=company).order_by("-id").first()
        return {} if last is None else FlowForm.filled(read(last.flow))


def _international(destination: str) -> str:
    """A number with its country code, so that it is read the same in every country; a SIP address as it is."""
    if not destination.startswith("+"):
        return destination
    return phonenumbers.format_number(phonenumbers.parse(destination), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
