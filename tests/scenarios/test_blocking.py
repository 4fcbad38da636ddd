"""A scenario that another one leaves no visitor."""

from __future__ import annotations

import pytest

from callspring.numbers.models import Number
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.blocking import blocked_by, blocker
from callspring.scenarios.models import Rule, Scenario
from tests.stories import TARGET, Story

POOL, ALWAYS = Rule(strategy="always", dynamic=True), Rule(strategy="always")
SEARCH, ANY_SITE = Rule(strategy="web_search"), Rule(strategy="referral")


@pytest.mark.parametrize(
    ("rule", "earlier", "found"),
    [
        (POOL, [POOL], POOL),
        (ALWAYS, [SEARCH, POOL], POOL),
        (ALWAYS, [ALWAYS], ALWAYS),
        (POOL, [ALWAYS], None),  # a pool is asked before "always swap"
        (SEARCH, [ALWAYS, POOL], None),
        (POOL, [SEARCH, ANY_SITE], None),
        (POOL, [], None),
    ],
)
def test_who_leaves_whom_nobody(rule: Rule, earlier: list[Rule], found: Rule | None) -> None:
    assert blocker(rule, earlier) is found


class Blocked(Story):
    def new(self, target: str = TARGET) -> Scenario | None:
        return blocked_by(Scenario(company=self.company, site=self.site(), target=target), POOL)

    def test_only_what_is_in_force_on_the_same_site_and_target(self) -> None:
        assert self.new() is None
        self.pool(1, self.elsewhere)
        assert self.new() is None
        first = self.pool(1)
        assert self.new() == first
        assert self.new("+18005550100") is None
        set_enabled(first, False)
        assert self.new() is None

    def test_a_rule_without_a_number_in_service_wins_nobody(self) -> None:
        first = self.pool(1)
        Number.objects.filter(scenario=first).update(state=Number.State.RELEASED)
        assert self.new() is None

    def test_the_earlier_of_two_is_not_blocked(self) -> None:
        first, second = self.pool(2), self.pool(1)
        assert blocked_by(second, second.rules.get()) == first
        assert blocked_by(first, first.rules.get()) is None
