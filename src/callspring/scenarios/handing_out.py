"""How a pool hands its numbers out: by which policy, for how long, and what happens while all of them are held."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_on_commit

HOLDS = (30, 7_200)  # seconds


def spare_numbers(scenario: Scenario) -> list[Number]:
    """The pool's numbers, each of which could be its overflow number."""
    here = scenario.numbers.filter(rule__dynamic=True, state=Number.State.ACTIVE, replaced=None)
    return list(here.order_by("pk"))


@transaction.atomic
def hand_out(
    scenario: Scenario, *, policy: str, hold: int, overflow: str, overflow_number: Number | None = None
) -> None:
    """Set it. Raises `ValueError` that says what to do.

    The overflow number is one of the pool's and leaves one there at least; it is kept only while it is to be shown.
    """
    least, most = HOLDS
    if policy not in Scenario.Policy or overflow not in Scenario.Overflow:
        raise ValueError(_("Choose one of those that are there."))
    if not least <= hold <= most:
        raise ValueError(_("Keep a number for %(least)d to %(most)d seconds.") % {"least": least, "most": most})
    Scenario.objects.select_for_update().get(pk=scenario.pk)
    spare = None
    if overflow == Scenario.Overflow.NUMBER:
        pool = spare_numbers(scenario)
        spare = next((one for one in pool if overflow_number is not None and one.pk == overflow_number.pk), None)
        if len(pool) < 2:
            raise ValueError(_("The pool has only one number. Add another first, or have numbers shared."))
        if spare is None:
            raise ValueError(_("Choose one of the pool’s numbers as its overflow number."))
    scenario.policy, scenario.hold_seconds = policy, hold
    scenario.overflow, scenario.overflow_number = overflow, spare
    scenario.save(update_fields=["policy", "hold_seconds", "overflow", "overflow_number"])
    publish_on_commit(scenario.company_id, scenario.site_id)
