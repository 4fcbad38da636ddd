"""A page load's one spooled record: the same rows as the records that it stands for, each of them on its own."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from django.db import OperationalError

from callspring.ids import new_id
from callspring.ingest import batch as batches
from callspring.ingest.batch import write_batch
from callspring.ingest.models import Rejected, Watermark
from callspring.records import Began, Granted, NumberGranted, PageLoaded, PageViewed, VisitBegan, decode, encode
from callspring.stores.spool.reader import Position, read
from callspring.visits.models import PageView, Show, Visit
from tests.ingest.test_recording import everything
from tests.ingest.world import GOOGLE, MAIL, World

pytestmark = pytest.mark.django_db(transaction=True)
TOO_LARGE = 1 << 63  # a number's id that no database takes


def loaded(world: World, at: float = 0, visit: str = "", **changes: object) -> PageLoaded:
    """Somebody comes from Google, with a newsletter in their cookie, and gets the pool's and the static number."""
    began = Began(
        world.next_visit_number(), False, "https://www.google.com/", GOOGLE, MAIL, (("gclid", "x"),),
        "203.0.113.7", "US", "Illinois", "Chicago", "Windows 10", "Chrome 126", "desktop", "America/Chicago",
    )  # fmt: skip
    given = (world.pool[0], world.static)
    numbers = [(number.scenario_id or 0, number.pk, number is not world.static) for number in given]
    record = PageLoaded(
        world.t + at, world.company.pk, world.site.pk, visit or new_id(), new_id(), new_id(), "https://shop.example/b",
        "Boilers", None if visit else began, [Granted(*each, "next_in_line", 150, False) for each in numbers], "mail",
    )  # fmt: skip
    return msgspec.structs.replace(record, **changes)


def spool(world: World, *records: PageLoaded) -> None:
    world.spool()
    for record in records:
        world._writers["doors-1"].append(encode(record))


def test_it_stands_for_a_visit_a_page_view_and_the_numbers_given(world: World) -> None:
    whole = loaded(world)
    began, viewed, first, second = decode(encode(whole))
    assert isinstance(began, VisitBegan)
    assert isinstance(viewed, PageViewed)
    assert isinstance(first, NumberGranted)
    assert isinstance(second, NumberGranted)
    assert (began.id, began.url, began.click_ids, began.stored) == (whole.visit, whole.url, {"gclid": "x"}, MAIL)
    assert (viewed.id, viewed.url, viewed.title) == (whole.page, whole.url, "Boilers")
    assert (first.number, first.dynamic, first.source) == (world.pool[0].pk, True, "mail")
    assert len({UUID(granted.id) for granted in (first, second)}) == 2
    for record in (began, viewed, first, second):
        assert (record.at, record.company, record.visitor) == (whole.at, whole.company, whole.visitor)
    assert decode(encode(whole)) == [began, viewed, first, second], "the same ids each time"


def test_it_makes_the_rows_that_its_records_make(world: World) -> None:
    whole = loaded(world)
    further = loaded(world, 5, visit=whole.visit, granted=[])
    spool(world, whole, further)
    world.step(5)
    together = everything()
    assert (Visit.objects.count(), PageView.objects.count(), Show.objects.count()) == (1, 2, 2)
    for model in (Visit, PageView, Show):
        model.objects.all().delete()
    world.spool(*whole.records(), *further.records())
    world.step(6)
    assert everything() == together


def test_what_is_wrong_with_one_part_keeps_none_of_the_others_out(world: World) -> None:
    bad, good = loaded(world), loaded(world, 1)
    impossible = Granted(1, TOO_LARGE, False, "direct", 150, False)
    bad = msgspec.structs.replace(bad, granted=[impossible, *bad.granted])
    spool(world, bad, good)
    batch = read(world.folder / "doors-1", Position())
    assert write_batch("doors-1", batch, world.t + 1).records == 8
    assert {str(visit.pk) for visit in Visit.objects.all()} == {bad.visit, good.visit}
    assert (PageView.objects.count(), Show.objects.count()) == (2, 4)
    rejected = Rejected.objects.get()
    assert [rejected.payload] == [encode(bad.records()[2]).decode()]
    mark = Watermark.objects.get()
    assert Position(mark.segment, mark.offset) == batch.end
    before = everything()
    write_batch("doors-1", batch, world.t + 1)
    assert everything() == before


def test_an_ingester_that_is_stopped_between_the_parts_takes_them_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible = Granted(1, TOO_LARGE, False, "direct", 150, False)
    whole = loaded(world)
    spool(world, loaded(world), msgspec.structs.replace(whole, granted=[*whole.granted, impossible]))
    batch = read(world.folder / "doors-1", Position())
    really, left = batches._write_or_reject, [6]

    def stop(*args: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise OperationalError("the connection is gone")
        return really(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(batches, "_write_or_reject", stop)
        with pytest.raises(OperationalError):
            write_batch("doors-1", batch, world.t)
    mark = Watermark.objects.get()
    assert Position(mark.segment, mark.offset) == batch.payloads[0][1], "behind the first page load, not in the second"
    world.step(1)
    assert (Visit.objects.count(), PageView.objects.count(), Show.objects.count()) == (2, 2, 4)
    assert Rejected.objects.count() == 1
