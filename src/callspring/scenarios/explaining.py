"""Why a visitor sees this number, and what every other scenario of the site says to it (W7, C4). Pure.

For previews, and for the question "why this number?" of any visit (`callspring.scenarios.why`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from callspring.scenarios.conditions import Facts, matches, names
from callspring.scenarios.contests import contests
from callspring.scenarios.rules import Chosen, Decision, Shown, decide, rank, rank_name
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget, PublishedTerm


class Outcome(StrEnum):
    """What became of a scenario for one visitor. The first that holds is said."""

    SHOWS = "shows"  # it wins all its targets
    SHOWS_IN_PART = "shows_in_part"  # it wins some; `beaten` says who has the others
    NOT_CHOSEN = "not_chosen"  # the page lets other scenarios act
    NO_TARGET = "no_target"  # it replaces nothing by itself: pages ask for its numbers
    NO_NUMBER = "no_number"  # none of its rules has a number in service
    KEPT_OUT = "kept_out"  # by its terms of activation: `terms` says which
    NO_RULE = "no_rule"  # none of its rules lets this visitor through
    BEATEN = "beaten"  # others have all its targets


class Beaten(msgspec.Struct, frozen=True):
    """A target that another scenario (id) has won, by a rule of this rank (`PRECEDENCE`), or `kept` from before."""

    target: str
    by: int
    reason: str


class Explained(msgspec.Struct, frozen=True):
    """One scenario's part in what a visitor sees.

    `rule` is the one that speaks for it, None where none does, and `reason` its rank (`PRECEDENCE`) or `kept`.
    `number` is the id of the number shown, 0 where the pool gives one or nothing is shown. `rules` says of each rule
    with numbers whether the visitor meets its condition.
    """

    scenario: int
    outcome: Outcome
    rule: PublishedRule | None = None
    reason: str = ""
    number: int = 0
    won: tuple[str, ...] = ()
    beaten: tuple[Beaten, ...] = ()
    terms: tuple[PublishedTerm, ...] = ()
    rules: tuple[tuple[PublishedRule, bool], ...] = ()


def explain(
    scenarios: Sequence[PublishedScenario], facts: Facts, shown: Shown | None = None, chosen: Chosen = None
) -> list[Explained]:
    """What each scenario decided for this visitor and why it lost, in the order given; it agrees with `decide`."""
    decisions = {one.scenario.id: one for one in decide(rank(scenarios), facts, shown or {}, chosen)}
    bit_of = contests(scenarios)
    by_bit = {bit_of[target.value]: one for one in decisions.values() for target in one.targets}
    winners = {value: by_bit[bit] for value, bit in bit_of.items() if bit in by_bit}
    return [_explained(one, facts, decisions.get(one.id), winners, chosen) for one in scenarios]


def _explained(
    scenario: PublishedScenario, facts: Facts, decision: Decision | None, winners: dict[str, Decision], chosen: Chosen
) -> Explained:
    rules = tuple((rule, matches(rule, facts)) for rule in scenario.rules if rule.numbers)
    terms = tuple(term for term in scenario.terms if names(term, facts))
    rule = next((rule for rule, is_met in rules if is_met), None)
    beaten = tuple(_beaten(scenario, target, winners) for target in scenario.targets)
    lost = tuple(one for one in beaten if one is not None)
    if decision is not None:
        won = tuple(target.value for target in decision.targets)
        outcome = Outcome.SHOWS_IN_PART if lost else Outcome.SHOWS
        rule, reason, number = decision.rule, decision.reason, decision.number
        return Explained(scenario.id, outcome, rule, reason, number, won, lost, (), rules)
    outcome = _why_not(scenario, chosen, terms=bool(terms), rules=bool(rules), rule=rule is not None)
    reason = rank_name(rule) if rule else ""
    return Explained(scenario.id, outcome, rule, reason, 0, (), lost, terms, rules)


def _why_not(scenario: PublishedScenario, chosen: Chosen, *, terms: bool, rules: bool, rule: bool) -> Outcome:
    if chosen is not None and scenario.id not in chosen:
        return Outcome.NOT_CHOSEN
    if not scenario.targets:
        return Outcome.NO_TARGET
    if not rules:
        return Outcome.NO_NUMBER
    if terms:
        return Outcome.KEPT_OUT
    return Outcome.BEATEN if rule else Outcome.NO_RULE


def _beaten(scenario: PublishedScenario, target: PublishedTarget, winners: dict[str, Decision]) -> Beaten | None:
    winner = winners.get(target.value)
    if winner is None or winner.scenario.id == scenario.id:
        return None
    return Beaten(target.value, winner.scenario.id, winner.reason)
