"""The forms of Settings → Carriers and of buying numbers."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.console.countries import country_choices
from callspring.console.people_forms import OneLine
from callspring.numbers.connecting import LABEL_LENGTH
from callspring.numbers.models import Connection, Number
from callspring.numbers.shopping import selling_connections

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class TokenForm(forms.Form):
    """Twilio's auth token. It is never shown again, not even when something else was wrong."""

    secret = forms.CharField(
        label=_("Auth token"),
        max_length=200,
        error_messages={"required": _("Paste the auth token.")},
        help_text=_("It stands below the Account SID: press “Show”, then copy. It is stored and never shown here."),
        widget=forms.PasswordInput(render_value=False, attrs=_PLAIN),
    )


class TwilioForm(TokenForm):
    """An account at Twilio. Whether the two belong together is Twilio's to say."""

    account = forms.RegexField(
        r"^\s*AC[0-9a-fA-F]{32}\s*$",
        label=_("Account SID"),
        max_length=80,
        error_messages={
            "required": _("Paste the Account SID."),
            "invalid": _("An Account SID is AC followed by 32 digits and letters from a to f. A key (SK…) is none."),
        },
        help_text=_("On the first page of Twilio's console, console.twilio.com, under “Account Info”: AC and more."),
        widget=forms.TextInput(attrs={"placeholder": "AC…", **_PLAIN}),
    )
    label = OneLine(
        label=_("Name"),
        required=False,
        max_length=LABEL_LENGTH,
        help_text=_("What you will call this account here. Without one it is called as at Twilio."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("account", "secret", "label")


class BuyForm(forms.Form):
    """Which numbers to look for, and where."""

    connection = forms.ModelChoiceField(label=_("Carrier"), queryset=Connection.objects.none(), empty_label=None)
    country = forms.ChoiceField(label=_("Country"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Number.Kind.choices)
    area_code = forms.RegexField(
        r"^[0-9]{0,6}$",
        label=_("Area code"),
        required=False,
        error_messages={"invalid": _("Digits only, such as 312.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    digits = forms.RegexField(  # a field called “contains” would hide a method of the form in browsers
        r"^[0-9 ().-]{0,20}$",
        label=_("Contains"),
        required=False,
        error_messages={"invalid": _("Digits only, such as 555.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sold = cast("forms.ModelChoiceField[Connection]", self.fields["connection"])
        sold.queryset = selling_connections(company)
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices(company.country)

    def clean_digits(self) -> str:
        """The digits; one alone is too little to search for."""
        digits = "".join(filter(str.isdecimal, self.cleaned_data["digits"]))
        if len(digits) == 1:
            raise ValidationError(_("Give at least two digits."))
        return digits

    def clean_area_code(self) -> str:
        """As `clean_digits`."""
        if len(code := str(self.cleaned_data["area_code"])) == 1:
            raise ValidationError(_("Give at least two digits."))
        return code
