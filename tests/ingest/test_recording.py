"""Spools become rows: each record once, in the order it was spooled, whatever is between."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from django.db import OperationalError
from django.forms.models import model_to_dict

from callspring.calls.models import Call, CallEvent, Credit
from callspring.ingest import batch as batches
from callspring.ingest.batch import write_batch
from callspring.ingest.early import Activity
from callspring.ingest.models import Rejected, Watermark
from callspring.ingest.run import KEEP_SECONDS
from callspring.records import Dropped, Record, VisitorDid
from callspring.stores.spool.files import segment_path, segments
from callspring.stores.spool.reader import Position, read
from callspring.visits.models import DropCount, PageView, Show, Visit, VisitEvent
from tests.ingest.world import BUSINESS, CALLER, GOOGLE, Person, World

pytestmark = pytest.mark.django_db(transaction=True)


def moment(world: World, at: float) -> datetime:
    return datetime.fromtimestamp(world.t + at, UTC)


def everything() -> list[object]:
    """All rows that the ingester writes, but the watermark and counts of drops."""
    models = (Visit, PageView, Show, VisitEvent, Call, CallEvent, Credit)
    return [
        (model.__name__, str(row.pk), model_to_dict(row)) for model in models for row in model.objects.order_by("pk")
    ]


def test_a_visit_is_in_the_record(world: World) -> None:
    ann, number = Person(world), world.pool[0]
    world.ingest(*ann.arrives(0, number), ann.clicks(20, number), ann.beats(60), at=60)
    visit = Visit.objects.get()
    assert (str(visit.pk), visit.number, str(visit.visitor), visit.is_first) == (ann.visit, 1, ann.visitor, True)
    assert (visit.source, visit.channel, visit.stored_source["source"]) == ("google", "organic_search", "google")
    assert (visit.started_at, visit.last_active_at) == (moment(world, 0), moment(world, 60))
    page = PageView.objects.get()
    assert (page.visit, page.title, page.last_active_at, page.left_at) == (visit.pk, "A page", moment(world, 60), None)
    event = VisitEvent.objects.get()
    assert (event.kind, event.name, event.page_view) == ("tel_click", number.e164, page.pk)


def test_a_lease_becomes_a_show_and_is_held(world: World) -> None:
    ann, number = Person(world), world.pool[0]
    world.ingest(*ann.lands(0), ann.given(0, number), at=0)
    lease = Show.objects.get()
    assert (lease.shown_at, lease.until, lease.places) == (None, moment(world, 15), 0)
    world.ingest(ann.beats(5), at=5)
    assert Show.objects.get().until == moment(world, 15), "activity alone confirms nothing"
    world.ingest(ann.swaps(6, number), at=6)
    show = Show.objects.get()
    assert (show.shown_at, show.until, show.places) == (moment(world, 6), moment(world, 156), 3)
    world.ingest(ann.beats(100), at=100)
    assert Show.objects.get().until == moment(world, 250)


@pytest.mark.parametrize("sign", ["beat", "tel_click", "page", "leave"])
def test_every_sign_of_life_holds_a_show(world: World, sign: str) -> None:
    """As it holds the lease in the door."""
    ann, number = Person(world), world.pool[0]
    signs: dict[str, Callable[[float], Record]] = {
        "beat": ann.beats,
        "tel_click": lambda at: ann.clicks(at, number),
        "page": ann.views,
        "leave": lambda at: ann.beats(at, left=True),
    }
    world.ingest(*ann.arrives(0, number), at=0)
    world.ingest(signs[sign](100), at=100)
    assert Show.objects.get().until == moment(world, 250)


def test_a_number_that_was_replaced_is_held_no_longer(world: World) -> None:
    """Ann's hold ended, she got another number on her next page; the old one is not hers any more."""
    ann, (first, second, _) = Person(world), world.pool
    world.ingest(*ann.arrives(0, first), at=0)
    world.ingest(ann.views(600), ann.given(600, second), ann.swaps(600, second), ann.beats(630), at=630)
    old, new = Show.objects.order_by("granted_at")
    assert (old.number, old.until) == (first.pk, moment(world, 150))
    assert (new.number, new.until) == (second.pk, moment(world, 780))


@pytest.mark.parametrize("sign", ["beat", "swapped", "tel_click", "page", "leave"])
def test_a_page_with_a_number_that_was_lost_does_not_lengthen_the_show(world: World, sign: str) -> None:
    """Ann's tab was hidden, somebody else got her number; what her page still tells is told, but holds nothing."""
    ann, number = Person(world), world.pool[0]
    signs: dict[str, Callable[[float], Activity]] = {
        "beat": ann.beats,
        "swapped": lambda at: ann.swaps(at, number),
        "tel_click": lambda at: ann.clicks(at, number),
        "page": ann.views,
        "leave": lambda at: ann.beats(at, left=True),
    }
    world.ingest(*ann.arrives(0, number), at=0)
    lost = msgspec.structs.replace(signs[sign](600), lost=(number.scenario_id,))
    world.ingest(lost, at=600)
    assert Show.objects.get().until == moment(world, 150)
    assert Visit.objects.get().last_active_at == moment(world, 600)
    assert VisitEvent.objects.filter(kind="tel_click", name=number.e164).count() == (sign == "tel_click")


def test_a_page_is_left_and_comes_back(world: World) -> None:
    ann = Person(world)
    world.ingest(*ann.arrives(0, world.pool[0]), ann.beats(10, left=True), at=10)
    assert PageView.objects.get().left_at == moment(world, 10)
    world.ingest(ann.beats(20), at=20)
    assert PageView.objects.get().left_at is None


def test_a_call_is_in_the_record_with_every_event(world: World) -> None:
    number = world.static
    world.ingest(world.said(0, number), world.business(1, "ringing"), world.business(9, "answered"), at=9)
    call = world.call()
    assert (call.status, call.caller, call.dialled, call.destination) == ("answered", CALLER, number.e164, BUSINESS)
    assert (call.number, call.scenario_id, call.started_at) == (number, number.scenario_id, moment(world, 0))
    world.ingest(world.business(39, "completed", duration=30), world.said(39, number, status="completed"), at=40)
    call = world.call()
    assert (call.status, call.duration, call.answered_at) == ("completed", 30, moment(world, 9))
    assert CallEvent.objects.count() == 5


def test_a_call_whose_events_come_backwards_ends_the_same(world: World) -> None:
    number = world.static
    told = [
        world.said(0, number),
        world.business(1, "ringing"),
        world.business(9, "answered"),
        world.business(39, "completed", duration=30),
        world.said(39, number, status="completed"),
    ]
    for record in (*reversed(told), *told):
        world.ingest(record, at=40)
    call = world.call()
    assert (call.status, call.duration, call.caller, call.dialled) == ("completed", 30, CALLER, number.e164)
    assert (call.number, call.scenario_id, call.destination) == (number, number.scenario_id, BUSINESS)
    assert CallEvent.objects.count() == 5


def test_a_call_that_is_first_heard_of_from_the_business_is_filled_in(world: World) -> None:
    number = world.pool[0]
    world.ingest(world.business(1, "ringing"), at=1)
    assert (world.call().caller, world.call().dialled, world.call().status) == ("", "", "ringing")
    world.ingest(world.said(0, number), at=2)
    assert (world.call().caller, world.call().dialled, world.call().number) == (CALLER, number.e164, number)


def test_a_batch_twice_changes_only_counts_of_drops(world: World) -> None:
    ann, number = Person(world), world.pool[0]
    world.spool(
        *ann.arrives(0, number),
        ann.clicks(3, number),
        world.said(5, number),
        world.business(6, "ringing"),
        ann.beats(8, left=True),
        Dropped(world.t, "bot", 4, world.company.pk, "shop.example"),
    )
    batch = read(world.folder / "doors-1", Position())
    assert write_batch("doors-1", batch, world.t + 8).records == len(batch.payloads) == 9
    before = everything()
    write_batch("doors-1", batch, world.t + 8)
    assert everything() == before
    assert [(count.reason, count.host, count.count) for count in DropCount.objects.all()] == [
        ("bot", "shop.example", 8)
    ]


def test_drops_are_counted_by_hour(world: World) -> None:
    hour = 1_780_000_000 // 3600 * 3600
    for at, count in ((0, 1), (3599, 2), (3600, 5)):
        world.spool(Dropped(hour + at, "bot", count, world.company.pk, "shop.example"))
    world.step(0)
    assert [row.count for row in DropCount.objects.order_by("hour")] == [3, 5]


def test_several_spools_are_read_each_to_its_end(world: World) -> None:
    people = [Person(world) for _ in range(3)]
    for door, person in enumerate(people):
        world.spool(*person.arrives(door, world.pool[door]), world.tick(10 + door), door=f"doors-{door}")
    world.step(20)
    assert Visit.objects.count() == 3
    assert [mark.reached - world.t for mark in Watermark.objects.order_by("spool")] == [10, 11, 12]
    before = everything()
    world.step(21)
    assert everything() == before


def strangers_visit(world: World) -> list[bytes]:
    """A company that was deleted meanwhile."""
    records = Person(world).lands(1)
    return [msgspec.json.encode(msgspec.structs.replace(record, company=999_999)) for record in records]


@pytest.mark.parametrize(
    "poison", ["no json", "later version", "no company", "no uuid", "number used twice", "year 9999999"]
)
def test_a_record_that_cannot_be_written_is_set_aside(world: World, poison: str) -> None:
    ann, ben = Person(world), Person(world, GOOGLE)
    first = ann.arrives(0, world.pool[0])
    bad_page = VisitorDid("no uuid at all", world.t, world.company.pk, ann.visit, "-" * 36, "custom")
    twice = msgspec.structs.replace(Person(world).lands(1)[0], number=ann.number)
    bad: dict[str, list[bytes]] = {
        "no json": [b"no json", b"", b"\xff\xfe"],
        "later version": [b'{"type":"of tomorrow","at":1.0}'],
        "no company": strangers_visit(world),
        "no uuid": [
            msgspec.json.encode(bad_page),
            msgspec.json.encode(msgspec.structs.replace(ann.beats(1), page="-" * 36)),
        ],
        "number used twice": [msgspec.json.encode(twice)],
        "year 9999999": [msgspec.json.encode(msgspec.structs.replace(ann.beats(1), at=3e14))],
    }
    world.spool(*first)
    world._writers["doors-1"].append(*bad[poison])
    world.spool(*ben.arrives(2, world.pool[1]), world.said(3, world.pool[1]), world.tick(4))
    world.step(4)
    assert {visit.pk for visit in Visit.objects.all()} == {UUID(ann.visit), UUID(ben.visit)}
    assert Show.objects.filter(shown_at__isnull=False).count() == 2
    assert world.credit().visit == UUID(ben.visit)
    rejected = Rejected.objects.order_by("offset")
    assert len(rejected) == len(bad[poison])
    assert all(row.spool == "doors-1" and row.error for row in rejected)
    kept = [payload.decode("utf-8", "replace") for payload in bad[poison]]
    assert [row.payload for row in rejected] == kept
    assert Watermark.objects.get().reached == world.t + 4


@pytest.mark.parametrize("step", ["record_calls", "_advance"])
def test_a_lost_database_rolls_back_rows_and_watermark_together(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ann = Person(world)
    world.ingest(world.tick(0), at=0)
    before = Watermark.objects.get()

    def lost(*_: object) -> None:
        assert Visit.objects.count() == 1, "the rows were there already"
        raise OperationalError("the connection is gone")

    world.spool(*ann.arrives(1, world.pool[0]), world.said(2, world.pool[0]))
    with monkeypatch.context() as patch:
        patch.setattr(batches, step, lost)
        with pytest.raises(OperationalError):
            world.step(2)
    assert Visit.objects.count() == 0
    after = Watermark.objects.get()
    assert (after.segment, after.offset, after.reached) == (before.segment, before.offset, before.reached)
    assert not Rejected.objects.exists()
    world.step(3)
    assert (Visit.objects.count(), Call.objects.count()) == (1, 1)


def test_segments_go_once_they_are_ingested_and_old(world: World) -> None:
    door = world.folder / "doors-1"
    world.ingest(world.tick(0), at=0)
    world.close()
    world._writers.clear()
    world.spool(world.tick(1))
    old = world.t - KEEP_SECONDS - 100
    for segment in segments(door):
        os.utime(segment_path(door, segment), (old, old))
    world.ingester.step(world.t - 61)
    assert segments(door) == [1, 2], "the first is read only now"
    world.step(0)
    world.step(61)
    assert segments(door) == [2], "the newest stays"


def test_young_segments_stay_for_a_door_that_starts_again(world: World) -> None:
    door = world.folder / "doors-1"
    world.ingest(world.tick(0), at=0)
    world.close()
    world._writers.clear()
    world.ingest(world.tick(1), at=1)
    world.step(100)
    assert segments(door) == [1, 2]
    world.step(KEEP_SECONDS + timedelta(minutes=5).total_seconds())
    assert segments(door) == [2]
