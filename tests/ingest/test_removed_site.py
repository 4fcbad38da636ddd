"""A site is removed while doors serve it: pages keep their own number, its numbers ring and are credited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.numbers.models import Number
from callspring.scenarios.sites import bring_back_site, remove_site
from callspring.stores.snapshot import reader
from tests.doors import House
from tests.ingest.test_overflow_calls import Shop, credit, from_google, from_mail
from tests.ingest.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors know only what the back publishes; both live in this thread, and what is forgotten is so at once."""
    monkeypatch.setattr("tests.doors.publish_all", lambda *_: None)
    monkeypatch.setattr(reader, "FORGET_SECONDS", 0.0)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


async def follow(house: House) -> None:
    """Twice: routes that stand in no file are forgotten when the door looks again."""
    await house.doors.follow_snapshot()
    await house.doors.follow_snapshot()


def test_numbers_ring_and_are_credited_as_if_nothing_had_happened(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    shop = Shop(world, folder, "share")
    before = list(Number.objects.order_by("pk").values("pk", "state", "scenario", "rule", "paid_until"))
    seen: list[Number] = []

    async def removed(house: House) -> None:
        ann, late = shop.visitor(house), shop.visitor(house)
        number = await from_google(ann)
        seen.extend(one for one in world.pool if one.e164 == number)
        with override_settings(CONFIG=replace(settings.CONFIG, var=folder)):
            assert remove_site(world.site)
        await follow(house)
        answer = await late.load()
        assert (answer.reason, answer.numbers) == ("unknown_host", [])
        assert (await ann.beacon({"kind": "tel_click", "number": number})).status == 204, "her page is still open"
        house.clock.now += 20
        await shop.calls(house, seen[0])

    async def started_again(house: House) -> None:
        assert (await shop.visitor(house).load()).reason == "unknown_host"
        for number in world.pool:  # each is put through
            await shop.calls(house, number, "+13125550134")

    shop.lives(removed)
    found, candidates = credit()
    assert candidates == [1]
    assert (found.grade, found.source, found.visit_number) == ("certain", "google", 1)
    shop.lives(started_again)
    assert list(Number.objects.order_by("pk").values("pk", "state", "scenario", "rule", "paid_until")) == before


def test_brought_back_it_shows_numbers_again_and_no_call_is_lost(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    shop = Shop(world, folder, "share")
    with override_settings(CONFIG=replace(settings.CONFIG, var=folder)):
        remove_site(world.site)

    async def story(house: House) -> None:
        visitor = shop.visitor(house)
        assert (await visitor.load()).reason == "unknown_host"
        with override_settings(CONFIG=replace(settings.CONFIG, var=folder)):
            assert bring_back_site(world.site)
        await follow(house)
        number = await from_mail(visitor)
        house.clock.now += 10
        await shop.calls(house, next(one for one in world.pool if one.e164 == number))

    shop.lives(story)
    found, _ = credit()
    assert (found.grade, found.source) == ("certain", "newsletter")
