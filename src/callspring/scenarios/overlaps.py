"""What people ought to know of a site's scenarios: which get in each other's way, and which rules never win. Pure.

Nothing is said that is not sure: two conditions are taken to let the same visitor through unless they cannot, and a
rule is called idle only when somebody else wins every visitor before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from callspring.scenarios.conditions import REFERRAL, SEARCH
from callspring.scenarios.contests import contests
from callspring.scenarios.rules import strength
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTerm
from callspring.visits.touch import Channel

NAMED = ("source", "medium", "campaign", "landing_page")


class Overlap(msgspec.Struct, frozen=True):
    """Both scenarios (ids) want these targets of the same visitor.

    `by_order`: for some visitors their rules are equally strong, so that the order alone decides; else the stronger
    rule wins (C4), which may be just what is wanted.
    """

    first: int
    second: int
    targets: tuple[str, ...]
    by_order: bool


class Idle(msgspec.Struct, frozen=True):
    """A rule that wins nobody: `by` is the scenario that wins them all before it, which may be its own."""

    scenario: int
    rule: PublishedRule
    by: int


def overlaps(scenarios: Sequence[PublishedScenario]) -> list[Overlap]:
    """Pairs of scenarios that want the same targets and whose terms do not keep them apart, in the order given."""
    found, bit_of = [], contests(scenarios)
    for place, first in enumerate(scenarios):
        for second in scenarios[place + 1 :]:
            bits = {bit_of[target.value] for target in first.targets}
            shared = tuple(target.value for target in second.targets if bit_of[target.value] in bits)
            pairs = list(_meeting(first, second)) if shared else []
            if pairs:
                by_order = any(strength(one) == strength(other) for one, other in pairs)
                found.append(Overlap(first.id, second.id, shared, by_order))
    return found


def idle_rules(scenarios: Sequence[PublishedScenario]) -> list[Idle]:
    """The rules with numbers that win no visitor, as long as all scenarios may act on a page."""
    found, bit_of = [], contests(scenarios)
    for place, scenario in enumerate(scenarios):
        speaking = speakers(scenario)
        for rule in scenario.rules:
            if rule.numbers and not any(rule is one for one in speaking):
                found.append(Idle(scenario.id, rule, scenario.id))
        for rule in speaking:
            by = _winner_of_all(scenarios, place, rule, bit_of)
            if by is not None:
                found.append(Idle(scenario.id, rule, by))
    return found


def speakers(scenario: PublishedScenario) -> list[PublishedRule]:
    """The rules that can speak for a scenario: those with numbers, up to the first that everybody meets."""
    found: list[PublishedRule] = []
    for rule in scenario.rules:
        if rule.numbers:
            found.append(rule)
            if rule.strategy == "always":
                break
    return found


def _winner_of_all(
    scenarios: Sequence[PublishedScenario], place: int, rule: PublishedRule, bit_of: dict[str, int]
) -> int | None:
    """Who wins every contest of the rule's scenario before it; the first of them, None where one is open."""
    by: list[int] = []
    for target in scenarios[place].targets:
        bit = bit_of[target.value]
        rivals = [
            (at, one) for at, one in enumerate(scenarios)
            if at != place and bit in [bit_of[other.value] for other in one.targets]
        ]  # fmt: skip
        winner = next((one.id for at, one in rivals if _is_before(one, rule, at < place)), None)
        if winner is None:
            return None
        by.append(winner)
    return by[0] if by else None


def _is_before(other: PublishedScenario, rule: PublishedRule, stands_before: bool) -> bool:
    """Whether the other scenario speaks for everybody, and always with a rule that goes before this one."""
    speaking = speakers(other)
    if other.terms or not speaking or speaking[-1].strategy != "always":
        return False
    return max(map(strength, speaking)) < strength(rule) + stands_before


def _meeting(first: PublishedScenario, second: PublishedScenario) -> Iterable[tuple[PublishedRule, PublishedRule]]:
    """The pairs of rules that one visitor may meet both."""
    for one in speakers(first):
        if any(_lets_nobody(one, term) for term in (*first.terms, *second.terms)):
            continue
        for other in speakers(second):
            apart = any(_lets_nobody(other, term) for term in (*first.terms, *second.terms))
            if not apart and not _exclude(one, other):
                yield one, other


def _lets_nobody(rule: PublishedRule, term: PublishedTerm) -> bool:
    """Whether the term keeps out everybody whom the rule lets through."""
    channels = _channels(rule)
    if term.kind == "channel" and channels is not None:
        return channels <= {term.value}
    return rule.strategy == term.kind and term.kind in NAMED and _covers(term.value, rule.value)


def _exclude(one: PublishedRule, other: PublishedRule) -> bool:
    """Whether no visitor meets both."""
    here, there = _channels(one), _channels(other)
    if here is not None and there is not None and not here & there:
        return True
    if one.strategy != other.strategy or one.strategy not in NAMED:
        return False
    return not _covers(one.value, other.value) and not _covers(other.value, one.value)


def _covers(wide: str, narrow: str) -> bool:
    """`spring*` covers `spring-sale` and `spring-*`; `/offer` covers `/offer/`."""
    wide, narrow = wide.lower(), narrow.lower()
    if wide.endswith("*"):
        return narrow.removesuffix("*").startswith(wide[:-1])
    return wide.rstrip("/") == narrow.rstrip("/")


def _channels(rule: PublishedRule) -> frozenset[str] | None:
    """The channels of the visitors whom a rule lets through; None where it does not say."""
    match rule.strategy:
        case "direct":
            return frozenset({Channel.DIRECT})
        case "web_search":
            return frozenset(SEARCH)
        case "channel":
            return frozenset({rule.value})
        case "referral" if not rule.value:
            return frozenset(REFERRAL)
    return None
