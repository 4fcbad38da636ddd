"""A tracking number that is being made: what was typed on each step, kept in the session until it is saved.

Every draft has an id of its own that stands in the address, so two tabs do not disturb each other.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from callspring.console.request import CompanyRequest

SESSION_KEY = "drafts"
LONGEST = 500  # characters of a field: more than any of them takes
KEPT = 5  # newest drafts per session


class DraftGone(Exception):
    """The draft in the address was saved or given up, or never was this company's."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`typed` holds raw form data per step; `offered`, `chosen` are E.164; `owned`, `bought` are ids of numbers."""

    id: str
    company: int
    way: str  # campaign or users
    typed: dict[str, dict[str, str]] = field(default_factory=dict)
    offered: list[str] = field(default_factory=list)
    search: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    owned: list[int] = field(default_factory=list)
    bought: list[int] = field(default_factory=list)

    def with_typed(self, step: str, data: dict[str, str]) -> Draft:
        """The draft with a step's form as it was sent."""
        kept = {name: value[:LONGEST] for name, value in data.items() if name not in ("csrfmiddlewaretoken", "go")}
        return replace(self, typed=self.typed | {step: kept})


def new_draft(request: CompanyRequest, way: str) -> Draft:
    """An empty draft; it is stored with the first `save`."""
    return Draft(secrets.token_hex(4), request.company.pk, way)


def find(request: CompanyRequest) -> Draft:
    """The draft named in the address. Raises `DraftGone`, also for one of another company."""
    stored = request.session.get(SESSION_KEY, {}).get(request.GET.get("draft", ""))
    if stored is None or stored["company"] != request.company.pk:
        raise DraftGone
    return Draft(**stored)


def save(request: CompanyRequest, draft: Draft) -> Draft:
    """Keep the draft, and of the others only the newest."""
    drafts: dict[str, Any] = request.session.get(SESSION_KEY, {})
    drafts.pop(draft.id, None)
    drafts[draft.id] = asdict(draft)
    request.session[SESSION_KEY] = dict(list(drafts.items())[-KEPT:])
    return draft


def drop(request: CompanyRequest, draft: Draft) -> None:
    """It was saved for good, or given up."""
    drafts: dict[str, Any] = request.session.get(SESSION_KEY, {})
    drafts.pop(draft.id, None)
    request.session[SESSION_KEY] = drafts
