"""The forms of "New tracking number". The domain's own checks say what is right, here and again when saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.flows.flow import GREETING, Flow
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Number
from callspring.scenarios import checks
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.sizing import pool_size
from callspring.sites.models import Site

T = TypeVar("T")
MOST_NUMBERS = 1000  # in one order: a slip of the finger must not buy a city


def said(check: Callable[[], T]) -> T:
    """The result of a domain check, its plain `ValueError` turned into a form's error."""
    try:
        return check()
    except ValueError as error:
        raise ValidationError(str(error)) from None


class DetailsForm(forms.Form):
    """What both ways of tracking ask: site, title, target."""

    title = forms.CharField(
        label=_("Title"),
        error_messages={"required": _("Give it a title, such as “Google search”.")},
        max_length=checks.TITLE_LENGTH,
        help_text=_("What you will call it in lists and reports."),
        widget=forms.TextInput(attrs={"placeholder": _("e.g. Google search"), "autocomplete": "off"}),
    )
    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none(), empty_label=None)
    target = forms.CharField(
        label=_("Target number"),
        error_messages={"required": _("Give the phone number that stands on your site.")},
        max_length=40,
        help_text=_("The number on your site that is replaced, in whatever format it is written there."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        sites = cast("forms.ModelChoiceField[Site]", self.fields["site"])
        sites.queryset = Site.objects.filter(company=company).order_by("name", "id")
        sites.initial = sites.queryset.first()

    def clean_target(self) -> str:
        """In E.164."""
        return said(lambda: parse_number(self.cleaned_data["target"], self.company.country))


class CampaignForm(DetailsForm):
    """N3: one number for one strategy. `name` and `value` come from the inputs that belong to the strategy."""

    strategy = forms.ChoiceField(
        label=_("Strategy"), choices=Rule.Strategy.choices, help_text=_("Which visitors are shown the number.")
    )
    name = forms.CharField(
        label=_("Parameter"),
        required=False,
        max_length=100,
        help_text=_("As it stands in the address, like utm_source."),
    )
    parameter_value = forms.CharField(
        label=_("Value"), required=False, max_length=300, help_text=_("Leave it empty to take every value.")
    )
    path = forms.CharField(
        label=_("Landing page"),
        required=False,
        max_length=300,
        help_text=_("Its path, like /spring-offer. End it with * for everything below."),
    )
    host = forms.CharField(
        label=_("Referring website"),
        required=False,
        max_length=300,
        help_text=_("Like partner.example. Leave it empty for any website but search engines and your own."),
    )
    VALUE_FIELDS = {"url_parameter": "parameter_value", "landing_page": "path", "referral": "host"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["strategy"].widget.attrs["data-shows"] = ""
        for name in ("name", "parameter_value", "path", "host"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        """Check the strategy's own inputs and put them together as `rule`."""
        data = super().clean() or self.cleaned_data
        strategy = data.get("strategy", "")
        field = self.VALUE_FIELDS.get(strategy, "")
        data["rule"] = {
            "strategy": strategy,
            "name": self._checked("name", lambda: checks.parameter_name(strategy, data.get("name", ""))),
            "value": self._checked(field, lambda: checks.rule_value(strategy, data.get(field, ""))),
        }
        return data

    def _checked(self, field: str, check: Callable[[], str]) -> str:
        try:
            return check()
        except ValidationError as error:
            self.add_error(field or None, error)
            return ""


class UsersForm(DetailsForm):
    """N4: a pool. Without a count it is a quarter of the busiest hour."""

    peak = forms.IntegerField(
        label=_("Visits in your busiest hour"),
        error_messages={"required": _("Give a number: a guess will do.")},
        min_value=1,
        max_value=1_000_000,
        help_text=_("Your web statistics show it. A guess will do."),
    )
    count = forms.IntegerField(
        label=_("Numbers"),
        required=False,
        min_value=1,
        max_value=MOST_NUMBERS,
        help_text=_(
            "A quarter of the busiest hour is the usual start. With more, fewer visitors have to share a number, "
            "so more calls are credited for certain; with fewer, it costs less."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["count"].widget.attrs["data-quarter-of"] = self["peak"].id_for_label
        if self.initial.get("count"):
            self.fields["count"].widget.attrs["data-own"] = "yes"  # typed before: not to be overwritten

    def clean(self) -> dict[str, Any]:
        """Fill in the count."""
        data = super().clean() or self.cleaned_data
        if not data.get("count") and data.get("peak") and "count" not in self.errors:
            data["count"] = min(pool_size(data["peak"]), MOST_NUMBERS)
        return data


class SearchForm(forms.Form):
    """Which numbers to offer."""

    kind = forms.ChoiceField(label=_("Kind of number"), choices=Number.Kind.choices)
    area_code = forms.RegexField(
        r"^[0-9]{0,6}$",
        label=_("Area code"),
        required=False,
        error_messages={"invalid": _("Digits only, such as 312.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


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
    def filled(flow: Flow) -> dict[str, Any]:
        """What the form shows for a flow that is there."""
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
        return {} if last is None else FlowForm.filled(msgspec.convert(last.flow, Flow))


def _international(destination: str) -> str:
    """A number with its country code, so that it is read the same in every country; a SIP address as it is."""
    if not destination.startswith("+"):
        return destination
    return phonenumbers.format_number(phonenumbers.parse(destination), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class RoutingForm(FlowForm):
    """The last step of a new tracking number."""

    enabled = forms.BooleanField(
        label=_("Switch it on now"),
        required=False,
        initial=True,
        help_text=_("While it is off, pages keep your own number. The rent runs either way."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
