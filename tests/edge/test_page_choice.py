"""What a page gets told to replace, and pages that say which scenarios may act on them (W4, W7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from callspring.stores.snapshot.published import (
    PublishedNumber,
    PublishedRule,
    PublishedScenario,
    PublishedSite,
    PublishedTarget,
)
from tests.doors import TARGET, House, Visitor, e164, open_doors, site

HOST = "pool.example"
NUMBER = PublishedTarget(TARGET, (TARGET, TARGET[1:]))
CLASS = PublishedTarget(".phone")
PARTS = (PublishedTarget(".cc", (), "country"), PublishedTarget("#area", (), "area"))
STATIC = PublishedRule("always", (301,))
POOL = PublishedRule("always", (401, 402), dynamic=True)
DIRECT = PublishedRule("direct", (501,))


def scenario(number: int, rule: PublishedRule, *targets: PublishedTarget) -> PublishedScenario:
    return PublishedScenario(number, targets, (rule,), 150, "share")


def shop(*scenarios: PublishedScenario, **changes: Any) -> PublishedSite:
    return replace(site(scenarios, 2, HOST), **changes)


def told(folder: Path, published: PublishedSite, story: Callable[[House], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_doors(folder, published) as house:
            await story(house)

    asyncio.run(run())


def test_the_answer_has_texts_and_what_becomes_of_classes_and_ids(tmp_path: Path) -> None:
    shown = PublishedNumber(301, e164(301), "(312) 555-0301", "Tel. 312.555.0301", ("+1", "312", "555-0301"))
    published = shop(scenario(3, STATIC, NUMBER, CLASS, *PARTS), numbers=(shown,))

    async def story(house: House) -> None:
        (swap,) = (await Visitor(house).load()).body["swaps"]
        assert swap == {
            "scenario": 3,
            "find": [TARGET, TARGET[1:]],
            "number": e164(301),
            "national": "(312) 555-0301",
            "hold": 1800,
            "text": "Tel. 312.555.0301",
            "at": [[".phone", "Tel. 312.555.0301"], [".cc", "+1"], ["#area", "312"]],
        }

    told(tmp_path, published, story)


def test_a_scenario_that_loses_a_target_is_told_only_of_the_others_and_leases_once(tmp_path: Path) -> None:
    published = shop(scenario(4, POOL, NUMBER, CLASS), scenario(5, DIRECT, CLASS))

    async def story(house: House) -> None:
        ann, bob = Visitor(house), Visitor(house)
        direct = (await ann.load()).body["swaps"]
        assert [(swap["scenario"], swap["find"], swap.get("at")) for swap in direct] == [
            (5, [], [[".phone", "(312) 555-0501"]]),
            (4, [TARGET, TARGET[1:]], None),
        ]
        (search,) = (await bob.load(referrer="https://www.google.com/")).body["swaps"]
        assert search["find"]
        assert search["at"] == [[".phone", search["national"]]]
        holders = [await house.doors.edge.leases.holders(4, number, house.clock.now) for number in (401, 402)]
        assert sorted(map(len, holders)) == [1, 1]

    told(tmp_path, published, story)


def ids(answer: Any) -> list[int]:
    return [swap["scenario"] for swap in answer.body["swaps"]]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, [3]),
        ({"scenarios": [4]}, [4]),
        ({"scenarios": ["4"]}, [4]),
        ({"scenarios": ["moscow"]}, [4]),
        ({"scenarios": ["3"]}, [3]),
        ({"scenarios": [5, 4, "moscow"]}, [4]),
        ({"scenarios": [99]}, []),
        ({"scenarios": []}, []),
    ],
)
def test_a_page_says_which_scenarios_may_act(tmp_path: Path, chosen: dict[str, Any], expected: list[int]) -> None:
    landing = PublishedRule("landing_page", (301,), value="/")
    published = shop(scenario(3, landing, NUMBER), scenario(4, DIRECT, NUMBER), aliases={"moscow": 4})

    async def story(house: House) -> None:
        assert ids(await Visitor(house).load(**chosen)) == expected

    told(tmp_path, published, story)


def test_an_alias_goes_before_an_id_of_the_same_name(tmp_path: Path) -> None:
    """The pages that say so were written before we gave out that id."""
    published = shop(scenario(3, STATIC, NUMBER), scenario(4, DIRECT, NUMBER), aliases={"3": 4})

    async def story(house: House) -> None:
        assert ids(await Visitor(house).load(scenarios=[3])) == [4]

    told(tmp_path, published, story)


def test_what_another_page_showed_is_still_the_visitors_own(tmp_path: Path) -> None:
    published = shop(scenario(4, POOL, NUMBER), scenario(6, PublishedRule("always", (601, 602), dynamic=True), NUMBER))

    async def story(house: House) -> None:
        ann = Visitor(house)
        first = (await ann.load(scenarios=[4])).number
        await ann.load(scenarios=[6])
        house.clock.now += 3600
        assert ids(await Visitor(house).load(scenarios=[4])) == [4]  # takes the next in line
        assert (await ann.load(scenarios=[4])).number == first

    told(tmp_path, published, story)


PREFIXED = (scenario(3, STATIC), scenario(4, POOL))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, []),
        ({"prefix": "+1 312 555 03"}, [(3, [], None)]),
        ({"prefix": "1312"}, [(4, [], None)]),  # a pool goes before "always swap", as ever
        ({"prefix": "1312555040"}, [(4, [], None)]),
        ({"prefix": "1312555999"}, []),
        ({"prefix": "msk"}, []),
        ({"prefix": "131255503", "bind": ".tel"}, [(3, [], [[".tel", "(312) 555-0301"]])]),
        (
            {"prefix": "131255503", "bind": "(800) 555-0199"},
            [(3, ["+18005550199", "18005550199", "8005550199"], None)],
        ),
        ({"prefix": "131255503", "bind": "1-800-555-0199"}, [(3, ["+18005550199"], None)]),
        ({"prefix": "131255503", "bind": "body > *"}, [(3, [], None)]),
        ({"scenarios": [4]}, [(4, [], None)]),
        ({"scenarios": [4], "prefix": "131255503"}, []),
    ],
)
def test_where_nothing_says_what_is_replaced_the_page_asks_for_its_numbers(
    tmp_path: Path, asked: dict[str, Any], expected: list[tuple[int, list[str], Any]]
) -> None:
    async def story(house: House) -> None:
        swaps = (await Visitor(house).load(**asked)).body["swaps"]
        found = [(swap["scenario"], swap["find"], swap.get("at")) for swap in swaps]
        assert [(one, at) for one, _, at in found] == [(one, at) for one, _, at in expected]
        for (_, spelled, _), (_, wanted, _) in zip(found, expected, strict=True):
            assert set(wanted) <= set(spelled)
            assert bool(spelled) == bool(wanted)

    told(tmp_path, shop(*PREFIXED), story)


def test_a_prefix_means_nothing_where_a_scenario_says_what_is_replaced(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        assert ids(await Visitor(house).load(prefix="1312")) == [5]

    told(tmp_path, shop(*PREFIXED, scenario(5, DIRECT, NUMBER)), story)


def test_the_same_visitor_gets_the_same_number_by_prefix(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        ann = Visitor(house)
        first = (await ann.load(prefix="1312555040")).number
        await Visitor(house).load(prefix="1312555040")
        assert (await ann.load(prefix="1312555040")).number == first

    told(tmp_path, shop(*PREFIXED), story)


def test_the_companys_own_domain_is_never_a_referral(tmp_path: Path) -> None:
    """Also where the cookie was lost on the way, and for whoever names it in a rule."""
    own = shop(scenario(7, PublishedRule("referral", (701,), value=HOST), NUMBER), hosts=(HOST, "blog.example"))

    async def story(house: House) -> None:
        assert ids(await Visitor(house, HOST).load(referrer=f"https://{HOST}/prices")) == []

    told(tmp_path, own, story)


@pytest.mark.parametrize("bad", [{"scenarios": "all"}, {"scenarios": [1] * 51}, {"scenarios": [None]}, {"prefix": 7}])
def test_what_no_snippet_sends_is_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    async def story(house: House) -> None:
        answer = await Visitor(house).load(**bad)
        assert (answer.body["swaps"], answer.reason) == ([], "bad_request")

    told(tmp_path, shop(scenario(3, STATIC, NUMBER)), story)
