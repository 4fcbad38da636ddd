"""What people set: whether a pool is looked after, and how sure its calls are to be."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callspring.maintenance.hours import pool_sizes
from callspring.maintenance.models import Maintenance
from callspring.scenarios.models import Scenario

TARGETS = (0.5, 0.99)


def set_maintained(scenario: Scenario, enabled: bool) -> None:
    """Have the pool looked after once a day, or not. Raises `ValueError` for a scenario without a pool."""
    if not scenario.rules.filter(dynamic=True).exists():
        raise ValueError(_("Only a pool is maintained: every visitor sees the same static numbers."))
    _kept(scenario)
    Maintenance.objects.filter(scenario=scenario).update(enabled=enabled)


def set_certainty_target(scenario: Scenario, target: float) -> None:
    """No number is released where call certainty (0 to 1) would fall below this. Raises `ValueError`."""
    least, most = TARGETS
    if not least <= target <= most:  # not a number is not between them either
        raise ValueError(_("Choose between %(least)d and %(most)d %%.") % {"least": least * 100, "most": most * 100})
    _kept(scenario)
    Maintenance.objects.filter(scenario=scenario).update(certainty_target=target)


def _kept(scenario: Scenario) -> None:
    size = pool_sizes([scenario.pk]).get(scenario.pk, 0)
    row = Maintenance(scenario=scenario, size=size, sized_at=scenario.created_at)
    Maintenance.objects.bulk_create([row], ignore_conflicts=True)
