"""What a scenario still needs before it can be switched on."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callspring.flows.flow import Forward, read, rung_first
from callspring.numbers.models import Number, NumberOrder
from callspring.scenarios import checks
from callspring.scenarios.models import Scenario


class NotReady(ValueError):
    """It cannot be switched on; the message says what it lacks."""


def lacks(scenario: Scenario) -> list[str]:
    """What is missing, a sentence each; nothing where it can be switched on. Without a site it is for offline media."""
    found = []
    if scenario.deleted_at is not None:
        found.append(_("It is deleted. Bring it back first."))
    # Pages ask for its numbers themselves, by an alias or by prefix (docs/scenarios.md).
    asked_for = scenario.aliases.exists()
    if scenario.site_id is not None and not asked_for and not scenario.targets.exists():
        found.append(_("It does not say yet what it replaces on your pages. Edit it: name your number, or an alias."))
    if not _has_numbers(scenario):
        found.append(_("It has no numbers yet. Add some first."))
    if not _rings(scenario):
        found.append(_("Its calls ring nobody yet. Edit its call routing."))
    return found


def demand_ready(scenario: Scenario) -> None:
    """Raise `NotReady` where something is missing."""
    if missing := lacks(scenario):
        raise NotReady(" ".join(missing))


def _rings(scenario: Scenario) -> bool:
    """A flow that rings nobody on purpose takes a message; silent ones are refused when they are saved."""
    try:
        flow = read(scenario.flow)
        if isinstance(flow, Forward) or rung_first(flow):
            checks.destination(rung_first(flow), scenario.company)
    except (ValidationError, ValueError):  # msgspec's own errors are among them
        return False
    return True


def _has_numbers(scenario: Scenario) -> bool:
    """Numbers that are on order count: they go in as they arrive."""
    on_order = NumberOrder.objects.filter(rule__scenario=scenario, state=NumberOrder.State.REQUESTED)
    return Number.objects.filter(scenario=scenario).exists() or on_order.exists()
