"""Scenarios whose number is given to visitors and yet appears on no page: the swap target is most likely gone (P4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.scenarios.models import Scenario
from callspring.visits.models import Show

WITHOUT = timedelta(hours=24)
LEAST_VISITS = 3  # somebody who leaves at once confirms nothing, and that is no news of the page


@dataclass(frozen=True, slots=True)
class DeadTarget:
    """What an alert about it says; `episode` names this time that it happened."""

    episode: str
    title: str
    text: str
    steps: tuple[str, ...]


def dead_targets(company: Company, now: datetime) -> list[DeadTarget]:
    """Scenarios that are on, were given to visitors in the last 24 hours, and of which no page swapped a place."""
    given = Show.objects.filter(scenario=OuterRef("pk"), granted_at__gt=now - WITHOUT, granted_at__lte=now)
    on = Scenario.objects.filter(company=company, enabled=True, deleted_at=None, site__in=company.sites.all())
    silent = on.filter(Exists(given.exclude(number=0))).exclude(Exists(given.filter(places__gt=0)))
    return [_told(scenario) for scenario in silent.order_by("pk") if _visits(scenario, now) >= LEAST_VISITS]


def _visits(scenario: Scenario, now: datetime) -> int:
    given = Show.objects.filter(scenario=scenario, granted_at__gt=now - WITHOUT, granted_at__lte=now)
    return given.exclude(number=0).aggregate(n=Count("visit", distinct=True))["n"] or 0


def _told(scenario: Scenario) -> DeadTarget:
    swapped = Show.objects.filter(scenario=scenario, places__gt=0).aggregate(last=Max("shown_at"))["last"]
    since = f"{swapped:%Y%m%dT%H%M%S}" if swapped else "never"
    named = {"name": scenario.name, "target": scenario.target or _("what it replaces"), "site": scenario.site}
    return DeadTarget(
        episode=f"dead-target:{scenario.pk}:{since}",
        title=_("“%(name)s” replaces nothing on your pages") % named,
        text=_(
            "Visitors of %(site)s were given numbers of “%(name)s” in the last 24 hours, but no page showed one of "
            "them, and so their calls cannot be told apart."
        )
        % named,
        steps=(
            _("%(target)s must be on the page. If the site shows another number by now, change the scenario.") % named,
            _("“Test snippet” under Settings, Integrations says how many places would be replaced."),
        ),
    )
