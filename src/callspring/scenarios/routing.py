"""Where calls go: the call flow of a scenario's numbers, or of a number that no scenario uses; changed and published.

The carriers are told too, for each number has a destination there that rings while we are silent.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.flows.flow import AnyFlow, Forward, read, whole
from callspring.flows.steps import destinations
from callspring.jobs.actions import enqueue
from callspring.numbers.models import Number
from callspring.scenarios import checks
from callspring.scenarios.flow_history import note
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_on_commit

FALLBACKS = "scenarios.refresh_fallbacks"  # the job's kind; its handler is in `jobs`


def forward(
    company: Company,
    problems: checks.Problems,
    destination: str,
    ring_seconds: int,
    *,
    voicemail: bool = False,
    greeting: str = "",
    before: AnyFlow | None = None,
) -> Forward:
    """The flow that rings `destination`; what is wrong goes to `problems`. `before` gives what nobody was asked for."""
    asked = {
        "destination": problems.check("destination", lambda: checks.destination(destination, company), ""),
        "ring_seconds": problems.check("ring_seconds", lambda: checks.ring_seconds(ring_seconds), 25),
        "voicemail": voicemail,
        "voicemail_greeting": problems.check("greeting", lambda: checks.greeting(greeting), ""),
    }
    return msgspec.structs.replace(before if isinstance(before, Forward) else Forward(""), **asked)


def new_flow(
    company: Company, destination: str, ring_seconds: int, *, voicemail: bool = False, greeting: str = ""
) -> Forward:
    """A flow for numbers that are to come. Raises `ValidationError` keyed by field."""
    problems = checks.Problems()
    flow = forward(company, problems, destination, ring_seconds, voicemail=voicemail, greeting=greeting)
    problems.raise_any()
    return flow


def change_routing(
    target: Scenario | Number,
    destination: str,
    ring_seconds: int,
    *,
    voicemail: bool = False,
    greeting: str = "",
    author: User | None = None,
) -> None:
    """Send the calls of a scenario, or of a number that none uses, elsewhere. What they met before is kept.

    Raises `ValidationError` keyed by field.
    """
    problems = checks.Problems()
    flow = forward(
        target.company,
        problems,
        destination,
        ring_seconds,
        voicemail=voicemail,
        greeting=greeting,
        before=flow_of(target),
    )
    problems.raise_any()
    with transaction.atomic():
        note(target, None)
        target.flow = msgspec.to_builtins(flow)
        if not store(target):
            raise ValidationError(_("A scenario uses this number now; its calls go where the scenario says."))
        note(target, author)
        publish_on_commit(target.company_id, target.site_id if isinstance(target, Scenario) else None)
        tell_carriers(target.company_id)


def flow_of(target: Scenario | Number) -> AnyFlow | None:
    """The flow as it is kept; None for a number that is not in service."""
    return None if target.flow is None else read(target.flow)


def tell_carriers(company_id: int) -> None:
    """Have the carriers told of changed destinations, soon; part of the transaction under way."""
    enqueue(FALLBACKS, {"company": company_id})


def rung(company: Company) -> dict[str, list[str]]:
    """Which numbers (E.164) calls are forwarded to, and by what: titles of scenarios, numbers.

    Such a number cannot come here itself: its calls would go round.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for scenario in Scenario.objects.filter(company=company, deleted_at=None):
        for called in destinations(whole(read(scenario.flow))):
            found[called].append(scenario.name)
    numbers = Number.objects.filter(company=company, scenario=None, flow__isnull=False)
    for number in numbers.exclude(state=Number.State.RELEASED):
        for called in destinations(whole(read(number.flow))):
            found[called].append(number.e164)
    return dict(found)


def store(target: Scenario | Number) -> bool:
    """Keep its flow; False for a number that a scenario uses now."""
    if isinstance(target, Scenario):
        return bool(Scenario.objects.filter(pk=target.pk).update(flow=target.flow))
    free = Number.objects.filter(pk=target.pk, scenario=None).exclude(state=Number.State.RELEASED)
    return bool(free.update(flow=target.flow))
