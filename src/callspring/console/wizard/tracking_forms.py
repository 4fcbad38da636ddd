"""The forms of the short ways: what is tracked, and which numbers. The domain's own checks say what is right."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.carriers.outside import clean
from callspring.console.countries import country_choices
from callspring.console.tracking_forms import said
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Connection, Number
from callspring.numbers.shopping import selling_connections
from callspring.scenarios import checks
from callspring.scenarios.models import Rule
from callspring.scenarios.sizing import MOST_NUMBERS, pool_size
from callspring.sites.models import Site

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
VALUE_FIELDS = {"url_parameter": "parameter_value", "landing_page": "path", "referral": "host"}


GONE = _("This site is not here any more. Choose another one, or bring it back under Settings, Integrations.")


class StepForm(forms.Form):
    """A step's form, which can also be shown as it was left, without saying yet what is wrong with it."""

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def quiet(self) -> None:
        """Show what was typed, and no errors."""
        if not self.is_valid():
            self._errors = ErrorDict()
            self.cleaned_data = {}

    def focus_error(self) -> bool:
        """Put the cursor at the first field that has an error."""
        for name in self.fields:
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return True
        return False


class SiteField(forms.ModelChoiceField):  # type: ignore[type-arg]  # it cannot be subscripted at run time
    """One of the company's sites."""

    def label_from_instance(self, site: Site) -> str:
        """Its name, and that it is removed."""
        return site.name if site.removed_at is None else _now("%(name)s (removed)") % {"name": site.name}


def site_field(form: forms.Form, company: Company, own: int | None = None) -> None:
    """Offer the company's sites, and the `own` one of the scenario that is changed: it may be removed and stay so."""
    sites = cast(SiteField, form.fields["site"])
    offered = Site.every.filter(Q(removed_at=None) | Q(pk=own or 0), company=company)
    sites.queryset = offered.order_by("name", "id")


class OnSiteForm(StepForm):
    """Which number on which site is replaced."""

    site = SiteField(
        label=_("Site"),
        queryset=Site.objects.none(),
        empty_label=None,
        error_messages={"required": _("First add your site under Settings, Integrations."), "invalid_choice": GONE},
    )
    target = forms.CharField(
        label=_("Target number"),
        error_messages={"required": _("Give the phone number that stands on your site.")},
        max_length=40,
        help_text=_("The number on your site that is replaced, in whatever format it is written there."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site_field(self, self.company)

    def clean_target(self) -> str:
        """In E.164."""
        return said(lambda: parse_number(self.cleaned_data["target"], self.company.country))


class CampaignForm(OnSiteForm):
    """N3: one number for one strategy. `name` and `value` come from the inputs that belong to the strategy."""

    strategy = forms.ChoiceField(label=_("Strategy"), help_text=_("Which visitors are shown the number."))
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Rule.Strategy.choices)
        cast(forms.ChoiceField, self.fields["strategy"]).choices = [(name, labels[name]) for name in STRATEGIES]
        self.fields["strategy"].widget.attrs["data-shows"] = ""
        for name in ("name", "parameter_value", "path", "host"):
            self.fields[name].widget.attrs |= PLAIN

    def clean(self) -> dict[str, Any]:
        """Check the strategy's own inputs and put them together as `rule`."""
        data = super().clean() or self.cleaned_data
        strategy = data.get("strategy", "")
        field = VALUE_FIELDS.get(strategy, "")
        data["rule"] = {
            "strategy": strategy,
            "name": self._checked("name", strategy, data.get("name", ""), checks.parameter_name),
            "value": self._checked(field, strategy, data.get(field, ""), checks.rule_value),
        }
        return data

    def _checked(self, field: str, strategy: str, text: str, check: Any) -> str:
        try:
            return str(check(strategy, text))
        except ValidationError as error:
            self.add_error(field or None, error)
            return ""


# The six of the short way, in the order in which they are mostly wanted.
STRATEGIES = ("web_search", "referral", "landing_page", "url_parameter", "direct", "always")


class UsersForm(OnSiteForm):
    """N4: a pool. Without a count it is a quarter of the busiest hour."""

    peak = forms.IntegerField(
        label=_("Visits in your busiest hour"),
        error_messages={"required": _("Give a number: a guess will do.")},
        min_value=1,
        max_value=1_000_000,
        help_text=_("Your web statistics show it. A guess will do."),
    )
    count = forms.IntegerField(
        label=_("Numbers to create"),
        required=False,
        min_value=1,
        max_value=MOST_NUMBERS,
        help_text=_("A quarter of the busiest hour is the usual start."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        follow_quarter(self)

    def clean(self) -> dict[str, Any]:
        """Fill in the count."""
        data = super().clean() or self.cleaned_data
        if not data.get("count") and data.get("peak") and "count" not in self.errors:
            data["count"] = min(pool_size(data["peak"]), MOST_NUMBERS)
        return data


def follow_quarter(form: forms.Form) -> None:
    """Let the count follow the peak until somebody types one."""
    form.fields["count"].widget.attrs["data-quarter-of"] = form["peak"].id_for_label
    if form["count"].value():
        form.fields["count"].widget.attrs["data-own"] = "yes"  # typed before: not to be overwritten


class OfflineForm(StepForm):
    """C3: a number in print or on the air; calls to it are credited to the source that is named here."""

    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        error_messages={"required": _("Name the source, such as billboard main street.")},
        help_text=_("What calls to this number are put down to in reports: the billboard, flyer, spot or card."),
        widget=forms.TextInput(attrs={"placeholder": _("e.g. billboard main street"), "autocomplete": "off"}),
    )

    def clean_source(self) -> str:
        """One line, as reports group by it."""
        text: str = self.cleaned_data["source"]
        return " ".join(clean(text, len(text)).split())


class SearchForm(StepForm):
    """Which numbers to offer. `peak` and `count` are asked by the full wizard alone."""

    connection = forms.ModelChoiceField(
        label=_("Carrier"), queryset=Connection.objects.none(), empty_label=None, required=False
    )
    country = forms.ChoiceField(label=_("Country"))
    kind = forms.ChoiceField(label=_("Kind of number"), choices=Number.Kind.choices)
    area_code = forms.RegexField(
        r"^[0-9]{0,6}$",
        label=_("Area code"),
        required=False,
        error_messages={"invalid": _("Digits only, such as 312.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    peak = forms.IntegerField(
        label=_("Visits in your busiest hour"),
        required=False,
        min_value=1,
        max_value=1_000_000,
    )
    count = forms.IntegerField(label=_("How many"), required=False, min_value=1, max_value=MOST_NUMBERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sold = cast("forms.ModelChoiceField[Connection]", self.fields["connection"])
        sold.queryset = selling_connections(self.company)
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices(self.company.country)
        follow_quarter(self)

    @property
    def has_choice_of_carrier(self) -> bool:
        """Whether numbers can be bought at more than one."""
        return selling_connections(self.company).count() > 1
