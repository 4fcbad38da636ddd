"""Which scenario's number does this visitor see in place of each swap target? Pure.

One function from (published scenarios, facts of the visit, what was shown before, what the page chose) to decisions,
each with its reason. What depends on the scenarios alone is done once per publication, in `rank`.

The scenarios' rules stand in order of strength (C4), and each whose condition is met takes those of its scenario's
targets that are still free. So a scenario may win some of its targets and lose others, but speaks with one rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from callspring.scenarios.conditions import REFERRAL, SEARCH, Condition, Facts, any_of, but_not, condition
from callspring.scenarios.contests import contests
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget
from callspring.visits.touch import Channel

# What the cookie says was shown before: ids of scenario and number. The keys do not matter.
Shown = Mapping[str, tuple[int, int]]
Chosen = Collection[int] | None

# C4: URL parameter or landing page, then specific referrer, then web search, then other referral, then direct, then
# pool, then always swap. Equal ranks keep the order people gave the scenarios. A tag is a parameter of the address that
# brought the visitor; a source is somebody in particular, as a specific referrer is.
PRECEDENCE: Mapping[str, int] = {
    "url_parameter": 0,
    "landing_page": 0,
    "campaign": 0,
    "medium": 0,
    "channel": 0,
    "specific_referrer": 1,
    "source": 1,
    "web_search": 2,
    "referral": 3,
    "direct": 4,
    "pool": 5,
    "always": 6,
}
WEAKEST = len(PRECEDENCE)


class Decision(msgspec.Struct, frozen=True, gc=False):
    """A scenario won `targets`: all of its own (the very tuple), or some. `number` is its static number's id, 0 when
    the pool must be asked.

    `own` is the number the visitor saw before in this scenario, 0 for none.
    """

    scenario: PublishedScenario
    rule: PublishedRule
    reason: str
    number: int
    targets: tuple[PublishedTarget, ...]
    own: int = 0


class Claim(NamedTuple):
    """A rule that may win its scenario's targets. `reason` is its name in `PRECEDENCE`.

    `place` is where it stands among all claims of the site. `wants` has a bit for each contest (`contests`) that its
    scenario is in, `bits` that of each of its targets. `is_met` is the whole question; `is_out` (None: never) is
    whether the terms of activation keep the visitor out.
    """

    wants: int
    id: int
    numbers: frozenset[int]
    is_met: Condition
    is_out: Condition | None
    reason: str
    scenario: PublishedScenario
    rule: PublishedRule
    bits: tuple[int, ...]
    place: int = 0


class Claims(NamedTuple):
    """The claims of one site, the strongest first; `everything` has the bits of all contests.

    `of` has those of each scenario. `asked_for` are claims of scenarios without swap targets: they wait until a page
    asks (`issue`).
    """

    ranked: tuple[Claim, ...]
    everything: int
    of: Mapping[int, Sequence[Claim]]
    asked_for: tuple[Claim, ...]


def rank(scenarios: Sequence[PublishedScenario]) -> Claims:
    """The claims on each swap target, the strongest first: done once per publication, not per page load."""
    bit_of = contests(scenarios)
    found = [claim for scenario in scenarios for claim in _claims(scenario, bit_of)]
    found.sort(key=lambda claim: PRECEDENCE.get(claim.reason, WEAKEST))
    ranked = [claim._replace(place=place) for place, claim in enumerate(found) if claim.wants]
    everything, of = 0, dict[int, list[Claim]]()
    for claim in ranked:
        everything |= claim.wants
        of.setdefault(claim.id, []).append(claim)
    return Claims(tuple(ranked), everything, of, tuple(claim for claim in found if not claim.wants))


def decide(claims: Claims, facts: Facts, shown: Shown, chosen: Chosen = None) -> list[Decision]:
    """One decision for each scenario that wins a swap target for this visitor; no target is won twice.

    A number that was shown before stays as long as its scenario is published with it, for this visitor (W5); else the
    strongest claim that is met wins. `chosen`: the ids of the scenarios that the page lets act, None for all (W7).
    """
    decisions: list[Decision] = []
    free = _keep(claims, facts, shown, chosen, decisions) if shown else claims.everything
    if not free:
        return decisions
    for claim in claims.ranked:
        won = claim.wants & free
        if won and (chosen is None or claim.id in chosen) and claim.is_met(facts):
            decisions.append(_decision(claim, won, claim.reason))
            free ^= won
            if not free:
                break
    return decisions


def issue(
    claims: Claims, facts: Facts, shown: Shown, chosen: Chosen, begins: Callable[[int], bool] | None
) -> list[Decision]:
    """What scenarios without swap targets give to a page that asks for their numbers (W7).

    The page asks by choosing such scenarios, or, where the site has none with targets, by a prefix; `begins` then says
    whether a number begins with it, and one scenario at most answers. A pool answers only if all its numbers do.
    """
    if begins is not None and claims.ranked:
        begins = None
    if begins is None and chosen is None:
        return []
    before = dict(shown.values())
    found: dict[int, Decision] = {}
    for claim in (*_shown_before(claims.asked_for, before), *claims.asked_for):
        if claim.id in found or (chosen is not None and claim.id not in chosen):
            continue
        decision = _issued(claim, facts, before.get(claim.id, 0), begins)
        if decision is not None:
            found[claim.id] = decision
            if begins is not None:
                break
    return list(found.values())


def rank_name(rule: PublishedRule) -> str:
    """The name under which a rule stands in `PRECEDENCE`; it is also the reason given when the rule wins."""
    if rule.strategy == "always":
        return "pool" if rule.dynamic else "always"
    if rule.strategy == "referral" and rule.value:
        return "specific_referrer"
    if rule.strategy == "channel":
        return _channel_rank(rule.value)
    return rule.strategy


def strength(rule: PublishedRule) -> int:
    """Where the rule stands in the precedence: 0 is the strongest."""
    return PRECEDENCE.get(rank_name(rule), WEAKEST)


def _channel_rank(channel: str) -> str:
    """As the strategy that means this channel; channels that only tags or click ids tell are as strong as tags."""
    if channel in SEARCH:
        return "web_search"
    if channel in REFERRAL:
        return "referral"
    return "direct" if channel == Channel.DIRECT else "channel"


def _claims(scenario: PublishedScenario, bit_of: Mapping[str, int]) -> list[Claim]:
    """The first rule that is met speaks for the scenario, so each stands back behind those before it."""
    bits = tuple(bit_of[target.value] for target in scenario.targets)
    wants = 0
    for bit in bits:
        wants |= bit
    is_out = any_of(condition(term.kind, "", term.value) for term in scenario.terms)
    found: list[Claim] = []
    before: list[Claim] = []
    for rule in scenario.rules:
        if not rule.numbers:
            continue
        # Stronger ones before it need not be asked again: they have been when it is its turn.
        weaker = any_of(_condition(one.rule) for one in before if strength(one.rule) > strength(rule))
        is_met = but_not(but_not(_condition(rule), weaker), is_out)
        claim = Claim(
            wants, scenario.id, _numbers(scenario, rule), is_met, is_out, rank_name(rule), scenario, rule, bits
        )
        before.append(claim)
        found.append(claim)
    return found


def _condition(rule: PublishedRule) -> Condition:
    return condition(rule.strategy, rule.name, rule.value)


def _keep(claims: Claims, facts: Facts, shown: Shown, chosen: Chosen, decisions: list[Decision]) -> int:
    """Decide what stays as it was; the contests that are still free."""
    free, kept = claims.everything, []
    for id_, number in shown.values():
        for claim in claims.of.get(id_, ()):
            if number in claim.numbers and (chosen is None or id_ in chosen):
                kept.append((claim.place, number, claim))
    if len(kept) > 1:
        kept.sort(key=_place)
    for _, number, claim in kept:
        won = claim.wants & free
        if won and (claim.is_out is None or not claim.is_out(facts)):
            decisions.append(_decision(claim, won, "kept", number))
            free ^= won
    return free


def _numbers(scenario: PublishedScenario, rule: PublishedRule) -> frozenset[int]:
    """What the rule's visitors are shown: a pool's are shown its overflow number too."""
    spare = (scenario.overflow_number,) if rule.dynamic and scenario.overflow_number else ()
    return frozenset((*rule.numbers, *spare))


def _place(kept: tuple[int, int, Claim]) -> int:
    return kept[0]


def _decision(claim: Claim, won: int, reason: str, own: int = 0) -> Decision:
    scenario, rule = claim.scenario, claim.rule
    targets = scenario.targets
    if won != claim.wants:
        targets = tuple(target for target, bit in zip(targets, claim.bits, strict=True) if bit & won)
    return Decision(scenario, rule, reason, 0 if rule.dynamic else own or rule.numbers[0], targets, own)


def _shown_before(claims: Sequence[Claim], before: Mapping[int, int]) -> list[Claim]:
    return [claim for claim in claims if before.get(claim.id) in claim.numbers]


def _issued(claim: Claim, facts: Facts, own: int, begins: Callable[[int], bool] | None) -> Decision | None:
    rule = claim.rule
    numbers = rule.numbers if begins is None else tuple(filter(begins, rule.numbers))
    kept = own in (claim.numbers if rule.dynamic else numbers)
    if not numbers or (rule.dynamic and len(numbers) < len(rule.numbers)):
        return None
    if not (claim.is_out is None or not claim.is_out(facts) if kept else claim.is_met(facts)):
        return None
    number = 0 if rule.dynamic else own if kept else numbers[0]
    return Decision(claim.scenario, rule, "kept" if kept else claim.reason, number, (), own if kept else 0)
