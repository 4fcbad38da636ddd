"""Settings → Credit: how calls are credited, what another way would change, how right it is, and when people call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Company
from callspring.calls import timing
from callspring.calls.attribution import WHOLE
from callspring.calls.calibration import Reliability, calibration
from callspring.calls.crediting import settings_of
from callspring.calls.models import AttributionModel, RepeatRule, SettingsChange
from callspring.calls.reasons import repeat_rule_in_words
from callspring.calls.visit_reasons import ago_in_words
from callspring.console import words
from callspring.console.charts import Chart, Series
from callspring.pools.timing import Timing
from callspring.sites.models import Site

ABOUT: dict[AttributionModel, Promise] = {
    AttributionModel.FIRST: gettext_lazy("The way they came the very first time. What brought you a new customer."),
    AttributionModel.LAST: gettext_lazy("The way they came the time they called."),
    AttributionModel.LAST_NON_DIRECT: gettext_lazy("The way they came last, unless they just typed the address."),
    AttributionModel.LINEAR: gettext_lazy("All the ways they came, in equal parts."),
    AttributionModel.POSITION: gettext_lazy("First and last 40 % each, the ways between share 20 %."),
    AttributionModel.TIME_DECAY: gettext_lazy("All the ways they came; one a week ago counts half."),
}
# Seconds after leaving, at which the curve is drawn.
DELAYS = (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 259_200, 604_800, 2_592_000)
SITES = 5
CHANGES = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the ways to credit calls."""

    value: str
    label: str
    about: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """When people of one site call: the chart, and the same in words. `calls` is from how many it was learnt; not all
    calls teach anything, as those to static numbers do not."""

    site: Site
    chart: Chart
    calls: int
    half: str
    half_before: str


@dataclass(frozen=True, slots=True)
class Row:
    """A source in the comparison: calls by the old and by the new settings."""

    name: str
    old: float
    new: float

    @property
    def change(self) -> float:
        """New less old."""
        return round(self.new - self.old, 6)

    @property
    def sign(self) -> str:
        """In front of the change."""
        return "+" if self.change > 0 else "−" if self.change < 0 else ""

    @property
    def size(self) -> float:
        """The change without its sign."""
        return abs(self.change)


@dataclass(frozen=True, slots=True)
class CreditPage:
    """All of it. `open_change` is being worked out, ready or being applied; `changes` were applied, newest first."""

    models: list[Choice]
    rules: list[Choice]
    open_change: SettingsChange | None
    changes: list[SettingsChange]
    reliability: Reliability
    curves: list[Curve]


def credit_page(company: Company) -> CreditPage:
    """The page of a company."""
    now = settings_of(company.pk)
    changes = SettingsChange.objects.filter(company=company).select_related("by").order_by("-pk")
    rules = [Choice(one.value, str(one.label), repeat_rule_in_words(one), one == now.repeat_rule) for one in RepeatRule]
    return CreditPage(
        models=[Choice(one.value, str(one.label), str(ABOUT[one]), one == now.model) for one in AttributionModel],
        rules=rules,
        open_change=changes.filter(state__in=SettingsChange.OPEN).first(),
        changes=list(changes.filter(state=SettingsChange.State.APPLIED)[:CHANGES]),
        reliability=calibration(company),
        curves=[_curve(site) for site in Site.objects.filter(company=company).order_by("pk")[:SITES]],
    )


def rows(change: SettingsChange) -> list[Row]:
    """The comparison, most by the new settings first."""
    return [Row(words.source(_Named(row)), row["old"] / WHOLE, row["new"] / WHOLE) for row in change.table]


def totals(found: list[Row]) -> Row:
    """What the rows add up to: the same number of calls on both sides."""
    old, new = (round(sum(getattr(row, name) for row in found), 3) for name in ("old", "new"))
    return Row(_("All calls"), old, new)


class _Named:
    """The source columns of a stored row."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.source, self.medium, self.channel = row["source"], row["medium"], row["channel"]


def _curve(site: Site) -> Curve:
    learnt = timing.of_site(site.pk)
    lines = [Series(_("Learnt from your calls"), _called_by(learnt)), Series(_("Before"), _called_by(timing.PRIOR))]
    return Curve(
        site=site,
        chart=Chart("lines", [_short(seconds) for seconds in DELAYS], lines),
        calls=round(learnt.calls + learnt.news),
        half=ago_in_words(_half(learnt)),
        half_before=ago_in_words(_half(timing.PRIOR)),
    )


def _called_by(known: Timing) -> list[float]:
    """Of those who call after leaving, how many per cent have done so by then."""
    return [round(100 * (1 - known.still(seconds))) for seconds in DELAYS]


def _half(known: Timing) -> float:
    """Seconds after leaving by which half of them have called."""
    low, high = 1.0, float(DELAYS[-1])
    for _step in range(30):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if known.still(middle) > 0.5 else (low, middle)
    return high


def _short(seconds: int) -> str:
    """10 s, 5 min, 2 h, 3 d: short enough for an axis."""
    for size, unit in ((86_400, _("d")), (3600, _("h")), (60, _("min"))):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} {_('s')}"
