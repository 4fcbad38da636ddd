"""Forms about port-ins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.console.people_forms import OneLine
from callspring.numbers.models import Connection, PortIn
from callspring.numbers.shopping import selling_connections
from callspring.scenarios.porting import SAID


class Day(forms.DateField):
    """A day that may be left open."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class Notes(forms.CharField):
    """What people want to remember."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Notes"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Order numbers, whom you talked to, what is missing."),
            **kwargs,
        )


class PortInForm(forms.Form):
    """A number that is to come."""

    number = forms.CharField(
        label=_("Number"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    )
    losing_carrier = OneLine(label=_("Telephone company that has it now"), max_length=80)
    connection = forms.ModelChoiceField(Connection.objects.none(), label=_("Account that it goes to"), empty_label=None)
    wanted_on = Day(label=_("Day agreed upon"))
    notes = Notes()

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "port_%s"
        self.fields["connection"].queryset = selling_connections(company)  # type: ignore[attr-defined]


class PortInStateForm(forms.Form):
    """Where it stands."""

    state = forms.ChoiceField(label=_("State"), choices=[(state.value, state.label) for state in SAID])
    wanted_on = Day(label=_("Day agreed upon"))
    notes = Notes()

    def __init__(self, port_in: PortIn, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"state": port_in.state, "wanted_on": port_in.wanted_on, "notes": port_in.notes}
        super().__init__(*args, **kwargs)
