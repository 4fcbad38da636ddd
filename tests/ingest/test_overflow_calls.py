"""More visitors than numbers, from their pages to the credit of a call (P3, K4): what the back publishes, the edge, the
carrier at the voice door, the ingester."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.calls.models import Call, Credit
from callspring.ingest.run import Ingester
from callspring.numbers.models import Number
from callspring.scenarios.handing_out import hand_out
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_company
from callspring.visits.models import Show
from tests.doors import NOW, House, Visitor, open_doors
from tests.ingest.world import BUSINESS, World
from tests.voice.carriers import SandboxCarrier

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_CALLER = "+12125550133"


class Shop:
    """A pool of three, published by the back for the doors in `folder`."""

    def __init__(self, world: World, folder: Path, overflow: str, spare: Number | None = None) -> None:
        self.world, self.folder = world, folder
        scenario = Scenario.objects.get(numbers=world.pool[0])
        with override_settings(CONFIG=replace(settings.CONFIG, var=folder)):
            hand_out(scenario, policy="callspring", hold=150, overflow=overflow, overflow_number=spare)
            publish_company(world.company.pk)
        self.later = NOW

    def lives(self, story: Callable[[House], Awaitable[None]]) -> None:
        """What happens at the doors, and then what the ingester makes of it."""

        async def run() -> None:
            async with open_doors(self.folder) as house:
                await story(house)
                self.later = house.clock.now + 60

        asyncio.run(run())
        ingester = Ingester(self.folder / "spool")
        while ingester.step(self.later):
            pass

    def visitor(self, house: House) -> Visitor:
        return Visitor(house, "shop.example", self.world.company.key)

    async def calls(self, house: House, number: Number, caller: str = OTHER_CALLER) -> None:
        """Somebody dials, is put through, and talks for 52 seconds."""
        world = self.world
        carrier = SandboxCarrier(house, world.connection.pk, secret=world.connection.secret)
        carrier.dialled, carrier.caller = number.e164, caller
        told = await carrier.ask()
        assert (told.do, told.to) == ("dial", BUSINESS)
        await carrier.leg("answered", told.events_url)
        await carrier.leg("completed", told.events_url, duration=52)
        await carrier.dialled_ended("completed", told.result_url)


async def from_google(visitor: Visitor) -> str:
    return await visitor.see("/", referrer="https://www.google.com/")


async def from_mail(visitor: Visitor) -> str:
    return await visitor.see("/?utm_source=newsletter&utm_medium=email")


def credit() -> tuple[Credit, list[int]]:
    """The only call, which is over and well; its credit in force; the visit numbers of its candidates."""
    call = Call.objects.get()
    assert (call.status, call.destination) == ("completed", BUSINESS)
    found = Credit.objects.get(call=call, current=True)
    assert found.stage == "final"
    return found, [one["visit_number"] for one in found.candidates]


def shown() -> list[tuple[int, str, bool]]:
    """(number, reason, overflow) in the order of the visits."""
    rows = Show.objects.order_by("granted_at", "id")
    return list(rows.values_list("number", "reason", "overflow"))


@pytest.fixture(autouse=True)
def _only_what_the_back_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.doors.publish_all", lambda *_: None)


def test_a_call_to_the_overflow_number_is_weighed_among_all_who_saw_it(world: World, tmp_path: Path) -> None:
    spare = world.pool[2]
    shop = Shop(world, tmp_path / "var", "number", spare)

    async def story(house: House) -> None:
        ann, ben, cid, dot, eve = (shop.visitor(house) for _ in range(5))
        held = {await from_google(ann), await from_mail(ben)}
        assert held == {one.e164 for one in world.pool[:2]}
        house.clock.now += 10
        assert [await from_google(cid), await from_mail(dot), await from_mail(eve)] == [spare.e164] * 3
        house.clock.now += 10
        await shop.calls(house, spare)

    shop.lives(story)
    assert shown()[2:] == [(spare.pk, "overflow_number", True)] * 3
    found, candidates = credit()
    assert sorted(candidates) == [3, 4, 5], "who saw it, and nobody else"
    assert (found.basis, found.grade) == ("holder", "ambiguous")
    assert (found.source, found.medium) == ("newsletter", "email"), "two of three came by it"
    assert found.source_probability is not None
    assert found.probability is not None
    assert 0.6 < found.source_probability < 0.7
    assert 0.3 < found.probability < 0.4
    assert not any(kind["kind"] == "exclusive" for one in found.candidates for kind in one["evidence"])


def test_a_press_on_the_overflow_number_tells_them_apart(world: World, tmp_path: Path) -> None:
    spare = world.pool[2]
    shop = Shop(world, tmp_path / "var", "number", spare)

    async def story(house: House) -> None:
        ann, ben, cid, dot = (shop.visitor(house) for _ in range(4))
        for visitor in (ann, ben, cid, dot):
            await (from_mail if visitor is dot else from_google)(visitor)
        house.clock.now += 20
        await dot.beacon({"kind": "tel_click", "number": spare.e164})
        house.clock.now += 3
        await shop.calls(house, spare)

    shop.lives(story)
    found, candidates = credit()
    assert sorted(candidates) == [3, 4]
    assert (found.visit_number, found.source, found.candidates[0]["evidence"][0]["kind"]) == (
        4, "newsletter", "tel_click",
    )  # fmt: skip


def test_who_comes_late_shares_with_their_own_source(world: World, tmp_path: Path) -> None:
    shop = Shop(world, tmp_path / "var", "share")
    of_mail: list[Number] = []

    async def story(house: House) -> None:
        ann, ben, cid, dot = (shop.visitor(house) for _ in range(4))
        await from_google(ann)
        number = await from_mail(ben)
        await cid.see()
        house.clock.now += 10
        assert await from_mail(dot) == number
        of_mail.extend(one for one in world.pool if one.e164 == number)
        await shop.calls(house, of_mail[0])

    shop.lives(story)
    assert shown()[3] == (of_mail[0].pk, "shared_source", True)
    found, candidates = credit()
    assert sorted(candidates) == [2, 4]
    assert (found.grade, found.source) == ("ambiguous", "newsletter")
    assert found.source_probability is not None
    assert found.source_probability > 0.9, "the campaign is certain when the visitor is not"


def test_who_is_left_the_pages_own_number_is_no_candidate(world: World, tmp_path: Path) -> None:
    shop = Shop(world, tmp_path / "var", "leave")

    async def story(house: House) -> None:
        early = [shop.visitor(house) for _ in range(3)]
        for visitor in early:
            await from_google(visitor)
        house.clock.now += 10
        late = await shop.visitor(house).load("/?utm_source=newsletter&utm_medium=email")
        assert late.numbers == [], "their page shows the business's own number, and calls to that are not tracked"
        await shop.calls(house, world.pool[0])

    shop.lives(story)
    assert shown()[3][0] == 0, "it counts as an overflow all the same"
    assert shown()[3][2]
    found, candidates = credit()
    assert candidates == [1]
    assert (found.grade, found.source) == ("certain", "google")
