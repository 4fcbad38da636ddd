"""Visits that no browser made: plain requests, as anybody can send them. They must not make a pool look too small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callspring.maintenance.hours import work_out
from callspring.maintenance.queries import accuracy, days, measured
from callspring.scenarios.accuracy import Tally
from callspring.scenarios.models import Scenario
from callspring.visits.models import Show
from tests.doors import NOW, House
from tests.ingest.test_overflow_calls import Shop, from_google
from tests.ingest.world import World

pytestmark = pytest.mark.django_db(transaction=True)
BEGUN = datetime.fromtimestamp(NOW, UTC) - timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture(autouse=True)
def _only_what_the_back_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.doors.publish_all", lambda *_: None)


def counted(scenario: Scenario) -> Tally:
    """What the table, the chart and maintenance go by, which is the same."""
    work_out()
    tally = accuracy([scenario.pk], BEGUN).get(scenario.pk, Tally())
    by_day = days(scenario, BEGUN.date(), BEGUN.date() + timedelta(days=2), UTC_ZONE)
    assert sum(day.tally.shows for day in by_day) == tally.shows
    assert sum(day.tally.exclusive for day in by_day) == tally.exclusive
    assert measured(scenario, BEGUN) == tally
    return tally


@pytest.mark.parametrize("overflow", ["leave", "share", "number"])
def test_plain_requests_are_no_shows(world: World, tmp_path: Path, overflow: str) -> None:
    shop = Shop(world, tmp_path / "var", overflow, world.pool[2] if overflow == "number" else None)
    scenario = Scenario.objects.get(numbers=world.pool[0])
    size = 2 if overflow == "number" else 3

    async def story(house: House) -> None:
        for _ in range(size):
            await from_google(shop.visitor(house))
        for _ in range(40):
            house.clock.now += 1
            await shop.visitor(house).load("/")

    shop.lives(story)
    assert Show.objects.filter(overflow=True).count() == 40
    assert counted(scenario) == Tally(size, size)


async def come(shop: Shop, house: House, after: int, sign: dict[str, object]) -> None:
    """Three from Google take the numbers; one more comes, and that browser gives a sign of life."""
    for _ in range(3):
        await from_google(shop.visitor(house))
    late = shop.visitor(house)
    await late.load("/")
    house.clock.now += after
    await late.beacon(sign)


@pytest.mark.parametrize("sign", ["beat", "leave", "swapped", "tel_click"])
def test_a_browser_whose_page_is_left_as_it_is_gives_a_sign_of_life(world: World, tmp_path: Path, sign: str) -> None:
    """There is nothing that it could have swapped."""
    shop = Shop(world, tmp_path / "var", "leave")
    scenario = Scenario.objects.get(numbers=world.pool[0])

    async def story(house: House) -> None:
        await come(shop, house, 5, {"kind": sign, "places": {}, "number": "+18005550100"})
        await shop.visitor(house).load("/")

    shop.lives(story)
    assert counted(scenario) == Tally(4, 3)


def test_what_a_forged_visit_overlaps_stays_exclusive(world: World, tmp_path: Path) -> None:
    shop = Shop(world, tmp_path / "var", "share")
    scenario = Scenario.objects.get(numbers=world.pool[0])

    async def story(house: House) -> None:
        await come(shop, house, 3, {"kind": "leave"})  # without a place that shows the number it is none

    shop.lives(story)
    assert counted(scenario) == Tally(3, 3)
