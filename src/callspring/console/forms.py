"""Small forms: signing in, and the company's own settings."""

from __future__ import annotations

from typing import cast
from zoneinfo import available_timezones

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from callspring.console.people_forms import OneLine
from callspring.scenarios.visitors import MOST_DAYS


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
    """A site's name and hosts, one host a line, and whether visitors must consent where no tool asks them."""

    name = OneLine(
        label=_("Site name"),
        max_length=120,
        error_messages={"required": _("Give the site a name that your people know it by.")},
    )
    hosts = forms.CharField(
        label=_("Allowed hosts"),
        max_length=4000,
        error_messages={"required": _("Type at least one host, like example.com.")},
        help_text=_("One a line, like example.com. Pages on any other host are shown no numbers."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
    )

    consent = forms.ChoiceField(
        label=_("Where no consent tool is found"),
        choices=[("", _("Visitors are recognised")), ("yes", _("Visitors must agree first"))],
        required=False,
        help_text=_(
            "A consent tool on your page always decides, and so does a browser that asks not to be recognised. This is "
            "for pages where nobody says anything. In the European Union and the United Kingdom visitors must agree "
            "first. Until they do, they get no cookie and no pool number, see a campaign's number or your own, and are "
            "counted by source only."
        ),
    )
    forms = forms.ChoiceField(
        label=_("Forms that visitors send"),
        choices=[("", _("Are not recorded")), ("yes", _("Are recorded with the visit"))],
        required=False,
        help_text=_(
            "What visitors write into a form and send is then seen with their visit, and in the inbox when it has a "
            "phone number. Passwords, payment cards, hidden fields and files are never taken. Say so in your privacy "
            "notice."
        ),
    )


# Django's own sentences name the limits one by one.
_DAYS_WANTED = format_lazy(_("Give a number of days from 1 to {most}: browsers keep no cookie longer."), most=MOST_DAYS)


class VisitorsForm(forms.Form):
    """How long visitors are remembered, and which of their sources decides."""

    cookie_days = forms.IntegerField(
        label=_("Remember visitors for"),
        min_value=1,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _DAYS_WANTED),
        help_text=_("Days since their last page. For so long a visitor sees the same number and keeps their source."),
    )
    newest_source = forms.ChoiceField(
        label=_("Which source decides"),
        choices=[("", _("The first one")), ("yes", _("The newest one that is not direct"))],
        required=False,
        help_text=_(
            "Somebody may come by an advertisement first and by a newsletter later. This source decides which number "
            "they see, and their calls are put down to it."
        ),
    )


class ApiKeyForm(forms.Form):
    """What the new key is for."""

    label = OneLine(
        label=_("What is it for?"),
        max_length=80,
        error_messages={"required": _("Say what the key is for: it is how you tell it from others later.")},
        widget=forms.TextInput(attrs={"placeholder": _("e.g. Weekly report"), "autocomplete": "off"}),
    )


def zones() -> list[str]:
    """Every IANA zone that names a place, and UTC first."""
    places = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))}
    return ["UTC", *sorted(places)]
