"""Which scenario's number does this visitor see in place of each swap target? Pure.

One function from (published scenarios, facts of the visit, what was shown before) to decisions, each with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from callspring.stores.snapshot.published import PublishedRule, PublishedScenario
from callspring.visits.touch import Channel, Pairs, Source


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What the rules look at. `source` is the stored source, `path` and `referrer_host` are of the first page of the
    stored arrival, `parameters` of the page being loaded."""

    source: Source
    referrer_host: str
    path: str
    parameters: Pairs


class Decision(msgspec.Struct, frozen=True, gc=False):
    """A scenario won a target. `number` is its static number's id, 0 when the pool must be asked.

    `own` is the number the visitor saw before in this scenario, 0 for none.
    """

    scenario: PublishedScenario
    rule: PublishedRule
    reason: str
    number: int
    own: int = 0


Condition = Callable[[Facts], bool]


class Claim(NamedTuple):
    """A rule that may win its scenario's target: its name in `PRECEDENCE`, its condition, its numbers for look-ups."""

    reason: str
    scenario: PublishedScenario
    rule: PublishedRule
    is_met: Condition
    numbers: frozenset[int]


Claims = Mapping[str, Sequence[Claim]]
Shown = Mapping[str, tuple[int, int]]

# C4: URL parameter or landing page, then specific referrer, then web search, then other referral, then direct, then
# pool, then always swap. Equal ranks keep the order people gave the scenarios.
PRECEDENCE: Mapping[str, int] = {
    "url_parameter": 0,
    "landing_page": 0,
    "specific_referrer": 1,
    "web_search": 2,
    "referral": 3,
    "direct": 4,
    "pool": 5,
    "always": 6,
}


def rank(scenarios: Sequence[PublishedScenario]) -> Claims:
    """The claims on each swap target, the strongest first: done once per publication, not per page load."""
    claims: dict[str, list[Claim]] = {}
    for scenario in scenarios:
        for rule in scenario.rules:
            if rule.numbers:
                claim = Claim(rank_name(rule), scenario, rule, condition(rule), frozenset(rule.numbers))
                claims.setdefault(scenario.target, []).append(claim)
    for rivals in claims.values():
        rivals.sort(key=lambda claim: PRECEDENCE.get(claim.reason, len(PRECEDENCE)))
    return claims


def decide(claims: Claims, facts: Facts, shown: Shown) -> list[Decision]:
    """One decision per swap target that some rule claims for this visitor.

    `shown` is what the visitor's cookie says was shown before: target → ids of scenario and number. It stays as long
    as that scenario is published with that number (W5); else the strongest claim whose rule matches wins.
    """
    decisions = []
    for target, rivals in claims.items():
        decision = _keep(rivals, shown.get(target)) or _win(rivals, facts)
        if decision is not None:
            decisions.append(decision)
    return decisions


def _keep(rivals: Sequence[Claim], shown: tuple[int, int] | None) -> Decision | None:
    if shown is None:
        return None
    wanted, number = shown
    for _, scenario, rule, _, numbers in rivals:
        if scenario.id == wanted and number in numbers:
            return Decision(scenario, rule, "kept", 0 if rule.dynamic else number, own=number)
    return None


def _win(rivals: Sequence[Claim], facts: Facts) -> Decision | None:
    for reason, scenario, rule, is_met, _ in rivals:
        if is_met(facts):
            return Decision(scenario, rule, reason, 0 if rule.dynamic else rule.numbers[0])
    return None


def rank_name(rule: PublishedRule) -> str:
    """The name under which a rule stands in `PRECEDENCE`; it is also the reason given when the rule wins."""
    if rule.strategy == "always":
        return "pool" if rule.dynamic else "always"
    if rule.strategy == "referral" and rule.value:
        return "specific_referrer"
    return rule.strategy


def matches(rule: PublishedRule, facts: Facts) -> bool:
    """Does the visitor's arrival meet the rule's condition? An unknown strategy matches nobody."""
    return condition(rule)(facts)


def condition(rule: PublishedRule) -> Condition:
    """The rule as a question to facts: made once per publication, asked with every page load."""
    match rule.strategy:
        case "always":
            return _anybody
        case "direct":
            return lambda facts: facts.source.channel == _DIRECT
        case "web_search":
            return lambda facts: facts.source.channel in _SEARCH
        case "referral":
            return _from_host(rule.value) if rule.value else lambda facts: facts.source.channel in _REFERRAL
        case "landing_page":
            return _landed_on(rule.value)
        case "url_parameter":
            return _with_parameter(rule.name, rule.value.lower())
    return _nobody


_DIRECT = Channel.DIRECT
_SEARCH = (Channel.ORGANIC_SEARCH, Channel.PAID_SEARCH)
_REFERRAL = (Channel.REFERRAL, Channel.ORGANIC_SOCIAL, Channel.AI_ASSISTANT)


def _anybody(_facts: Facts) -> bool:
    return True


def _nobody(_facts: Facts) -> bool:
    return False


def _from_host(host: str) -> Condition:
    below = "." + host
    return lambda facts: facts.referrer_host == host or facts.referrer_host.endswith(below)


def _landed_on(wanted: str) -> Condition:
    """`/offer` is also `/offer/`; `/offers/*` is everything below."""
    if wanted.endswith("*"):
        start = wanted[:-1]
        return lambda facts: facts.path.startswith(start)
    path = wanted.rstrip("/")
    return lambda facts: facts.path.rstrip("/") == path


def _with_parameter(name: str, value: str) -> Condition:
    """`value` in lower case; "" is any."""

    def is_met(facts: Facts) -> bool:
        for given, said in facts.parameters:  # noqa: SIM110 - a generator would double the time
            if given == name and (not value or said.lower() == value):
                return True
        return False

    return is_met
