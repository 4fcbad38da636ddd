"""A door chooses numbers by what is learnt of when people call, as soon as it is published and after a restart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from callspring.pools.expectations import expectations_of
from callspring.pools.timing import Timing
from callspring.records import NumberGranted
from callspring.stores.snapshot.files import publish, timing_file, withdraw
from callspring.stores.snapshot.published import PublishedTiming
from tests.doors import OTHER_SITE, House, Visitor, open_doors, pool_site

SITE = pool_site((201,))  # one number: whoever comes next is given it, and why says what is expected of who had it
NOBODY_CALLS_LATER = replace(expectations_of(Timing()), later=(0.0,) * 8)
USUAL, LEARNT = "same_source", "unmarked"


async def next_reason(house: House) -> str:
    """Somebody sees the number and goes; why is the next visitor, an hour later, given it?"""
    await Visitor(house).see()
    house.clock.now += 3600
    await Visitor(house).see()
    reasons = [record.reason for record in house.records() if isinstance(record, NumberGranted)]
    house.clock.now += 3600
    return reasons[-1]


def test_what_is_learnt_reaches_a_running_door_and_outlives_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE, OTHER_SITE) as house:
            assert await next_reason(house) == USUAL
            publish(house.config.snapshots, PublishedTiming(OTHER_SITE.id, NOBODY_CALLS_LATER))
            await house.doors.follow_snapshot()
            assert await next_reason(house) == USUAL, "another company's site has learnt that"
            publish(house.config.snapshots, PublishedTiming(SITE.id, NOBODY_CALLS_LATER))
            await house.doors.follow_snapshot()
            house.doors.edge.view.state(20).chooser.pasts.clear()
            assert await next_reason(house) == LEARNT
            publish(house.config.snapshots, pool_site((201,), overflow="leave"))  # people change their settings
            await house.doors.follow_snapshot()
            assert await next_reason(house) == LEARNT
            now = house.clock.now
        async with open_doors(tmp_path, SITE) as house:
            house.clock.now = now
            assert await next_reason(house) == LEARNT

    asyncio.run(story())


def test_without_a_file_or_with_one_that_makes_no_sense_it_is_as_usual(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            publish(house.config.snapshots, PublishedTiming(SITE.id, NOBODY_CALLS_LATER))
            await house.doors.follow_snapshot()
            withdraw(timing_file(house.config.snapshots, SITE.id))
            await house.doors.follow_snapshot()
            assert await next_reason(house) == USUAL
            snapshots = house.config.snapshots
            for garbage in (
                b"\xff{",
                b"{}",
                b'{"id":2,"expectations":{"later":[],"again":1,"untapped":[],"shares":[]}}',
            ):
                timing_file(snapshots, SITE.id).write_bytes(garbage)
                await house.doors.follow_snapshot()
                assert await next_reason(house) == USUAL
            now = house.clock.now
        async with open_doors(tmp_path, SITE) as house:
            house.clock.now = now
            assert await next_reason(house) == USUAL

    asyncio.run(story())
