"""Forms about money. Sums are typed as people write them and become minor units of the account's currency."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Account
from callspring.billing import cap, checkout
from callspring.billing.actions import MOST
from callspring.billing.models import LedgerEntry
from callspring.billing.words import MINOR_DIGITS, minor_units, money, plain
from callspring.console.people_forms import OneLine

SHARE, SUM, NEVER, USUAL = "share", "sum", "never", "usual"
Kind = LedgerEntry.Kind


class Sum(forms.CharField):
    """A sum of money; its value is minor units, None where nothing was typed."""

    def __init__(self, currency: str, label: Any, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label=label, max_length=20, widget=widget, **kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        """Minor units."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return minor_units(text, self.currency)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


class TopUpForm(forms.Form):
    """How much is to be paid at Stripe."""

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = 10 ** MINOR_DIGITS.get(account.currency, 2)
        self.least, self.most = checkout.LEAST * unit, checkout.MOST * unit
        self.currency = account.currency
        self.fields["amount"] = Sum(
            account.currency, _("Amount, %(currency)s") % {"currency": account.currency}, initial="50"
        )

    def clean_amount(self) -> int:
        """Not so little that the fee eats it, and no slip of the finger."""
        amount: int = self.cleaned_data["amount"]
        if not self.least <= amount <= self.most:
            ends = {"least": money(self.least, self.currency), "most": money(self.most, self.currency)}
            raise ValidationError(_("Give a sum from %(least)s to %(most)s.") % ends)
        return amount


class ByHandForm(forms.Form):
    """Money that came another way, or a correction. `token` makes two clicks one entry."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=[
            (Kind.TOP_UP.value, gettext_lazy("Money was paid")),
            (Kind.ADJUSTMENT.value, gettext_lazy("Correction, up or down")),
        ],
    )
    note = OneLine(
        label=gettext_lazy("What for?"),
        max_length=150,
        help_text=gettext_lazy("Stands in the statement for good, with your name."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("kind", "amount", "note", "token")

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "hand_%s"
        self.initial.setdefault("token", uuid4())
        self.fields["amount"] = Sum(account.currency, _("Amount, %(currency)s") % {"currency": account.currency})
        self.order_fields(self.field_order)


class NoticeForm(forms.Form):
    """When the owners are told that the balance is low."""

    when = forms.ChoiceField(
        label=gettext_lazy("Tell us by e-mail"), widget=forms.Select(attrs={"data-shows": "amount"})
    )

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "notice_%s"
        field = self.fields["when"]
        field.choices = [  # type: ignore[attr-defined]
            (SHARE, _("when a tenth of the last 30 days' spending is left")),
            (SUM, _("when less than this is left")),
            (NEVER, _("only when nothing is left")),
        ]
        field.initial = SHARE if account.low_balance is None else SUM if account.low_balance else NEVER
        self.fields["amount"] = Sum(
            account.currency,
            _("Sum, %(currency)s") % {"currency": account.currency},
            required=False,
            initial=plain(account.low_balance, account.currency) if account.low_balance else "",
        )

    def clean(self) -> dict[str, Any]:
        """A sum where one is to be given."""
        data = super().clean() or {}
        if data.get("when") == SUM and not self.errors and (data.get("amount") or 0) <= 0:
            self.add_error("amount", _("Give a sum of more than nothing."))
        return data

    @property
    def low_balance(self) -> int | None:
        """As `Account.low_balance` has it."""
        data = self.cleaned_data
        return None if data["when"] == SHARE else data["amount"] if data["when"] == SUM else 0


class CapForm(forms.Form):
    """The most that a month may cost before nothing more is bought."""

    which = forms.ChoiceField(
        label=gettext_lazy("Buy no more numbers"), widget=forms.Select(attrs={"data-shows": "amount"})
    )

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "cap_%s"
        usual = cap.usual(account.currency)
        said = _("when a month comes to %(sum)s") % {"sum": money(usual, account.currency)} if usual else _("never")
        choices = [(USUAL, said), (SUM, _("when a month comes to a sum of our own"))]
        field = self.fields["which"]
        field.choices = choices + ([(NEVER, _("never"))] if usual else [])  # type: ignore[attr-defined]
        set_to = account.monthly_cap
        field.initial = USUAL if set_to is None else SUM if set_to else NEVER
        initial = plain(set_to, account.currency) if set_to else ""
        label = _("Most for a month, %(currency)s") % {"currency": account.currency}
        self.fields["amount"] = Sum(account.currency, label, required=False, initial=initial)

    def clean(self) -> dict[str, Any]:
        """A sum where one is to be given."""
        data = super().clean() or {}
        if data.get("which") == SUM and not self.errors and not 0 < (data.get("amount") or 0) <= MOST:
            self.add_error("amount", _("Give a sum of more than nothing."))
        return data

    @property
    def cap(self) -> int | None:
        """As `Account.monthly_cap` has it."""
        data = self.cleaned_data
        return None if data["which"] == USUAL else data["amount"] if data["which"] == SUM else 0
