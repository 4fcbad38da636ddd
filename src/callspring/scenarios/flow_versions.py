"""Publishing call flows: every publication is kept, and can be brought back.

What was published through a simple form is kept too, so that the history has no holes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.flows.checks import Problem, problems
from callspring.flows.flow import AnyFlow, Flow, read, whole
from callspring.flows.steps import Dial, every_step
from callspring.numbers.models import Number
from callspring.scenarios import checks, sounds
from callspring.scenarios.models import FlowVersion, Scenario
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.routing import store, tell_carriers

Target = Scenario | Number


class Unpublished(Exception):
    """The flow stays as it was: `problems` say what to mend."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in found))
        self.problems = found


class Overtaken(Exception):
    """Somebody else has published meanwhile."""


@dataclass(frozen=True, slots=True)
class Live:
    """What callers meet now. `version` is 0 where nothing was kept yet."""

    flow: AnyFlow | None
    version: int

    @property
    def tree(self) -> Flow:
        """As a tree; one without steps for a number that is not in service."""
        return whole(self.flow) or Flow(())


def live(target: Target) -> Live:
    """What callers of a scenario's numbers, or of a number, meet now."""
    last = versions(target).first()
    flow = None if target.flow is None else read(target.flow)
    # What a form without versions has put there since is one more, which gets its number when it is kept.
    return Live(flow, 0 if last is None else last.version + (last.flow != target.flow))


def versions(target: Target) -> QuerySet[FlowVersion]:
    """What was published, newest first."""
    return FlowVersion.objects.filter(**_of(target)).select_related("author")


def wrong(company: Company, flow: Flow) -> list[Problem]:
    """All that keeps a flow from being published."""
    found = problems(flow)
    for step in every_step(flow.steps):
        if isinstance(step, Dial):
            found += [Problem(step.id, text) for text in _unringable(company, step)]
        heard = {prompt.sound for prompt in sounds.prompts(step) if prompt.sound}
        if any(sounds.find(company, name) is None for name in heard):
            found.append(Problem(step.id, _("Its recording is gone. Record it again, or have the text spoken.")))
    return found


@transaction.atomic
def publish_flow(target: Target, flow: Flow, author: User, over: int) -> FlowVersion:
    """Let callers meet `flow` from now on. `over` is the version that its author has seen as the last.

    Raises `Unpublished` when something is wrong with it, `Overtaken` when another one was published meanwhile, and
    `ValidationError` for a number that a scenario uses now.
    """
    target = _locked(target)
    if live(target).version != over:
        raise Overtaken
    if found := wrong(target.company, flow):
        raise Unpublished(found)
    _catch_up(target)
    number = _next(target)
    flow = msgspec.structs.replace(flow, version=number)
    sounds.publish_sounds(sounds.played(flow))
    target.flow = msgspec.to_builtins(flow)
    if not store(target):
        raise ValidationError(_("A scenario uses this number now; its calls go where the scenario says."))
    kept = _keep(target, number, author)
    publish_on_commit(target.company_id, target.site_id if isinstance(target, Scenario) else None)
    tell_carriers(target.company_id)
    return kept


def _locked(target: Target) -> Target:
    """As it is in the record now; others who would publish wait."""
    kind = type(target)
    return kind.objects.select_for_update(of=("self",)).select_related("company").get(pk=target.pk)


def _catch_up(target: Target) -> None:
    """Keep what callers met until now, where a form put it there that keeps no versions."""
    last = versions(target).first()
    if target.flow is not None and (last is None or last.flow != target.flow):
        _keep(target, _next(target), None)


def _keep(target: Target, number: int, author: User | None) -> FlowVersion:
    return FlowVersion.objects.create(
        company_id=target.company_id, version=number, flow=target.flow, author=author, **_of(target)
    )


def _next(target: Target) -> int:
    newest: int | None = FlowVersion.objects.filter(**_of(target)).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def _unringable(company: Company, step: Dial) -> list[str]:
    said = []
    for one in step.to:
        try:
            checks.destination(one.to, company)
        except ValidationError as error:
            said += [f"{one.to}: {text}" for text in error.messages]
        except ValueError:
            continue  # `problems` says so
    return said


def _of(target: Target) -> dict[str, Any]:
    return {"scenario": target} if isinstance(target, Scenario) else {"number": target}
