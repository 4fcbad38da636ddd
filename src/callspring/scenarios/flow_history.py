"""What was published of a call flow: every publication is kept, whoever and whatever made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import QuerySet

from callspring.accounts.models import User
from callspring.flows.flow import AnyFlow, Flow, read, whole
from callspring.numbers.models import Number
from callspring.scenarios.models import FlowVersion, Scenario

Target = Scenario | Number


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
    # What came some other way since (a number that was bought, say) is one more; it gets its number when it is noted.
    return Live(flow, 0 if last is None else last.version + (last.flow != target.flow))


def versions(target: Target) -> QuerySet[FlowVersion]:
    """What was published, newest first."""
    return FlowVersion.objects.filter(**_of(target)).select_related("author")


def note(target: Target, author: User | None) -> None:
    """Keep what callers meet now as a version, unless it is the last one already, or nothing."""
    last, flow = versions(target).first(), msgspec.json.decode(msgspec.json.encode(target.flow))  # lists, as it is read
    if flow is None or (last is not None and last.flow == flow):
        return
    about = {"company_id": target.company_id, "flow": flow, "author": author}
    FlowVersion.objects.create(version=next_version(target), **about, **_of(target))


def next_version(target: Target) -> int:
    """The number of the version that comes next."""
    last = versions(target).first()
    return 1 if last is None else last.version + 1


def _of(target: Target) -> dict[str, Any]:
    return {"scenario": target} if isinstance(target, Scenario) else {"number": target}
