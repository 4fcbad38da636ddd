"""Which scenario wins which swap target: the conditions of N3 and C2, the precedence and terms of C4, what was shown
before (W5), what the page chooses (W7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from callspring.scenarios.conditions import Facts, matches
from callspring.scenarios.rules import PRECEDENCE, Decision, Shown, issue, rank
from callspring.scenarios.rules import decide as decide_claims
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget, PublishedTerm
from callspring.visits.touch import Channel, Source

TARGET, OTHER = "+18005550199", "+18005550198"
NOBODY = Facts(Source(), "", "/", ())


def rule(strategy: str, *numbers: int, name: str = "", value: str = "", dynamic: bool = False) -> PublishedRule:
    return PublishedRule(strategy, numbers, dynamic, name, value)


def scenario(number: int, *rules: PublishedRule, target: str = TARGET, **more: Any) -> PublishedScenario:
    targets = more.pop("targets", (PublishedTarget(target, (target,)),))
    return PublishedScenario(number, targets, rules, 150, "share", **more)


def facts(channel: str = "", host: str = "", path: str = "/", **parameters: str) -> Facts:
    return Facts(Source(channel=channel), host, path, tuple(parameters.items()))


def of(source: str = "", medium: str = "", campaign: str = "") -> Facts:
    return Facts(Source(source, medium, campaign), "", "/", ())


def at(*place: str) -> Facts:
    country, region, city = (*place, "", "")[:3]
    return Facts(Source(), "", "/", (), (country, region, city))


def decide(
    scenarios: Sequence[PublishedScenario], told: Facts, shown: Shown, chosen: set[int] | None = None
) -> list[Decision]:
    return decide_claims(rank(scenarios), told, shown, chosen)


def winners(*decisions: Decision) -> list[tuple[int, str, int]]:
    return [(decision.scenario.id, decision.reason, decision.number) for decision in decisions]


def taken(decisions: list[Decision]) -> dict[str, int]:
    return {target.value: decision.scenario.id for decision in decisions for target in decision.targets}


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
        (rule("channel", 1, value="email"), facts(Channel.EMAIL), facts(Channel.DIRECT)),
        (rule("source", 1, value="Google"), of("google"), of("google ads")),
        (rule("medium", 1, value="cpc"), of("bing", "CPC"), of("cpc")),
        (rule("campaign", 1, value="spring*"), of(campaign="Spring sale"), of(campaign="Late spring")),
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
    tags = {"url_parameter", "landing_page", "campaign", "medium", "channel"}
    assert {name for name in names if PRECEDENCE[name] == 0} == tags
    assert [name for name in names if name not in {*tags, "source"}] == [
        "specific_referrer", "web_search", "referral", "direct", "pool", "always",
    ]  # fmt: skip
    assert PRECEDENCE["source"] == PRECEDENCE["specific_referrer"]


@pytest.mark.parametrize(
    ("channel", "as_strong"),
    [(Channel.PAID_SEARCH, "web_search"), (Channel.AI_ASSISTANT, "referral"), (Channel.DIRECT, "direct")],
)
def test_a_channel_is_as_strong_as_the_strategy_that_means_it(channel: Channel, as_strong: str) -> None:
    scenarios = [scenario(1, rule(as_strong, 4)), scenario(2, rule("channel", 5, value=channel))]
    assert winners(*decide(scenarios, facts(channel), {})) == [(1, as_strong, 4)]
    assert winners(*decide(scenarios[::-1], facts(channel), {})) == [(2, as_strong, 5)]


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
    assert winners(*decide(scenarios, EVERYTHING, {"1": (1, 9)})) == [(2, "url_parameter", 8)]


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


TWO = (PublishedTarget(TARGET, (TARGET,)), PublishedTarget(OTHER, (OTHER,)))


def test_a_scenario_wins_target_by_target_and_speaks_once() -> None:
    both = scenario(1, rule("always", 7, 8, dynamic=True), targets=TWO)
    found = decide([both, scenario(2, rule("direct", 5), target=OTHER)], facts(Channel.DIRECT), {})
    assert taken(found) == {TARGET: 1, OTHER: 2}
    (alone,) = decide([both], NOBODY, {})
    assert alone.targets is both.targets
    assert decide([scenario(2, rule("direct", 5), targets=TWO), both], facts(Channel.DIRECT), {})[0].targets == TWO


def test_the_first_rule_that_is_met_speaks_for_the_scenario_even_if_a_later_one_is_stronger() -> None:
    ordered = scenario(1, rule("always", 7, 8, dynamic=True), rule("url_parameter", 5, name="promo"))
    assert winners(*decide([ordered], EVERYTHING, {})) == [(1, "pool", 0)]
    turned = scenario(1, *ordered.rules[::-1])
    assert winners(*decide([turned], EVERYTHING, {})) == [(1, "url_parameter", 5)]


PARTS = tuple(PublishedTarget(f".{part}", (), part) for part in ("country", "area", "rest"))


def test_the_parts_of_a_number_are_won_together() -> None:
    whole = scenario(1, rule("always", 7), targets=PARTS)
    area = scenario(2, rule("direct", 8), targets=(PublishedTarget(".area", (), "area"),))
    assert taken(decide([whole, area], facts(Channel.DIRECT), {})) == {".area": 2}
    assert taken(decide([whole, area], NOBODY, {})) == {".country": 1, ".area": 1, ".rest": 1}


@pytest.mark.parametrize(
    ("kind", "value", "kept_out", "let_in"),
    [
        ("channel", "email", facts(Channel.EMAIL), facts(Channel.DIRECT)),
        ("source", "google", of("google"), of("bing")),
        ("medium", "cpc", of("x", "cpc"), of("cpc")),
        ("campaign", "sp*", of(campaign="Spring"), of(campaign="May")),
        ("landing_page", "/jobs*", facts(path="/jobs/plumber"), facts(path="/job")),
        ("place", "US", at("US", "Illinois", "Chicago"), at("CA")),
        ("place", "us/illinois", at("US", "Illinois"), at("US", "Ohio")),
        ("place", "US/Illinois/Chicago", at("US", "Illinois", "Chicago"), at("US", "Illinois", "Peoria")),
        ("place", "US//Paris", at("US", "Texas", "Paris"), at("FR", "Paris", "Paris")),
        ("place", "US/Illinois", at("US", "Illinois"), at("US")),
        ("telepathy", "x", None, NOBODY),
    ],
)
def test_terms_keep_out_whom_they_name(kind: str, value: str, kept_out: Facts | None, let_in: Facts) -> None:
    scenarios = [scenario(1, rule("always", 7), terms=(PublishedTerm(kind, value),)), scenario(2, rule("always", 8))]
    assert winners(*decide(scenarios, let_in, {})) == [(1, "always", 7)]
    assert kept_out is None or winners(*decide(scenarios, kept_out, {})) == [(2, "always", 8)]
    assert kept_out is None or winners(*decide(scenarios, kept_out, {"1": (1, 7)})) == [(2, "always", 8)]


def test_only_what_the_page_chooses_may_act() -> None:
    scenarios = [scenario(1, rule("always", 7)), scenario(2, rule("always", 8)), scenario(3, rule("always", 9))]
    assert winners(*decide(scenarios, NOBODY, {}, {2, 3})) == [(2, "always", 8)]
    assert winners(*decide(scenarios, NOBODY, {"1": (1, 7)}, {3})) == [(3, "always", 9)]
    assert decide(scenarios, NOBODY, {}, set()) == []


def asked_for(prefix: str, *scenarios: PublishedScenario, chosen: set[int] | None = None) -> list[tuple[int, int]]:
    """Ids of scenarios and numbers; numbers begin with their own first digit."""
    begins = (lambda number: str(number).startswith(prefix)) if prefix else None
    return [(one.scenario.id, one.number) for one in issue(rank(scenarios), NOBODY, {}, chosen, begins)]


def test_without_targets_a_scenario_waits_until_a_page_asks_for_its_numbers() -> None:
    moscow = scenario(1, rule("always", 71, 72, dynamic=True), targets=())
    kazan = scenario(2, rule("always", 81, 83), targets=())
    assert decide([moscow, kazan], NOBODY, {}) == []
    assert asked_for("", moscow, kazan) == []
    assert asked_for("7", moscow, kazan) == [(1, 0)]
    assert asked_for("83", moscow, kazan) == [(2, 83)]
    assert asked_for("8", kazan, moscow) == [(2, 81)]
    assert asked_for("71", moscow, kazan) == [], "a pool answers for all its numbers, or not at all"
    assert asked_for("", moscow, kazan, chosen={2}) == [(2, 81)]
    assert asked_for("7", moscow, scenario(3, rule("always", 9))) == [], "where scenarios are set up they decide"
