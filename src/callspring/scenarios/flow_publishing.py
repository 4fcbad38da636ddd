"""Publishing a call flow that was put together step by step: checked whole, kept as a version, told to the carriers."""

from __future__ import annotations

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.flows.checks import Problem, problems
from callspring.flows.flow import Flow
from callspring.flows.steps import Dial, destinations, every_step
from callspring.numbers.models import Number
from callspring.scenarios import sounds
from callspring.scenarios.flow_history import Target, live, next_version, note
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.routing import store, tell_carriers


class Unpublished(Exception):
    """The flow stays as it was: `problems` say what to mend."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in found))
        self.problems = found


class Overtaken(Exception):
    """Somebody else has published meanwhile."""


def wrong(company: Company, flow: Flow) -> list[Problem]:
    """All that keeps a flow from being published."""
    found = problems(flow)
    kept = {sound.name for sound in sounds.sounds(company)}
    ours = Number.objects.filter(company=company, e164__in=destinations(flow)).exclude(state=Number.State.RELEASED)
    round_trips = set(ours.values_list("e164", flat=True))
    for step in every_step(flow.steps):
        if isinstance(step, Dial):
            found += [Problem(step.id, _unringable(one.to)) for one in step.to if one.to in round_trips]
        if any(prompt.sound and prompt.sound not in kept for prompt in sounds.prompts(step)):
            found.append(Problem(step.id, _("Its recording is gone. Record it again, or have the text spoken.")))
    return found


@transaction.atomic
def publish_flow(target: Target, flow: Flow, author: User, over: int) -> int:
    """Let callers meet `flow` from now on; returns its version. `over` is the one that its author has seen as the last.

    Raises `Unpublished` when something is wrong with it, `Overtaken` when another one was published meanwhile, and
    `ValidationError` for a number that a scenario uses now.
    """
    target = _locked(target)
    if live(target).version != over:
        raise Overtaken
    if found := wrong(target.company, flow):
        raise Unpublished(found)
    note(target, None)
    flow = msgspec.structs.replace(flow, version=next_version(target))
    sounds.publish_sounds(sounds.played(flow))
    target.flow = msgspec.json.decode(msgspec.json.encode(flow))
    if not store(target):
        raise ValidationError(_("A scenario uses this number now; its calls go where the scenario says."))
    note(target, author)
    publish_on_commit(target.company_id, target.site_id if isinstance(target, Scenario) else None)
    tell_carriers(target.company_id)
    return flow.version


def _locked(target: Target) -> Target:
    """As it is in the record now; others who would publish wait."""
    if isinstance(target, Scenario):
        return Scenario.objects.select_for_update(of=("self",)).select_related("company").get(pk=target.pk)
    return type(target).objects.select_for_update(of=("self",)).select_related("company").get(pk=target.pk)


def _unringable(to: str) -> str:
    return _("Calls to %(number)s come to Callspring and would go round. Give another one.") % {"number": to}
