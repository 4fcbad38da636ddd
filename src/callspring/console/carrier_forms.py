"""The forms of Settings → Carriers and of buying numbers."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.carriers.api import Credentials
from callspring.carriers.description import Field
from callspring.carriers.registry import description
from callspring.console.countries import country_choices
from callspring.console.people_forms import OneLine
from callspring.numbers.connecting import LABEL_LENGTH
from callspring.numbers.models import Connection, Number
from callspring.numbers.shopping import selling_connections

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class _Unseen(forms.Textarea):
    """A secret of several lines: what was entered is not sent back, as with a password."""

    def format_value(self, value: object) -> str | None:  # noqa: ARG002
        """Nothing, whatever was entered."""
        return ""


class Pasted(forms.CharField):
    """One field of a carrier's description."""

    def __init__(self, described: Field) -> None:
        stays = text("It is stored and never shown here.") if described.hidden else ""
        super().__init__(
            label=described.label,
            required=not described.optional,
            help_text=f"{described.help} {stays}".strip(),
            error_messages={"required": text("%(label)s: paste it here.") % {"label": described.label}},
            widget=_widget(described),
        )
        self._described = described

    def validate(self, value: Any) -> None:
        """Refuse what cannot be one, before the carrier is asked."""
        super().validate(value)
        if not self._described.fits(value):
            raise ValidationError(self._described.wrong or _("This cannot be right. Copy it anew."))


class CredentialsForm(forms.Form):
    """What a carrier needs. Secrets are never shown again, not even when something else was wrong.

    With an `account` it asks for another secret of that account.
    """

    def __init__(self, carrier: str, *args: Any, account: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.carrier, self.described = carrier, description(carrier)
        self._account, self._known = account, self._shown(account) if account else {}
        asked = self.described.asked_again if self._known else self.described.fields
        self.fields |= {field.name: Pasted(field) for field in asked}

    def clean(self) -> dict[str, Any]:
        """A secret of another account would be another connection."""
        if self._account and not self.errors and self.credentials.account != self._account:
            raise ValidationError(text("This is another account. Connect it by itself, under Carriers."))
        return self.cleaned_data

    @property
    def credentials(self) -> Credentials:
        """What a valid form makes."""
        return self.described.credentials(self._known | self.cleaned_data)

    def denied(self, problem: str) -> None:
        """The carrier does not accept this: said at the first secret, which is what it was asked with."""
        self.add_error(next((name for name, field in self._pasted() if field.hidden), None), problem)

    def refused(self, problem: str) -> None:
        """The carrier does not want this account: said where the account stands, if it is asked for."""
        shown = [name for name, field in self._pasted() if not field.hidden]
        self.add_error(shown[0] if shown else None, problem)

    def _shown(self, account: str) -> dict[str, str]:
        """What is known of it already; nothing of one that was written in another way from a shell."""
        try:
            return self.described.shown(account)
        except ValueError:
            return {}

    def _pasted(self) -> list[tuple[str, Field]]:
        return [(field.name, field) for field in self.described.fields if field.name in self.fields]


class ConnectForm(CredentialsForm):
    """An account at a carrier. Whether the parts belong together is the carrier's to say."""

    def __init__(self, carrier: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(carrier, *args, **kwargs)
        help_text = text("What you will call this account here. Without one it is called as at %(carrier)s.")
        self.fields["label"] = OneLine(
            label=_("Name"),
            required=False,
            max_length=LABEL_LENGTH,
            help_text=help_text % {"carrier": self.described.title},
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    @property
    def parts(self) -> list[forms.BoundField]:
        """All fields that the carrier asks for."""
        return [self[name] for name, _field in self._pasted()]


def _widget(described: Field) -> forms.Widget:
    attrs = _PLAIN | ({"placeholder": described.placeholder} if described.placeholder else {})
    if described.lines > 1:
        kind = _Unseen if described.hidden else forms.Textarea
        return kind(attrs=attrs | {"rows": min(described.lines, 8)})
    if described.hidden:
        return forms.PasswordInput(render_value=False, attrs=attrs)
    return forms.TextInput(attrs=attrs)


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
