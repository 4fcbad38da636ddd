"""Forms about people: inviting and joining, passwords, the own profile, staff addresses and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Membership, User
from callspring.accounts.roles import Role
from callspring.accounts.staff import Network, parse_network
from callspring.carriers.outside import clean
from callspring.numbers.e164 import parse_number

LONGEST_PASSWORD = 4096  # characters; hashing takes time in proportion


class OneLine(forms.CharField):
    """Text on one line: white space of any sort becomes single spaces, so it may stand in a mail's subject.

    What cannot be seen goes.
    """

    def to_python(self, value: Any) -> Any:
        """The text."""
        text = str(super().to_python(value) or "")
        return " ".join(clean(text, len(text)).split())


class Password(forms.CharField):
    """A password that exists (`current`), or a new one for a password manager to make up."""

    def __init__(self, label: Any, *, current: bool = False, help_text: Any = "") -> None:
        attrs = {"autocomplete": "current-password" if current else "new-password"}
        super().__init__(
            label=label,
            strip=False,
            max_length=LONGEST_PASSWORD,
            help_text=help_text,
            widget=forms.PasswordInput(attrs=attrs),
        )


class NewPassword(forms.Form):
    """A new password, good enough for `user`."""

    password = Password(_("New password"), help_text=_("At least 10 characters."))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """The validators of the settings decide."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class JoinForm(NewPassword):
    """Name and password of somebody new."""

    name = OneLine(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    password = Password(_("Choose a password"), help_text=_("At least 10 characters."))
    field_order = ("name", "password")


class ChangePassword(NewPassword):
    """The password that is, where there is one, and the new one."""

    current = Password(_("Your password now"), current=True)
    field_order = ("current", "password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        if not user.has_usable_password():
            del self.fields["current"]


class ForgotForm(forms.Form):
    """Whose password is to be made anew."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class ProfileForm(forms.Form):
    """The person's name, and the companies whose inbox is copied to them by e-mail."""

    name = OneLine(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    copies = forms.MultipleChoiceField(required=False)

    def __init__(self, memberships: Iterable[Membership], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["copies"])
        field.choices = [(str(one.company_id), one.company.name) for one in memberships]

    def wanted(self) -> set[int]:
        """The ids of those companies."""
        return {int(company) for company in self.cleaned_data["copies"]}


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    role = forms.ChoiceField(label=_("Role"), initial=Role.AGENT)

    def __init__(self, roles: Iterable[Role], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["role"])
        field.choices = [(role.value, role.label) for role in roles]


class StaffNetworkForm(forms.Form):
    """An address or network, and whose it is."""

    network = forms.CharField(
        label=_("IP address or network"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"placeholder": "192.0.2.7", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
    label = OneLine(
        label=_("Whose is it?"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("e.g. Office"), "autocomplete": "off"}),
    )

    def clean_network(self) -> Network:
        """The network."""
        try:
            return parse_network(self.cleaned_data["network"])
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


class StaffNumberForm(forms.Form):
    """A phone number, and whose it is. Without a country code it is read as one of `country`."""

    e164 = forms.CharField(
        label=_("Phone number"), max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
    label = OneLine(
        label=_("Whose is it?"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("e.g. Front desk"), "autocomplete": "off"}),
    )

    def __init__(self, country: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = country

    def clean_e164(self) -> str:
        """The number in E.164."""
        try:
            return parse_number(self.cleaned_data["e164"], self._country)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None
