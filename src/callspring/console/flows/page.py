"""What the page of a call flow shows: the picture, the form that is open in it, the versions, the dry run."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from callspring.accounts.models import Company, User
from callspring.console import words as console_words
from callspring.console.flows import words
from callspring.console.flows.drafts import Edited
from callspring.console.flows.forms import FORMS
from callspring.console.flows.picture import Picture
from callspring.console.flows.step_form import StepForm
from callspring.console.flows.trying import EXAMPLES, TryForm
from callspring.flows.editing import NoSuchPlace, find
from callspring.flows.flow import Forward
from callspring.scenarios import sounds
from callspring.scenarios.flow_history import Target, versions
from callspring.scenarios.flow_publishing import wrong
from callspring.scenarios.models import Scenario

MOST_VERSIONS = 30  # shown


def addresses(target: Target) -> dict[str, str]:
    """Where the page and its pieces are."""
    kind = "scenario" if isinstance(target, Scenario) else "number"
    views = {"page": f"{kind}_flow", "change": f"change_{kind}_flow", "publish": f"publish_{kind}_flow"}
    views |= {"try": f"try_{kind}_flow", "simple": f"{kind}_routing"}
    back = "console:tracking_numbers" if isinstance(target, Scenario) else "console:numbers"
    there = {name: reverse(f"console:{view}", args=[target.pk]) for name, view in views.items()}
    return there | {"back": reverse(back)}


def editor(company: Company, seen: Edited, **shown: Any) -> dict[str, Any]:
    """The picture and all around it that changes with it. `shown`: `form`, `kind`, `opened`, `adding`, `said`, …"""
    found = wrong(company, seen.flow)
    picture = Picture(
        seen.flow, found, sounds.sounds(company), opened=shown.get("opened", 0), adding=shown.get("adding", "")
    )
    target = seen.target
    return {
        "target": target,
        "name": target.name if isinstance(target, Scenario) else console_words.phone(target.e164),
        "seen": seen,
        "at": addresses(target),
        "flow": picture.draw(),
        "wrong": picture.whole(),
        "count": len(found),
        "kinds": list(words.KINDS.values()),
        "simple": isinstance(seen.live.flow, Forward),
        "of_scenario": isinstance(target, Scenario),
        **shown,
    }


def history(seen: Edited) -> list[Any]:
    """The last versions, newest first."""
    return list(versions(seen.target)[:MOST_VERSIONS])


def form_of(company: Company, author: User, seen: Edited, opened: int, kind: str, *sent: Any) -> StepForm | None:
    """The form of the step that is opened, or of a new one; None where there is none. `sent` are data and files."""
    if opened:
        try:
            step = find(seen.flow, opened)
        except NoSuchPlace:
            return None
        return FORMS[words.kind_of(step).name](company, author, step, *sent)
    return FORMS[kind](company, author, None, *sent) if kind in FORMS else None


def trial(company: Company, seen: Edited, asked: Any) -> dict[str, Any]:
    """The dry run: its form and what happens in it."""
    form = TryForm(company, seen.flow, asked if "day" in asked else None)
    changed = asked.get("choices", form.choices) != form.choices
    return {"trial": form, "tried": form.tried(), "examples": EXAMPLES, "choices_changed": changed}
