"""Which scenario wins which swap target, whatever the scenarios and the visitor: made up at random."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.conditions import Facts, matches, names
from callspring.scenarios.explaining import Outcome, explain
from callspring.scenarios.rules import strength
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget, PublishedTerm
from callspring.visits.touch import Channel, Source
from tests.scenarios.test_rules import OTHER, TARGET, decide, taken

STRATEGIES = (
    "web_search", "referral", "landing_page", "url_parameter", "direct", "always", "channel", "source", "campaign",
    "telepathy",
)  # fmt: skip
NAMES = [TARGET, OTHER, ".phone", ".area", ".rest"]
RULES = st.builds(
    PublishedRule,
    st.sampled_from(STRATEGIES),
    st.lists(st.integers(1, 6), max_size=3, unique=True).map(tuple),
    st.booleans(),
    st.sampled_from(["", "promo"]),
    st.sampled_from(["", "x", "/offer", "blog.example", "*", "email", "direct"]),
)
TARGETS = st.lists(
    st.builds(
        lambda value, part: PublishedTarget(value, (value,)) if value[0] == "+" else PublishedTarget(value, (), part),
        st.sampled_from(NAMES),
        st.sampled_from(["", "", "area", "rest"]),
    ),
    max_size=4,
    unique_by=lambda target: target.value,
).map(tuple)
TERMS = st.lists(
    st.builds(PublishedTerm, st.sampled_from(["channel", "place", "source"]), st.sampled_from(["direct", "US", "x"])),
    max_size=2,
).map(tuple)
SCENARIOS = st.lists(
    st.builds(
        PublishedScenario,
        st.integers(1, 5),
        TARGETS,
        st.lists(RULES, max_size=3).map(tuple),
        st.just(150),
        st.just("share"),
        TERMS,
    ),
    max_size=5,
    unique_by=lambda scenario: scenario.id,
)
FACTS = st.builds(
    Facts,
    st.sampled_from([Source(source, channel=channel) for source in ("", "x") for channel in ("", *Channel)]),
    st.sampled_from(["", "blog.example", "google.com"]),
    st.sampled_from(["", "/", "/offer", "*"]) | st.text(max_size=5),
    st.lists(st.tuples(st.sampled_from(["promo", "x"]), st.text(max_size=3)), max_size=3).map(tuple),
    st.sampled_from([("", "", ""), ("US", "Illinois", "")]),
)
SHOWN = st.dictionaries(st.sampled_from(["1", "2", "3"]), st.tuples(st.integers(1, 6), st.integers(1, 7)))
CHOSEN = st.none() | st.sets(st.integers(1, 6))


def may_act(scenario: PublishedScenario, told: Facts, chosen: set[int] | None) -> bool:
    return (chosen is None or scenario.id in chosen) and not any(names(term, told) for term in scenario.terms)


def spokesman(scenario: PublishedScenario, told: Facts) -> PublishedRule | None:
    return next((rule for rule in scenario.rules if rule.numbers and matches(rule, told)), None)


@given(SCENARIOS, FACTS, SHOWN, CHOSEN)
def test_deciding_is_total_repeatable_and_gives_each_target_one_number(
    scenarios: list[PublishedScenario], told: Facts, kept: dict[str, tuple[int, int]], chosen: set[int] | None
) -> None:
    found = decide(scenarios, told, kept, chosen)
    assert found == decide(list(scenarios), told, dict(kept), chosen)
    assert len({decision.scenario.id for decision in found}) == len(found), "a scenario leases once"
    targets = [target.value for decision in found for target in decision.targets]
    assert len(set(targets)) == len(targets)
    for decision in found:
        assert decision.scenario in scenarios
        assert decision.targets
        assert set(decision.targets) <= set(decision.scenario.targets)
        assert may_act(decision.scenario, told, chosen)
        assert (decision.number == 0) == decision.rule.dynamic
        assert decision.number in (0, *decision.rule.numbers)
        if decision.reason == "kept":
            assert (decision.scenario.id, decision.own) in kept.values()
        else:
            assert decision.rule == spokesman(decision.scenario, told)


@given(SCENARIOS, FACTS, CHOSEN)
def test_each_target_goes_to_the_strongest_and_then_the_first(
    scenarios: list[PublishedScenario], told: Facts, chosen: set[int] | None
) -> None:
    """The law as it reads, target by target; parts aside, which are won together."""
    scenarios = [
        msgspec.structs.replace(one, targets=tuple(target for target in one.targets if not target.part))
        for one in scenarios
    ]
    lawful = {}
    for target in NAMES:
        rivals = [
            (strength(speaks), place, one.id)
            for place, one in enumerate(scenarios)
            if target in [mine.value for mine in one.targets] and may_act(one, told, chosen)
            for speaks in [spokesman(one, told)]
            if speaks is not None
        ]
        if rivals:
            lawful[target] = min(rivals)[2]
    assert taken(decide(scenarios, told, {}, chosen)) == lawful


@given(SCENARIOS, FACTS)
def test_no_number_is_put_together_from_two(scenarios: list[PublishedScenario], told: Facts) -> None:
    found = decide(scenarios, told, {})
    for decision in found:
        parts = {target.value for target in decision.scenario.targets if target.part}
        won = {target.value for target in decision.targets}
        assert not parts & won or parts <= won


@given(SCENARIOS, FACTS, SHOWN, CHOSEN)
def test_every_outcome_is_explained_as_it_was_decided(
    scenarios: list[PublishedScenario], told: Facts, kept: dict[str, tuple[int, int]], chosen: set[int] | None
) -> None:
    decided = {one.scenario.id: one for one in decide(scenarios, told, kept, chosen)}
    for scenario, said in zip(scenarios, explain(scenarios, told, kept, chosen), strict=True):
        assert said.scenario == scenario.id
        decision = decided.get(scenario.id)
        if decision is not None:
            assert said.won == tuple(target.value for target in decision.targets)
            assert (said.rule, said.reason, said.number) == (decision.rule, decision.reason, decision.number)
            assert {one.target for one in said.beaten} | set(said.won) == {one.value for one in scenario.targets}
            assert (said.outcome is Outcome.SHOWS) == (not said.beaten)
            continue
        assert said.won == ()
        why = {
            Outcome.NOT_CHOSEN: chosen is not None and scenario.id not in chosen,
            Outcome.NO_TARGET: not scenario.targets,
            Outcome.NO_NUMBER: not any(rule.numbers for rule in scenario.rules),
            Outcome.KEPT_OUT: any(names(term, told) for term in scenario.terms),
            Outcome.NO_RULE: spokesman(scenario, told) is None,
            Outcome.BEATEN: {one.target for one in said.beaten} == {one.value for one in scenario.targets},
        }
        assert why[said.outcome]
        assert said.outcome is next(outcome for outcome, holds in why.items() if holds)
