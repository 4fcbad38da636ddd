"""Small forms: signing in, and the company's own settings."""

from __future__ import annotations

from typing import cast
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from callspring.console.people_forms import OneLine


class SignInForm(forms.Form):
    """E-mail and password. Whether they are right is the view's to say."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CompanyForm(forms.Form):
    """Name and time zone."""

    name = OneLine(label=_("Company name"), max_length=120)
    zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Times and days on every page and in every report follow this zone.")
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = cast(forms.ChoiceField, self.fields["zone"])
        field.choices = [(zone, zone.replace("_", " ")) for zone in zones()]


class SiteForm(forms.Form):
    """A site's name and hosts, one host a line."""

    name = OneLine(label=_("Site name"), max_length=120)
    hosts = forms.CharField(
        label=_("Allowed hosts"),
        max_length=4000,
        help_text=_("One a line, like example.com. Pages on any other host are shown no numbers."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
    )


class ApiKeyForm(forms.Form):
    """What the new key is for."""

    label = OneLine(
        label=_("What is it for?"),
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": _("e.g. Weekly report"), "autocomplete": "off"}),
    )


def zones() -> list[str]:
    """Every IANA zone that names a place, and UTC first."""
    places = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))}
    return ["UTC", *sorted(places)]
