"""The company's own people look at the site: they take no number and count as nothing (W11)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from callspring.records import Dropped
from callspring.stores.snapshot.files import publish
from tests.doors import OTHER_SITE, POOL_NUMBERS, STRATEGY_SITE, House, Visitor, e164, open_doors, pool_site

STAFF = ("192.0.2.0/24", "198.51.100.7/32", "2001:db8::/48")
SITE = msgspec.structs.replace(pool_site(), staff=STAFF)
TRUSTED = {"CALLSPRING_TRUSTED_PROXIES": "127.0.0.0/8"}


async def load(house: House, ip: str, token: str = "") -> tuple[list[str], str]:
    """The numbers shown to a visitor behind our proxy, and why there are none."""
    body = {"key": "ck_one", "url": "https://pool.example/", "token": token}
    answer = await house.post_visit(body, x_forwarded_for=ip)
    return answer.numbers, answer.reason


def test_staff_addresses_behind_a_trusted_proxy_are_dropped(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE, **TRUSTED) as house:
            for ip in ("192.0.2.1", "192.0.2.255", "198.51.100.7", "2001:db8:0:ffff::1", "::ffff:192.0.2.9"):
                assert await load(house, ip) == ([], "staff"), ip
            left = [*house.records(), *house.doors.drops.take(0.0)]  # in the spool already, or about to be
            counted = [record for record in left if isinstance(record, Dropped)]
            assert counted == left
            assert {(one.reason, one.company, one.host) for one in counted} == {("staff", 1, "pool.example")}
            assert sum(one.count for one in counted) == 5
            # The whole pool is still free for those who are no staff.
            for ip, number in zip(("198.51.100.8", "192.0.3.1", "2001:db8:1::1"), POOL_NUMBERS, strict=True):
                assert await load(house, ip) == ([e164(number)], ""), ip

    asyncio.run(story())


def test_nobody_makes_themselves_staff(tmp_path: Path) -> None:
    """A header that no trusted proxy wrote is not believed."""

    async def story() -> None:
        async with open_doors(tmp_path, SITE, peer="203.0.113.1", **TRUSTED) as house:
            assert (await load(house, "192.0.2.1"))[1] == ""
        async with open_doors(tmp_path, SITE, peer="192.0.2.1", **TRUSTED) as house:
            assert await load(house, "203.0.113.1") == ([], "staff")

    asyncio.run(story())


def test_the_other_sites_know_nothing_of_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE, STRATEGY_SITE, OTHER_SITE, peer="192.0.2.1") as house:
            assert (await Visitor(house, "other.example", "ck_two").load()).reason == ""
            assert (await Visitor(house, "shop.example").load()).reason == ""

    asyncio.run(story())


def test_a_list_that_changes_counts_at_once_for_known_visitors_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, peer="192.0.2.1") as house:
            visitor = Visitor(house)
            assert (await visitor.load()).reason == ""
            publish(house.config.snapshots, SITE)
            house.doors.snapshot.refresh()
            assert (await visitor.load()).reason == "staff"
            publish(house.config.snapshots, pool_site())
            house.doors.snapshot.refresh()
            again = await visitor.load()
            assert (again.reason, again.body["visit"]) == ("", 1)

    asyncio.run(story())


def test_a_list_that_cannot_be_read_leaves_the_last_good_one(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE, peer="192.0.2.1") as house:
            publish(house.config.snapshots, msgspec.structs.replace(pool_site(), staff=("nonsense",)))
            house.doors.snapshot.refresh()
            assert (await Visitor(house).load()).reason == "staff"

    asyncio.run(story())
