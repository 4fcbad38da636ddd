"""The forms of the full wizard: tagging and display format, type of tracking per channel, terms of activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from callspring.console import words
from callspring.console.wizard.overlap import cannot_work
from callspring.console.wizard.rows import RowsForm
from callspring.console.wizard.tracking_forms import GONE, PLAIN, SiteField, StepForm, site_field
from callspring.scenarios import checks, tagging
from callspring.scenarios.aliases import aliases_of, demand_free, read_aliases
from callspring.scenarios.making import RuleSettings
from callspring.scenarios.models import Rule, Scenario, SwapTarget, Term
from callspring.sites.models import Site
from callspring.sites.queries import sites
from callspring.visits.touch import CHANNEL_LABELS

POOL, NOBODY = "pool", "nobody"
LEFT = {"invalid_choice": _("This number is not in the first step any more. Choose what they are shown.")}


class TaggingForm(RowsForm):
    """What is replaced on which site, and how numbers are displayed there. Without a site nothing is."""

    row_parts = ("target", "part")
    before_rows = ("site",)
    scenario: Scenario | None = None  # that is being changed
    site = SiteField(
        label=_("Site"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=_("No website: print, radio, cards"),
        error_messages={"invalid_choice": GONE},
    )
    mask = forms.CharField(
        label=_("Mask"),
        required=False,
        max_length=tagging.MASK_LENGTH,
        help_text=_(
            "X for each digit, as in (XXX) XXX-XXXX. Leave it empty to write numbers as the page writes yours."
        ),
        widget=forms.TextInput(attrs={"placeholder": "(XXX) XXX-XXXX", **PLAIN}),
    )
    number_prefix = forms.CharField(
        label=_("Prefix"),
        required=False,
        strip=False,
        max_length=tagging.PREFIX_LENGTH,
        help_text=_("What stands before each number, such as “Tel. ”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    aliases = forms.CharField(
        label=_("Aliases"),
        required=False,
        max_length=2000,
        help_text=_(
            "Names by which pages call this scenario in window.callspringScenarios, one on each line. With an alias "
            "nothing above has to be replaced: the page asks for the number and places it."
        ),
        widget=forms.Textarea(attrs={"rows": 2, **PLAIN}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site_field(self, self.company)
        if not self.is_bound:
            self.fields["site"].initial = sites(self.company).first()

    def change(self, scenario: Scenario) -> None:
        """It is this scenario that is changed."""
        self.scenario = scenario
        site_field(self, self.company, scenario.site_id)

    def row_field(self, part: str, place: int) -> forms.Field:
        """A number or a selector; which part of the number goes there."""
        if part == "target":
            attrs = {"placeholder": "+1 800 555 0199", **PLAIN} if place == 0 else PLAIN
            return forms.CharField(
                label=_("Replace"),
                required=False,
                max_length=tagging.SELECTOR_LENGTH,
                widget=forms.TextInput(attrs=attrs),
            )
        return forms.ChoiceField(label=_("With"), required=False, choices=SwapTarget.Part.choices)

    def clean(self) -> dict[str, Any]:
        """Put the rows together as `targets`."""
        data = super().clean() or self.cleaned_data
        data["targets"] = targets = self._targets(data)
        data["aliases"] = aliases = self._aliases(data)
        if data.get("site") is None and "site" not in self.errors and targets:
            self.add_error("site", _now("Choose the site on which this is replaced."))
        elif data.get("site") is not None and not targets and not aliases and not self.errors:
            said = _now("Give the number on your site that is replaced, or its class or id, or below an alias.")
            self.add_error("target-0", said)
        data["mask"] = self._checked("mask", tagging.mask)
        data["prefix"] = self._checked("number_prefix", tagging.prefix)
        return data

    def _aliases(self, data: dict[str, Any]) -> tuple[str, ...] | None:
        """None where the field was not sent: then it keeps those it has."""
        if "aliases" not in self.data or "aliases" in self.errors:
            return None
        try:
            found = read_aliases(data.get("aliases", ""))
            demand_free(self.company, self.scenario, found)
        except ValueError as error:
            self.add_error("aliases", str(error))
            return None
        new = set(found) - set(aliases_of(self.scenario))
        if new and data.get("site") is None and "site" not in self.errors:
            self.add_error("site", _now("Choose the site whose pages call it so."))
        return found

    def _targets(self, data: dict[str, Any]) -> list[tagging.Target]:
        found: list[tagging.Target] = []
        for place in range(self.row_count):
            text, part = data.get(f"target-{place}", ""), data.get(f"part-{place}", "")
            if not text:
                continue
            try:
                one = tagging.target(text, self.company.country, part)
                if one.value in [other.value for other in found]:
                    raise ValueError(_now("“%(what)s” is listed twice. Leave one out.") % {"what": one.value})
                found.append(one)
            except ValueError as error:
                self.add_error(f"target-{place}", str(error))
        if len(found) > tagging.MOST_TARGETS:
            said = _now("A scenario replaces at most %(most)d things. Leave some out.")
            self.add_error("target-0", said % {"most": tagging.MOST_TARGETS})
        return found

    def _checked(self, field: str, check: Any) -> str:
        try:
            return str(check(self.cleaned_data.get(field, "")))
        except ValueError as error:
            self.add_error(field, str(error))
            return ""


class ChannelsForm(RowsForm):
    """Who is shown what: each row a channel with one number for all of it, or the pool; then everybody else.

    `numbers` are those of the draft (E.164). `has_spare`: an overflow number was chosen for the pool, elsewhere.
    """

    row_parts = ("strategy", "name", "value", "gives")
    rest = forms.ChoiceField(label=_("Everybody else"), required=False, error_messages=LEFT)
    overflow = forms.ChoiceField(
        label=_("When every number of the pool is held"),
        required=False,
        choices=Scenario.Overflow.choices,
    )

    def __init__(self, *args: Any, numbers: Sequence[str], has_spare: bool = False, **kwargs: Any) -> None:
        self.numbers = list(numbers)
        super().__init__(*args, **kwargs)
        one_each = [(e164, words.phone(e164)) for e164 in self.numbers]
        pool = [(POOL, _("Numbers of the pool, one for each visitor"))]
        nobody = [(NOBODY, _("No number: they see your own"))]
        shown = [(value, _now("%(number)s for all of them") % {"number": label}) for value, label in one_each]
        cast(forms.ChoiceField, self.fields["rest"]).choices = [*pool, *nobody, *shown]
        left_out = () if has_spare else (Scenario.Overflow.NUMBER,)
        cast(forms.ChoiceField, self.fields["overflow"]).choices = [
            one for one in Scenario.Overflow.choices if one[0] not in left_out
        ]

    @property
    def channel_names(self) -> list[tuple[str, str]]:
        """For the field of a channel's name."""
        return [(label, label) for label in CHANNEL_LABELS.values()]

    def row_field(self, part: str, place: int) -> forms.Field:
        """A condition, and what those whom it lets through are shown."""
        if part == "strategy":
            choices: list[tuple[str, Any]] = [("", _("Choose…")), *Rule.Strategy.choices]
            field: forms.Field = forms.ChoiceField(label=_("Channel"), required=False, choices=choices)
            field.widget.attrs["data-shows-in-row"] = ""
            return field
        if part == "name":
            return forms.CharField(
                label=_("Parameter"),
                required=False,
                max_length=100,
                widget=forms.TextInput(attrs={"placeholder": "utm_source", **PLAIN}),
            )
        if part == "value":
            widget = forms.TextInput(attrs={"list": "channel-names", **PLAIN})
            return forms.CharField(label=_("Which"), required=False, max_length=300, widget=widget)
        numbers = [(e164, _now("%(number)s for all of them") % {"number": words.phone(e164)}) for e164 in self.numbers]
        none = [("", _("No number yet"))] if self._has_none(place) else []
        choices = [*none, *numbers, (POOL, _("Numbers of the pool, one for each visitor"))]
        return forms.ChoiceField(label=_("Is shown"), required=False, choices=choices, error_messages=LEFT)

    def _has_none(self, place: int) -> bool:
        """A row whose number was taken from it: another must not seem to be chosen."""
        return bool(self.data.get(f"strategy-{place}")) and self.data.get(f"gives-{place}") == ""

    def clean(self) -> dict[str, Any]:
        """Put the rows together as `rules`; numbers that stand in no row are the pool's."""
        data = super().clean() or self.cleaned_data
        rows = [self._rule(place, data) for place in range(self.row_count) if data.get(f"strategy-{place}")]
        rest = data.get("rest") or POOL
        if rest != NOBODY:
            numbers = () if rest == POOL else (rest,)
            rows.append(RuleSettings(Rule.Strategy.ALWAYS, dynamic=rest == POOL, numbers=numbers))
        data["rules"] = self._with_pool(rows) if not self.errors else ()
        return data

    def _rule(self, place: int, data: dict[str, Any]) -> RuleSettings:
        strategy, gives = data[f"strategy-{place}"], data.get(f"gives-{place}") or POOL
        name = self._checked(f"name-{place}", checks.parameter_name, strategy, data.get(f"name-{place}", ""))
        value = self._checked(f"value-{place}", checks.rule_value, strategy, data.get(f"value-{place}", ""))
        if self._has_none(place):
            self.add_error(f"gives-{place}", _now("Choose what they are shown, or remove this line."))
        return RuleSettings(strategy, name, value, gives == POOL, () if gives == POOL else (gives,))

    def _checked(self, field: str, check: Any, *given: str) -> str:
        try:
            return str(check(*given))
        except ValidationError as error:
            self.add_error(field, error)
        except ValueError as error:
            self.add_error(field, str(error))
        return ""

    def _with_pool(self, rows: list[RuleSettings]) -> tuple[RuleSettings, ...]:
        used = [e164 for row in rows for e164 in row.numbers]
        pool = tuple(e164 for e164 in self.numbers if e164 not in used)
        dynamic = [row for row in rows if row.dynamic]
        if len(set(used)) < len(used):
            self.add_error(None, _now("A number can stand in one row only: else its calls could be anybody's."))
        elif len(dynamic) > 1:
            said = _now(
                "A scenario has one pool. Give it to one row, or to everybody else, and the other rows a number."
            )
            self.add_error(None, said)
        elif dynamic and not pool:
            said = _now(
                "No number is left for the pool. Add numbers in the first step, or give everybody else one number."
            )
            self.add_error(None, said)
        elif not dynamic and pool:
            said = _now("%(number)s is in no row. Give it one, or take it out in the first step.")
            self.add_error(None, said % {"number": words.phone(pool[0])})
        return tuple(
            RuleSettings(row.strategy, row.name, row.value, dynamic=True, numbers=pool) if row.dynamic else row
            for row in rows
        )


class TermsForm(StepForm):
    """Whom the scenario is not for (C4). One line each."""

    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        required=False,
        choices=[(str(one), label) for one, label in CHANNEL_LABELS.items()],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    sources = forms.CharField(label=_("Sources"), help_text=_("One a line, like newsletter or google."))
    mediums = forms.CharField(label=_("Mediums"), help_text=_("One a line, like cpc or email."))
    campaigns = forms.CharField(label=_("Campaigns"), help_text=_("One a line. End it with * for all that begin so."))
    places = forms.CharField(label=_("Regions"), help_text=_("One a line: US, US/Illinois or US/Illinois/Chicago."))
    pages = forms.CharField(
        label=_("Landing pages"), help_text=_("One path a line, like /jobs. End it with * for everything below.")
    )
    KINDS = {
        "channels": Term.Kind.CHANNEL,
        "sources": Term.Kind.SOURCE,
        "mediums": Term.Kind.MEDIUM,
        "campaigns": Term.Kind.CAMPAIGN,
        "places": Term.Kind.PLACE,
        "pages": Term.Kind.LANDING_PAGE,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.KINDS:
            if name != "channels":
                field = cast(forms.CharField, self.fields[name])
                field.required, field.max_length = False, 5000
                field.widget = forms.Textarea(attrs={"rows": 2, **PLAIN})

    def clean(self) -> dict[str, Any]:
        """Put the lines together as `terms`: (kind, value)."""
        data = super().clean() or self.cleaned_data
        found: dict[tuple[str, str], None] = {}
        for name, kind in self.KINDS.items():
            given = data.get(name) or ()
            for line in given.splitlines() if isinstance(given, str) else given:
                if line.strip():
                    self._add(name, kind, line.strip(), found)
        data["terms"] = tuple(found)
        return data

    @property
    def cannot_work(self) -> list[str]:
        """What the terms need that is not there yet."""
        return cannot_work(self.cleaned_data.get("terms", ())) if self.is_bound and self.is_valid() else []

    def _add(self, field: str, kind: str, value: str, found: dict[tuple[str, str], None]) -> None:
        try:
            found[str(kind), checks.term_value(kind, value)] = None
        except ValidationError as error:
            self.add_error(field, error)
        except ValueError as error:
            self.add_error(field, str(error))
