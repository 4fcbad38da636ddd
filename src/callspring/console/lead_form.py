"""What people write about a call as a lead: the form on the call's page, and the history below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.calls.leads import LONGEST_NOTE, Lead, changes_of, lead_of, tag_names, tags_of
from callspring.calls.models import Call, CallChange, Flag

CURRENCIES = (
    "USD", "EUR", "GBP", "AUD", "BRL", "CAD", "CHF", "CZK", "DKK", "HUF", "INR", "JPY", "MXN", "NOK", "NZD", "PLN",
    "RON", "RUB", "SEK", "SGD", "TRY", "UAH", "ZAR",
)  # fmt: skip
YES, NO = "yes", "no"
MOST_CHANGES = 30
_VALUE = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,2}))?")


class LeadForm(forms.Form):
    """Tags, note, value and whether it is a qualified lead."""

    prefix = "lead"

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=1_000,
        required=False,
        help_text=gettext_lazy("With commas between them."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-key": "t", "list": "known-tags"}),
    )
    qualified = forms.ChoiceField(
        label=gettext_lazy("Qualified lead"),
        choices=[("", gettext_lazy("Not said")), (YES, gettext_lazy("Yes")), (NO, gettext_lazy("No"))],
        required=False,
    )
    value = forms.CharField(
        label=gettext_lazy("Value"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-key": "v"}),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "n"}),
    )

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["currency"])
        field.choices = [(one, one) for one in dict.fromkeys((currency, *CURRENCIES)) if one]

    @classmethod
    def of(cls, call: Call) -> LeadForm:
        """The form as the call stands."""
        lead, usual = lead_of(call), call.company.account.currency
        initial = {
            "tags": ", ".join(lead.tags),
            "note": lead.note,
            "value": "" if lead.value is None else plain_value(lead.value),
            "currency": lead.currency or usual,
            "qualified": "" if lead.qualified is None else YES if lead.qualified else NO,
        }
        return cls(lead.currency or usual, initial=initial)

    def clean_tags(self) -> tuple[str, ...]:
        """The tags, each once."""
        try:
            return tag_names(self.cleaned_data["tags"])
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def clean_value(self) -> Decimal | None:
        """The sum, None for none."""
        text = re.sub(r"[\s'\N{RIGHT SINGLE QUOTATION MARK}]", "", self.cleaned_data["value"])
        text = re.sub(r",(?=[0-9]{3}(?:[,.]|\Z))", "", text)  # thousands
        found = _VALUE.fullmatch(text)
        if text and not found:
            raise ValidationError(_("Write a sum like 1250 or 1250.50, without a sign."))
        return Decimal(f"{found[1]}.{found[2] or 0}") if found else None

    def wanted(self) -> Lead:
        """What is to be written."""
        data = self.cleaned_data
        qualified = {YES: True, NO: False}.get(data["qualified"])
        return Lead(data["tags"], data["note"], data["value"], data["currency"], qualified)


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of the history."""

    at: datetime
    said: str


def lead_context(call: Call, form: LeadForm | None = None) -> dict[str, Any]:
    """What the lead's card shows; `form` is one that was sent with mistakes."""
    return {
        "call": call,
        "lead": lead_of(call),
        "lead_form": form or LeadForm.of(call),
        "known_tags": [tag.name for tag in tags_of(call.company)[:200]],
        "lead_changes": history(call),
    }


def history(call: Call) -> list[Changed]:
    """Who changed what, the newest first, in words."""
    return [Changed(change.at, in_words(change)) for change in changes_of(call)[:MOST_CHANGES]]


def in_words(change: CallChange) -> str:
    """“Alice: value 120.00 USD → 200.00 USD”."""
    what = CallChange.What(change.what).label
    who = str(change.by) if change.by else _("Spam filter") if change.what == CallChange.What.FLAG else _("Somebody")
    before, after = (_said(change.what, value) for value in (change.before, change.after))
    return _("%(who)s: %(what)s %(before)s → %(after)s") % {
        "who": who,
        "what": what,
        "before": before or _("none"),
        "after": after or _("none"),
    }


def plain_value(value: Decimal) -> str:
    """1250, 1250.50."""
    return f"{value:.2f}".removesuffix(".00")


def _said(what: str, value: str) -> str:
    if what == CallChange.What.FLAG:
        return str(Flag(value).label) if value in Flag.values else value
    if what == CallChange.What.QUALIFIED:
        return {YES: _("yes"), NO: _("no")}.get(value, "")
    if what == CallChange.What.NOTE and value:
        return f"“{value}”"
    return value
