"""A visit at several doors, whose spools are read in any order: nothing that one of them saw is lost (invariant 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from callspring.ingest.early import forget_the_old
from callspring.ingest.models import EarlySign
from callspring.records import Record
from callspring.visits.models import PageView, Show, Visit
from tests.ingest.world import Person, World

pytestmark = pytest.mark.django_db(transaction=True)


def outcome() -> list[tuple[Any, ...]]:
    """What the record says of the visit, its page and its shows."""
    shows = Show.objects.order_by("granted_at")
    return [
        *Visit.objects.values_list("last_active_at"),
        *PageView.objects.order_by("started_at").values_list("last_active_at", "left_at"),
        *shows.values_list("number", "shown_at", "last_active_at", "until", "places"),
    ]


def doors(ann: Person, world: World) -> tuple[list[Record], list[Record], list[Record]]:
    """The page comes from one door and reports to others; on the second page there is another number."""
    number, other, _ = world.pool
    first: list[Record] = [*ann.lands(0), ann.given(0, number)]
    second: list[Record] = [ann.swaps(0.1, number), ann.beats(30), ann.beats(60, left=True)]
    third: list[Record] = [ann.views(400), ann.given(400, other)]
    second += [ann.swaps(400.1, other), ann.beats(430)]
    return first, second, third


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whoever_is_read_first(world: World, order: tuple[int, ...]) -> None:
    spools = doors(Person(world), world)
    for at in order:
        world.ingest(*spools[at], at=500, door=f"doors-{at}")
    swapped, left, again, swapped_again, last, end = (
        datetime.fromtimestamp(world.t + at, UTC) for at in (0.1, 60, 400, 400.1, 430, 580)
    )
    number, other, _ = world.pool
    visit, page, second_page, former, latter = outcome()
    assert (visit, page, second_page) == ((last,), (left, left), (last, None))
    assert former[:2] == (number.pk, swapped)
    assert left <= former[2] < former[3] <= again
    assert latter == (other.pk, swapped_again, last, end, 3)
    assert not EarlySign.objects.exists()


def test_what_waits_tells_nothing_and_goes_after_a_day(world: World) -> None:
    ann = Person(world)
    ann.lands(0)
    did = msgspec.structs.replace(ann.clicks(5, world.pool[0]), data={"name": "Ann"})
    world.ingest(did, ann.views(6, "/private"), at=7)
    assert EarlySign.objects.count() == 2
    assert not any("Ann" in one.record or "private" in one.record for one in EarlySign.objects.all())
    forget_the_old(datetime.now(UTC) + timedelta(hours=23))
    assert EarlySign.objects.count() == 2
    forget_the_old(datetime.now(UTC) + timedelta(hours=25))
    assert not EarlySign.objects.exists()
