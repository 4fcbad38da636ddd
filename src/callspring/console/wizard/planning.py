"""From a draft to the scenario that it describes, and from a scenario to a draft that changes it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from callspring.console import words
from callspring.console.models import Draft
from callspring.console.tracking_forms import FlowForm
from callspring.console.wizard.drafts import Picked, coming, numbers_of, query
from callspring.console.wizard.scenario_forms import NOBODY, POOL, TermsForm
from callspring.console.wizard.steps import cleaned, details, first_unfinished, numbers_in
from callspring.flows.flow import read
from callspring.numbers.models import Connection, Number
from callspring.numbers.queries import connections
from callspring.scenarios.aliases import aliases_of
from callspring.scenarios.making import RuleSettings, Settings
from callspring.scenarios.models import Rule, Scenario, SwapTarget
from callspring.scenarios.tagging import NUMBER, Target


class Unfinished(Exception):
    """A step lacks something; its name is the message."""


def settings_of(draft: Draft) -> Settings:
    """What the draft describes. Raises `Unfinished`."""
    missing = first_unfinished(draft)
    if missing is not None:
        raise Unfinished(missing.name)
    routing = cleaned(draft, "routing")
    flow = {name: routing[name] for name in ("destination", "ring_seconds", "voicemail", "greeting") if name in routing}
    numbers = tuple(numbers_in(draft))
    if not numbers:
        raise Unfinished("numbers")
    if draft.way != "scenario":
        return Settings(title=draft.title, **_short(draft, numbers), **flow)
    return Settings(title=draft.title, **_full(draft, numbers), **flow)


def connection_of(draft: Draft) -> Connection | None:
    """Where the draft's numbers are bought; None where none is, or the carrier is not connected any more."""
    return connections(draft.company).filter(pk=numbers_of(draft).connection).first()


def _short(draft: Draft, numbers: tuple[str, ...]) -> dict[str, Any]:
    given = details(draft)
    if draft.way == "offline":
        rule = RuleSettings(Rule.Strategy.SOURCE, value=given["source"], numbers=numbers)
        return {"site": None, "targets": (), "rules": (rule,)}
    found = {"site": given["site"], "targets": (Target(NUMBER, given["target"]),)}
    if draft.way == "users":
        rule = RuleSettings(Rule.Strategy.ALWAYS, dynamic=True, numbers=numbers)
        return found | {"rules": (rule,), "peak": given["peak"]}
    return found | {"rules": (RuleSettings(**given["rule"], numbers=numbers),)}


def _full(draft: Draft, numbers: tuple[str, ...]) -> dict[str, Any]:
    tagging = cleaned(draft, "tagging")
    everybody = (RuleSettings(Rule.Strategy.ALWAYS, dynamic=True, numbers=numbers),)
    shown = cleaned(draft, "channels") or {"rules": everybody}
    return {
        "site": tagging["site"],
        "targets": tuple(tagging["targets"]),
        "mask": tagging["mask"],
        "prefix": tagging["prefix"],
        "aliases": tagging["aliases"],
        "rules": shown["rules"],
        "overflow": shown.get("overflow") or Scenario.Overflow.SHARE,
        "peak": cleaned(draft, "numbers").get("peak"),
        "terms": cleaned(draft, "terms").get("terms", ()),
    }


def fill(draft: Draft, scenario: Scenario) -> None:
    """Let the draft say what the scenario is."""
    wanted = list(scenario.wanted.all())
    here = scenario.numbers.filter(state=Number.State.ACTIVE).order_by("id")
    draft.title = scenario.name
    draft.picked = msgspec.to_builtins(
        Picked(
            chosen=[one.e164 for one in wanted],
            owned=list(here.filter(replaced=None).values_list("pk", flat=True)),
            connection=wanted[0].connection_id if wanted else 0,
            coming=coming(draft),
            seen=list(here.values_list("pk", flat=True)),
        )
    )
    flow = {name: value for name, value in FlowForm.filled(read(scenario.flow)).items() if value}
    typed = {
        "routing": flow | ({"voicemail": "on"} if flow.get("voicemail") else {}),
        "tagging": _tagging(scenario),
        "channels": _channels(scenario),
        "terms": _terms(scenario),
    }
    if scenario.peak_hourly_visits:
        typed["numbers"] = {
            "peak": scenario.peak_hourly_visits, "kind": Number.Kind.LOCAL.value, "country": scenario.company.country,
        }  # fmt: skip
    draft.typed = {step: dict(query(values.items()).lists()) for step, values in typed.items()}
    draft.save()


def _tagging(scenario: Scenario) -> dict[str, Any]:
    found: dict[str, Any] = {"site": scenario.site_id or "", "mask": scenario.mask, "number_prefix": scenario.prefix}
    found["aliases"] = "\n".join(aliases_of(scenario))
    for place, one in enumerate(scenario.targets.all()):
        is_number = one.kind == SwapTarget.Kind.NUMBER
        found |= {f"target-{place}": words.phone(one.value) if is_number else one.value, f"part-{place}": one.part}
    return found


def _channels(scenario: Scenario) -> dict[str, Any]:
    """Its last rule, where that is for everybody, is *everybody else*."""
    found: dict[str, Any] = {"rest": NOBODY, "overflow": scenario.overflow}
    rules, numbers = list(scenario.rules.all()), _numbers_by_rule(scenario)
    for place, rule in enumerate(rules):
        gives = POOL if rule.dynamic else next(iter(numbers[rule.pk]), "")
        if rule.strategy == Rule.Strategy.ALWAYS and place == len(rules) - 1:
            found["rest"] = gives or NOBODY
        else:
            row = {"strategy": rule.strategy, "name": rule.name, "value": rule.value, "gives": gives}
            found |= {f"{part}-{place}": value for part, value in row.items()}
    return found


def _numbers_by_rule(scenario: Scenario) -> dict[int | None, list[str]]:
    """Of each rule the numbers (E.164) that it has, those that are to come and those to be bought."""
    found: dict[int | None, list[str]] = defaultdict(list)
    here = scenario.numbers.filter(state=Number.State.ACTIVE, replaced=None).order_by("pk")
    awaited = scenario.imported_numbers.filter(placed_at=None)
    for rule, e164 in (row for some in (here, awaited, scenario.wanted) for row in some.values_list("rule", "e164")):
        found[rule].append(e164)
    return found


def _terms(scenario: Scenario) -> dict[str, Any]:
    of_kind: dict[str, list[str]] = {}
    for term in scenario.terms.all():
        of_kind.setdefault(term.kind, []).append(term.value)
    lines = {name: of_kind.get(kind, []) for name, kind in TermsForm.KINDS.items()}
    return {name: values if name == "channels" else "\n".join(values) for name, values in lines.items()}


__all__ = ["Unfinished", "connection_of", "fill", "settings_of"]
