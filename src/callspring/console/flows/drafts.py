"""A call flow that somebody is changing: kept on the server as they left it, until they publish it or give it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from callspring.accounts.models import User
from callspring.console.models import FlowDraft
from callspring.flows.flow import Flow
from callspring.scenarios.flow_history import Live, Target, live
from callspring.scenarios.models import Scenario

MOST_UNDONE = 20  # changes
MOST_BYTES = 200_000  # of a flow as JSON
MOST_KEPT = 1_000_000  # bytes of what undoing needs


class Stale(Exception):
    """The page shows an older state: the flow was changed in another tab, or published by somebody else."""


class TooLarge(Exception):
    """The flow has become larger than any is."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The flow as this person sees it. `state` names it: what a page sends back with each change."""

    target: Target
    flow: Flow
    live: Live
    draft: FlowDraft | None

    @property
    def state(self) -> str:
        """Of the draft its revision, else the published version."""
        return f"{self.draft.revision if self.draft else 0}.{self.live.version}"

    @property
    def is_changed(self) -> bool:
        """Whether callers would meet something else once it is published."""
        return self.draft is not None and self.flow.steps != self.live.tree.steps

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody else has published since the draft was begun."""
        return self.draft is not None and self.draft.base != self.live.version


def edited(user: User, target: Target) -> Edited:
    """What the person left, else what is published."""
    draft, published = _mine(user, target).first(), live(target)
    flow = msgspec.convert(draft.flow, Flow) if draft else published.tree
    return Edited(target, flow, published, draft)


def change(user: User, seen: Edited, flow: Flow) -> None:
    """Keep the flow as it is now. Raises `Stale` when another tab was quicker, and `TooLarge`."""
    stored = msgspec.json.encode(flow)
    if len(stored) > MOST_BYTES:
        raise TooLarge
    before = msgspec.json.decode(msgspec.json.encode(seen.flow))
    if seen.draft is None:
        _begin(user, seen, msgspec.json.decode(stored), before)
        return
    past = [*seen.draft.past, before][-MOST_UNDONE:]
    while len(msgspec.json.encode(past)) > MOST_KEPT:
        past = past[1:]
    _put(seen.draft, msgspec.json.decode(stored), past)


def undo(seen: Edited) -> None:
    """Take the last change back; with the first one the draft is gone. Raises `Stale`."""
    if seen.draft is None:
        raise Stale
    if not seen.draft.past:
        return
    *past, before = seen.draft.past
    if not past and before == msgspec.json.decode(msgspec.json.encode(seen.live.tree)):
        seen.draft.delete()
    else:
        _put(seen.draft, before, past)


def discard(user: User, target: Target) -> None:
    """Give the changes up."""
    _mine(user, target).delete()


def _begin(user: User, seen: Edited, flow: Any, before: Any) -> None:
    scenario = seen.target if isinstance(seen.target, Scenario) else None
    number = None if isinstance(seen.target, Scenario) else seen.target
    try:
        with transaction.atomic():
            FlowDraft.objects.create(
                company_id=seen.target.company_id, user=user, scenario=scenario, number=number,
                flow=flow, past=[before], base=seen.live.version,
            )  # fmt: skip
    except IntegrityError:
        raise Stale from None


def _put(draft: FlowDraft, flow: Any, past: list[Any]) -> None:
    """Only over what was seen: of two tabs one is told."""
    unchanged = FlowDraft.objects.filter(pk=draft.pk, revision=draft.revision)
    given = {"flow": flow, "past": past, "revision": draft.revision + 1, "changed_at": timezone.now()}
    if not unchanged.update(**given):
        raise Stale


def _mine(user: User, target: Target) -> QuerySet[FlowDraft]:
    if isinstance(target, Scenario):
        return FlowDraft.objects.filter(user=user, scenario=target)
    return FlowDraft.objects.filter(user=user, number=target)
