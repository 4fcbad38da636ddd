"""What is known of numbers' earlier visitors survives a restart, and nothing of it counts twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callspring.stores.leases import pasts
from callspring.stores.leases.memory import MemoryLeases
from tests.doors import POOL_SCENARIO, House, Visitor, e164, open_doors, pool_site
from tests.stores.lease_contract import HOLD, NOW, POOL, ask

SOURCES = {"ann": "google", "ben": "mail", "cid": "radio"}


async def lived() -> MemoryLeases:
    """A pool of which each number has a past, the first the oldest."""
    leases = MemoryLeases()
    for at, (name, source) in enumerate(SOURCES.items()):
        choice = await leases.lease(POOL, ask(name, source=source), NOW + at)
        await leases.confirm(POOL.id, name, choice.number, NOW + at)
    leases.state(POOL.id).end_holds(NOW + HOLD + 10)
    return leases


def totals(leases: MemoryLeases) -> dict[int, float]:
    return {number: past.total for number, past in leases.state(POOL.id).chooser.pasts.items()}


def save(leases: MemoryLeases, folder: Path) -> None:
    for _ in pasts.save(leases, folder):
        pass


def test_a_store_that_starts_again_chooses_the_same(tmp_path: Path) -> None:
    async def story() -> None:
        before, after = await lived(), MemoryLeases()
        save(before, tmp_path)
        assert pasts.load(after, tmp_path, {POOL.id: POOL}) == 1
        assert totals(after) == pytest.approx(totals(before))
        for source, number in {"mail": 12, "radio": 13}.items():
            asker = ask(f"from {source}", source=source)
            choices = [await each.lease(POOL, asker, NOW + HOLD + 20) for each in (before, after)]
            assert choices[0] == choices[1]
            assert (choices[0].number, choices[0].reason) == (number, "same_source")

    asyncio.run(story())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole[:5],
        lambda whole: whole[:-7],
        lambda whole: b"callspring pasts 99\n" + whole[20:],
        lambda whole: whole.replace(b"google", b"\xff\xfe\x00oog"),
        lambda whole: whole[:20] + b"\xff\xff\xff\xff" + whole[24:],
    ],
)
def test_what_cannot_be_read_is_left_aside(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    save(asyncio.run(lived()), tmp_path)
    file = tmp_path / pasts.NAME
    file.write_bytes(spoil(file.read_bytes()))
    leases = MemoryLeases()
    assert pasts.load(leases, tmp_path, {POOL.id: POOL}) == 0
    assert asyncio.run(leases.lease(POOL, ask("dot"), NOW + HOLD + 20)).number == 11


async def left_behind(house: House) -> dict[int, float]:
    """Two visitors saw numbers, and their holds have ended."""
    ann, ben = Visitor(house), Visitor(house)
    assert [await ann.see(), await ben.see()] == [e164(201), e164(202)]
    await ann.beacon({"kind": "leave"})
    house.clock.now += HOLD + 60
    await Visitor(house).load()
    return {n: past.total for n, past in house.doors.edge.view.state(POOL_SCENARIO).chooser.pasts.items()}


@pytest.mark.parametrize("how", ["stopped", "killed", "killed after saving"])
def test_a_door_that_starts_again_knows_each_past_once(tmp_path: Path, how: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, pool_site()) as house:
            known = await left_behind(house)
            assert set(known) == {201, 202}
            if how == "killed after saving":
                await house.doors._in_slices(house.doors._save_pasts())
            if how != "stopped":
                await house.crash()
        assert (tmp_path / "spool" / "doors-1" / pasts.NAME).exists() == (how != "killed")
        async with open_doors(tmp_path, pool_site()) as house:
            state = house.doors.edge.view.state(POOL_SCENARIO)
            assert {n: past.total for n, past in state.chooser.pasts.items()} == pytest.approx(known)

    asyncio.run(story())
