"""Which scenario wins which swap target: the strategies of N3, the precedence of C4, what was shown before (W5)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.rules import PRECEDENCE, Decision, Facts, Shown, matches, rank, rank_name
from callspring.scenarios.rules import decide as decide_claims
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario
from callspring.visits.touch import Channel, Source

TARGET, OTHER = "+18005550199", "+18005550198"
NOBODY = Facts(Source(), "", "/", ())
STRATEGIES = ("web_search", "referral", "landing_page", "url_parameter", "direct", "always", "telepathy")


def rule(strategy: str, *numbers: int, name: str = "", value: str = "", dynamic: bool = False) -> PublishedRule:
    return PublishedRule(strategy, numbers, dynamic, name, value)


def scenario(number: int, *rules: PublishedRule, target: str = TARGET) -> PublishedScenario:
    return PublishedScenario(number, target, (target,), rules, 150, "share")


def facts(channel: str = "", host: str = "", path: str = "/", **parameters: str) -> Facts:
    return Facts(Source(channel=channel), host, path, tuple(parameters.items()))


def decide(scenarios: Sequence[PublishedScenario], told: Facts, shown: Shown) -> list[Decision]:
    return decide_claims(rank(scenarios), told, shown)


def winners(*decisions: Decision) -> list[tuple[int, str, int]]:
    return [(decision.scenario.id, decision.reason, decision.number) for decision in decisions]


@pytest.mark.parametrize(
    ("wanted", "meets", "misses"),
    [
        (rule("always", 1), NOBODY, None),
        (rule("direct", 1), facts(Channel.DIRECT), facts(Channel.REFERRAL)),
        (rule("web_search", 1), facts(Channel.ORGANIC_SEARCH), facts(Channel.AI_ASSISTANT)),
        (rule("web_search", 1), facts(Channel.PAID_SEARCH), facts(Channel.DIRECT)),
        (rule("referral", 1), facts(Channel.REFERRAL), facts(Channel.ORGANIC_SEARCH)),
        (rule("referral", 1), facts(Channel.ORGANIC_SOCIAL), facts(Channel.PAID_SOCIAL)),
        (rule("referral", 1), facts(Channel.AI_ASSISTANT), facts(Channel.DIRECT)),
        (rule("referral", 1, value="blog.example"), facts(host="blog.example"), facts(host="myblog.example")),
        (rule("referral", 1, value="blog.example"), facts(host="m.blog.example"), facts(host="blog.example.evil")),
        (rule("landing_page", 1, value="/offer"), facts(path="/offer"), facts(path="/offers")),
        (rule("landing_page", 1, value="/offer/"), facts(path="/offer"), facts(path="/offer/x")),
        (rule("landing_page", 1, value="/offer"), facts(path="/offer/"), facts(path="/")),
        (rule("landing_page", 1, value="/"), facts(path="/"), facts(path="/x")),
        (rule("landing_page", 1, value="/"), facts(path=""), facts(path="/x")),
        (rule("landing_page", 1, value="/offers/*"), facts(path="/offers/a/b"), facts(path="/offer")),
        (rule("url_parameter", 1, name="promo"), facts(promo=""), facts(Promo="x")),
        (rule("url_parameter", 1, name="promo", value="May"), facts(promo="mAY"), facts(promo="June")),
        (rule("url_parameter", 1, name="promo", value="x"), facts(a="1", promo="x"), facts(a="x")),
    ],
    ids=str,
)
def test_each_strategy_matches_its_visitors(wanted: PublishedRule, meets: Facts, misses: Facts | None) -> None:
    assert matches(wanted, meets)
    assert misses is None or not matches(wanted, misses)


def test_a_search_engine_is_never_a_referral_unless_named() -> None:
    google = facts(Channel.ORGANIC_SEARCH, "google.com")
    assert not matches(rule("referral", 1), google)
    assert matches(rule("referral", 1, value="google.com"), google)


def test_a_parameter_that_is_repeated_counts_with_any_value() -> None:
    twice = Facts(Source(), "", "/", (("promo", "a"), ("promo", "b")))
    assert matches(rule("url_parameter", 1, name="promo", value="b"), twice)


def test_an_unknown_strategy_matches_nobody() -> None:
    assert decide([scenario(1, rule("telepathy", 5))], NOBODY, {}) == []


EVERYTHING = Facts(Source(channel=Channel.ORGANIC_SEARCH), "blog.example", "/offer", (("promo", "x"),))
LADDER = [
    (rule("url_parameter", 5, name="promo"), "url_parameter"),
    (rule("referral", 5, value="blog.example"), "specific_referrer"),
    (rule("web_search", 5), "web_search"),
    (rule("always", 5, dynamic=True), "pool"),
    (rule("always", 5), "always"),
]


@pytest.mark.parametrize("above", range(len(LADDER) - 1))
@pytest.mark.parametrize("late", [True, False])
def test_the_more_specific_strategy_wins_wherever_it_stands(above: int, late: bool) -> None:
    scenarios = [scenario(1, LADDER[above][0]), scenario(2, LADDER[above + 1][0])]
    found = decide(scenarios[::-1] if late else scenarios, EVERYTHING, {})
    assert [(decision.scenario.id, decision.reason) for decision in found] == [(1, LADDER[above][1])]


@pytest.mark.parametrize(("channel", "strategy"), [(Channel.REFERRAL, "referral"), (Channel.DIRECT, "direct")])
def test_referral_and_direct_stand_before_the_pool(channel: Channel, strategy: str) -> None:
    scenarios = [scenario(1, rule("always", 4, dynamic=True)), scenario(2, rule(strategy, 5))]
    assert winners(*decide(scenarios, facts(channel), {})) == [(2, strategy, 5)]


def test_the_ladder_is_the_one_that_was_decided() -> None:
    names = sorted(PRECEDENCE, key=lambda name: PRECEDENCE[name])
    assert names[2:] == ["specific_referrer", "web_search", "referral", "direct", "pool", "always"]
    assert PRECEDENCE["url_parameter"] == PRECEDENCE["landing_page"] < PRECEDENCE["specific_referrer"]


def test_equals_are_decided_by_the_order_people_gave() -> None:
    parameter = scenario(9, rule("url_parameter", 1, name="promo"))
    landing = scenario(2, rule("landing_page", 2, value="/offer"))
    assert winners(*decide([parameter, landing], EVERYTHING, {})) == [(9, "url_parameter", 1)]
    assert winners(*decide([landing, parameter], EVERYTHING, {})) == [(2, "landing_page", 2)]


def test_a_rule_without_numbers_stands_in_nobodys_way() -> None:
    found = decide([scenario(1, rule("url_parameter", name="promo")), scenario(2, rule("always", 7))], EVERYTHING, {})
    assert winners(*found) == [(2, "always", 7)]


def test_each_target_has_its_own_winner() -> None:
    found = decide([scenario(1, rule("always", 7)), scenario(2, rule("always", 8), target=OTHER)], NOBODY, {})
    assert winners(*found) == [(1, "always", 7), (2, "always", 8)]


def test_what_was_shown_before_stays() -> None:
    scenarios = [scenario(1, rule("always", 7)), scenario(2, rule("url_parameter", 8, name="promo"))]
    kept = {TARGET: (1, 7)}
    assert winners(*decide(scenarios, EVERYTHING, kept)) == [(1, "kept", 7)]
    assert winners(*decide(scenarios, EVERYTHING, {OTHER: (1, 7)})) == [(2, "url_parameter", 8)]


def test_a_pool_is_asked_for_the_number_shown_before() -> None:
    pool = scenario(1, rule("always", 7, 8, 9, dynamic=True))
    (found,) = decide([pool], NOBODY, {TARGET: (1, 8)})
    assert (found.reason, found.number, found.own) == ("kept", 0, 8)
    (fresh,) = decide([pool], NOBODY, {})
    assert (fresh.reason, fresh.number, fresh.own) == ("pool", 0, 0)


@pytest.mark.parametrize("gone", [(1, 99), (5, 7)])
def test_a_number_or_scenario_that_is_gone_is_not_kept(gone: tuple[int, int]) -> None:
    found = decide([scenario(1, rule("always", 7))], NOBODY, {TARGET: gone})
    assert winners(*found) == [(1, "always", 7)]


def test_a_kept_number_is_kept_by_the_rule_that_has_it() -> None:
    both = scenario(1, rule("direct", 5), rule("always", 6, 7, dynamic=True))
    (found,) = decide([both], facts(Channel.DIRECT), {TARGET: (1, 7)})
    assert (found.rule, found.number, found.own) == (both.rules[1], 0, 7)


RULES = st.builds(
    PublishedRule,
    st.sampled_from(STRATEGIES),
    st.lists(st.integers(1, 6), max_size=3, unique=True).map(tuple),
    st.booleans(),
    st.sampled_from(["", "promo"]),
    st.sampled_from(["", "x", "/offer", "blog.example", "*"]),
)
SCENARIOS = st.lists(
    st.builds(
        PublishedScenario,
        st.integers(1, 5),
        st.sampled_from([TARGET, OTHER]),
        st.just(()),
        st.lists(RULES, max_size=3).map(tuple),
        st.just(150),
        st.just("share"),
    ),
    max_size=5,
    unique_by=lambda scenario: scenario.id,
)
FACTS = st.builds(
    Facts,
    st.sampled_from([Source(channel=channel) for channel in ("", *Channel)]),
    st.sampled_from(["", "blog.example", "google.com"]),
    st.sampled_from(["", "/", "/offer", "*"]) | st.text(max_size=5),
    st.lists(st.tuples(st.sampled_from(["promo", "x"]), st.text(max_size=3)), max_size=3).map(tuple),
)
SHOWN = st.dictionaries(st.sampled_from([TARGET, OTHER]), st.tuples(st.integers(1, 6), st.integers(1, 7)))


@given(SCENARIOS, FACTS, SHOWN)
def test_deciding_is_total_repeatable_and_gives_each_target_one_number(
    scenarios: list[PublishedScenario], told: Facts, kept: dict[str, tuple[int, int]]
) -> None:
    found = decide(scenarios, told, kept)
    assert found == decide(list(scenarios), told, dict(kept))
    targets = [decision.scenario.target for decision in found]
    assert len(set(targets)) == len(targets)
    for decision in found:
        assert decision.scenario in scenarios
        assert decision.rule in decision.scenario.rules
        assert (decision.number == 0) == decision.rule.dynamic
        assert decision.number in (0, *decision.rule.numbers)
        if decision.reason != "kept":
            assert_nothing_ranks_higher(scenarios, told, decision)


def assert_nothing_ranks_higher(scenarios: list[PublishedScenario], told: Facts, decision: Decision) -> None:
    rivals = [
        (PRECEDENCE[rank_name(rule)], place)
        for place, scenario in enumerate(scenarios)
        for rule in scenario.rules
        if scenario.target == decision.scenario.target and rule.numbers and matches(rule, told)
    ]
    assert min(rivals) == (PRECEDENCE[decision.reason], scenarios.index(decision.scenario))


@given(SCENARIOS, FACTS)
def test_a_target_is_left_alone_only_when_nothing_matches(scenarios: list[PublishedScenario], told: Facts) -> None:
    decided = {decision.scenario.target for decision in decide(scenarios, told, {})}
    for scenario in scenarios:
        if any(rule.numbers and matches(rule, told) for rule in scenario.rules):
            assert scenario.target in decided
