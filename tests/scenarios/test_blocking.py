"""Scenarios that get in each other's way, and those that another one leaves no visitor."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given

from callspring.numbers.models import Number
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.blocking import blocked_by
from callspring.scenarios.conditions import Facts
from callspring.scenarios.models import Rule, Scenario, Term
from callspring.scenarios.overlaps import idle_rules, overlaps
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget, PublishedTerm
from tests.scenarios.test_any_rules import FACTS, SCENARIOS, spokesman
from tests.scenarios.test_rules import OTHER, decide, rule, scenario
from tests.stories import TARGET, Story

POOL, ALWAYS = rule("always", 1, 2, dynamic=True), rule("always", 3)
SEARCH, ANY_SITE = rule("web_search", 4), rule("referral", 5)


@pytest.mark.parametrize(
    ("mine", "earlier", "idle"),
    [
        (POOL, [POOL], True),
        (ALWAYS, [SEARCH, POOL], True),
        (ALWAYS, [ALWAYS], True),
        (POOL, [ALWAYS], False),  # a pool is asked before "always swap"
        (SEARCH, [ALWAYS, POOL], False),
        (POOL, [SEARCH, ANY_SITE], False),
        (POOL, [], False),
    ],
)
def test_who_leaves_whom_nobody(mine: PublishedRule, earlier: list[PublishedRule], idle: bool) -> None:
    before = [scenario(place, one) for place, one in enumerate(earlier, start=1)]
    found = [one for one in idle_rules([*before, scenario(9, mine)]) if one.scenario == 9]
    assert bool(found) == idle
    assert not found or earlier[found[0].by - 1].strategy == "always"


def test_a_stronger_rule_behind_one_that_everybody_meets_is_idle_in_its_own_scenario() -> None:
    (found,) = idle_rules([scenario(1, POOL, SEARCH)])
    assert (found.rule, found.by) == (SEARCH, 1)


def test_whoever_has_a_target_of_its_own_or_terms_in_front_is_not_idle() -> None:
    two = (PublishedTarget(TARGET, (TARGET,)), PublishedTarget(OTHER, (OTHER,)))
    assert idle_rules([scenario(1, POOL), scenario(2, POOL, targets=two)]) == []
    assert idle_rules([scenario(1, POOL, terms=(PublishedTerm("place", "US"),)), scenario(2, POOL)]) == []


@given(SCENARIOS, FACTS)
def test_an_idle_rule_never_wins(scenarios: list[PublishedScenario], told: Facts) -> None:
    idle = [(one.scenario, one.rule) for one in idle_rules(scenarios)]
    for decision in decide(scenarios, told, {}):
        same = [one for one in decision.scenario.rules if one == decision.rule]  # twins: the first may speak
        assert (decision.scenario.id, decision.rule) not in idle or len(same) > 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (scenario(1, POOL), scenario(2, POOL), [True]),
        (scenario(1, POOL), scenario(2, SEARCH), [False]),
        (scenario(1, POOL), scenario(2, POOL, target=OTHER), []),
        (scenario(1, SEARCH), scenario(2, rule("direct", 7)), []),
        (scenario(1, SEARCH), scenario(2, rule("channel", 7, value="paid_search")), [True]),
        (scenario(1, SEARCH), scenario(2, rule("channel", 7, value="email")), []),
        (scenario(1, rule("landing_page", 1, value="/a")), scenario(2, rule("landing_page", 2, value="/b")), []),
        (scenario(1, rule("landing_page", 1, value="/a*")), scenario(2, rule("landing_page", 2, value="/ab")), [True]),
        (scenario(1, rule("landing_page", 1, value="/a")), scenario(2, rule("url_parameter", 2, name="x")), [True]),
        (
            scenario(1, rule("landing_page", 1, value="/a")),
            scenario(2, POOL, terms=(PublishedTerm("landing_page", "/a*"),)),
            [],
        ),
        (scenario(1, rule("direct", 1)), scenario(2, POOL, terms=(PublishedTerm("channel", "direct"),)), []),
    ],
)
def test_overlap_is_of_targets_and_of_visitors(
    one: PublishedScenario, other: PublishedScenario, expected: list[bool]
) -> None:
    assert [found.by_order for found in overlaps([one, other])] == expected
    assert [found.by_order for found in overlaps([other, one])] == expected


@given(SCENARIOS, FACTS)
def test_whoever_is_beaten_was_warned_of(scenarios: list[PublishedScenario], told: Facts) -> None:
    """Two scenarios that both speak for a visitor and want the same target are named as a pair."""
    warned = {(found.first, found.second) for found in overlaps(scenarios)}
    for first, second in combinations(scenarios, 2):
        shared = {one.value for one in first.targets} & {one.value for one in second.targets}
        both = all(decide([one], told, {}) and spokesman(one, told) for one in (first, second))
        assert not (shared and both) or (first.id, second.id) in warned


DYNAMIC = Rule(strategy="always", dynamic=True)


class Blocked(Story):
    def new(self, target: str = TARGET) -> Scenario | None:
        return blocked_by(Scenario(company=self.company, site=self.site()), DYNAMIC, [target])

    def test_only_what_is_in_force_on_the_same_site_and_target(self) -> None:
        assert self.new() is None
        self.pool(1, self.elsewhere)
        assert self.new() is None
        first = self.pool(1)
        assert self.new() == first
        assert self.new("+18005550100") is None
        set_enabled(first, False)
        assert self.new() is None

    def test_one_with_terms_leaves_somebody(self) -> None:
        first = self.pool(1)
        Term.objects.create(scenario=first, kind=Term.Kind.PLACE, value="US")
        assert self.new() is None

    def test_a_rule_without_a_number_in_service_wins_nobody(self) -> None:
        first = self.pool(1)
        Number.objects.filter(scenario=first).update(state=Number.State.RELEASED)
        assert self.new() is None

    def test_the_earlier_of_two_is_not_blocked(self) -> None:
        first, second = self.pool(2), self.pool(1)
        assert blocked_by(second, second.rules.get()) == first
        assert blocked_by(first, first.rules.get()) is None

    def test_one_that_is_off_is_looked_at_in_its_place(self) -> None:
        first, second = self.pool(2), self.pool(1)
        set_enabled(first, False)
        assert blocked_by(first, first.rules.get()) is None
        set_enabled(first, True)
        set_enabled(second, False)
        assert blocked_by(second, second.rules.get()) == first
