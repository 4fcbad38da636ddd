"""Visitors without consent are a count in the record; who takes consent back holds no number from then on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from callspring.records import AnonymousVisit, Forgot, LeasesHeld
from callspring.stores.leases.port import Held
from callspring.visits.models import AnonymousCount, Show, Visit
from tests.ingest.world import Person, World

pytestmark = pytest.mark.django_db(transaction=True)


def arrival(world: World, source: str = "google", hours: int = 0) -> AnonymousVisit:
    at = world.t // 3600 * 3600 + hours * 3600
    return AnonymousVisit(at, world.company.pk, world.site.pk, source, "cpc", "paid_search")


def test_arrivals_are_counted_by_hour_and_source(world: World) -> None:
    world.ingest(*(arrival(world) for _ in range(3)), arrival(world, "bing"), at=1)
    world.ingest(arrival(world), arrival(world, hours=1), at=2, door="doors-2")
    counted = AnonymousCount.objects.order_by("hour", "source").values_list("source", "medium", "channel", "count")
    assert list(counted) == [
        ("bing", "cpc", "paid_search", 1),
        ("google", "cpc", "paid_search", 4),
        ("google", "cpc", "paid_search", 1),
    ]
    assert not Visit.objects.exists()


def test_who_is_forgotten_holds_nothing_from_then_on(world: World) -> None:
    ann, ben = Person(world), Person(world)
    first, second, third = world.pool
    world.ingest(*ann.arrives(0, first), *ben.arrives(1, second), at=1)
    later = Person(world, visitor=ann.visitor)
    world.ingest(*later.arrives(40, third), ann.beats(45), at=45)
    world.ingest(Forgot(world.t + 50, later.visit, ann.visitor), at=50)
    ends = {show.number: show.until - datetime.fromtimestamp(world.t, UTC) for show in Show.objects.all()}
    assert ends == {
        first.pk: timedelta(seconds=50),
        second.pk: timedelta(seconds=151),
        third.pk: timedelta(seconds=50),
    }


def test_forgetting_within_the_batch_ends_what_was_just_given(world: World) -> None:
    ann = Person(world)
    world.ingest(*ann.arrives(0, world.pool[0]), ann.beats(9), Forgot(world.t + 10, ann.visit, ann.visitor), at=10)
    assert Show.objects.get().until == datetime.fromtimestamp(world.t + 10, UTC)


def test_leases_said_once_more_are_no_news(world: World) -> None:
    ann = Person(world)
    world.ingest(*ann.arrives(0, world.pool[0]), at=1)
    before = list(Show.objects.values())
    held = Held(world.pool[0].scenario_id or 0, world.pool[0].pk, ann.visitor, ann.visit, "x", 150, world.t, True)
    world.ingest(LeasesHeld(world.t + 60, [held, msgspec.structs.replace(held, visitor="somebody else")]), at=60)
    assert list(Show.objects.values()) == before


@pytest.mark.parametrize(("seconds", "until"), [(14, 29), (15, 15), (40, 15)])
def test_another_view_lengthens_an_unconfirmed_lease_as_the_door_does(world: World, seconds: int, until: int) -> None:
    ann = Person(world)
    world.ingest(*ann.lands(0), ann.given(0, world.pool[0]), at=1)
    world.ingest(ann.views(seconds, "/next"), at=seconds)
    assert Show.objects.get().until == datetime.fromtimestamp(world.t + until, UTC)
