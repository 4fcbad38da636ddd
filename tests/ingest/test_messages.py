"""Recordings, texts and flags on their way from the spool into the record, once, whatever the inbox says to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from callspring.accounts.staff import add_staff_number
from callspring.calls.models import Call, Credit, FirstCall, Flag, Recording
from callspring.ids import derived_id, new_id
from callspring.inbox import incoming
from callspring.inbox.models import Message, Thread
from callspring.ingest import handing_over
from callspring.ingest.batch import MOST_FORMS, write_batch
from callspring.ingest.models import Rejected
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.records import RecordingSaid, TextBecame, TextSaid, VisitorDid, decode, encode
from callspring.stores.spool.reader import Position, read
from tests.ingest.test_crediting import settle
from tests.ingest.world import CALLER, GOOGLE, MAIL, Person, World

pytestmark = pytest.mark.django_db(transaction=True)
CALL = derived_id("call", "sb_1")
BODY = "Do you come on Sundays?\n<script>alert(1)</script>"


def recorded(world: World, at: float, name: str = "sr_1", **changes: Any) -> RecordingSaid:
    fields: dict[str, Any] = {
        "id": derived_id("recording", "sandbox", str(world.connection.pk), name),
        "received_at": world.t + at,
        "at": world.t + at,
        "company": world.company.pk,
        "connection": world.connection.pk,
        "call": CALL,
        "carrier_call_id": "sb_1",
        "recording": name,
        "kind": "voicemail",
        "available": True,
        "url": "http://127.0.0.1:9/recordings/sr_1.wav",
        "duration": 7,
        **changes,
    }
    return RecordingSaid(**fields)


def nothing_recorded(world: World, at: float, **changes: Any) -> RecordingSaid:
    return recorded(world, at, available=False, url="", duration=None, **changes)


def text(world: World, at: float, name: str = "st_1", **changes: Any) -> TextSaid:
    number = world.pool[0]
    fields: dict[str, Any] = {
        "id": derived_id("text", "sandbox", str(world.connection.pk), name),
        "received_at": world.t + at,
        "company": world.company.pk,
        "connection": world.connection.pk,
        "carrier_text_id": name,
        "caller": CALLER,
        "dialled": number.e164,
        "body": BODY,
        "number": number.pk,
        **changes,
    }
    return TextSaid(**fields)


def moment(world: World, at: float) -> datetime:
    return datetime.fromtimestamp(world.t + at, UTC)


def fetches() -> list[Any]:
    return [job.payload for job in Job.objects.filter(kind="calls.fetch_recording")]


def kinds() -> list[str]:
    return list(Message.objects.order_by("at", "kind").values_list("kind", flat=True))


# --- recordings


def test_a_voicemail_is_in_the_record_and_will_be_fetched_once(world: World) -> None:
    world.ingest(world.said(0, world.pool[0]), recorded(world, 30), recorded(world, 30), at=31)
    world.ingest(recorded(world, 30), at=32, door="doors-2")
    recording = Recording.objects.get()
    assert (recording.kind, recording.state, recording.duration) == ("voicemail", "waiting", 7)
    assert (str(recording.call), recording.recorded_at) == (CALL, moment(world, 30))
    assert (recording.carrier_recording_id, recording.company) == ("sr_1", world.company)
    assert fetches() == [{"recording": str(recording.pk)}]
    assert kinds() == ["call", "voicemail"]


def test_where_nothing_was_recorded_nothing_is_fetched(world: World) -> None:
    world.ingest(world.said(0, world.pool[0]), nothing_recorded(world, 30), at=31)
    assert Recording.objects.get().state == "absent"
    assert fetches() == []
    assert kinds() == ["call"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("ready", [True, False])
def test_the_report_beats_the_announcement(world: World, order: tuple[int, int], ready: bool) -> None:
    report = recorded(world, 30) if ready else nothing_recorded(world, 30)
    reports = [recorded(world, 30, certain=False, duration=9), report]
    for place in order:
        world.ingest(reports[place], at=31)
    assert Recording.objects.get().state == ("waiting" if ready else "absent")


def test_a_recording_whose_report_was_lost_is_fetched_a_little_later(world: World) -> None:
    world.ingest(recorded(world, 30, certain=False), at=31)
    assert kinds() == ["voicemail"]
    (job,) = Job.objects.filter(kind="calls.fetch_recording")
    assert timedelta(seconds=60) < job.run_at - datetime.now(UTC) <= timedelta(minutes=2)


def test_a_recording_that_is_there_after_all(world: World) -> None:
    world.ingest(nothing_recorded(world, 30), at=31)
    world.ingest(recorded(world, 30), at=32)
    assert (Recording.objects.get().state, Recording.objects.get().duration) == ("waiting", 7)
    assert len(fetches()) == 1


def test_a_stored_recording_stays_stored(world: World) -> None:
    world.ingest(recorded(world, 30), at=31)
    Recording.objects.update(state=Recording.State.STORED, blob="x")
    world.ingest(recorded(world, 30), nothing_recorded(world, 30), at=32)
    assert (Recording.objects.get().state, Recording.objects.get().blob) == ("stored", "x")


def test_a_voicemail_may_come_before_its_call(world: World) -> None:
    world.ingest(recorded(world, 30), at=31)
    world.ingest(world.said(0, world.pool[0]), at=32)
    thread = Thread.objects.get()
    assert (thread.contact, sorted(kinds())) == (CALLER, ["call", "voicemail"])


# --- texts and forms


def test_a_text_and_what_became_of_ours(world: World) -> None:
    world.ingest(text(world, 5), text(world, 5), at=6)
    message = Message.objects.get()
    assert (message.kind, message.body, message.number) == ("text_in", BODY, world.pool[0])
    sent = Message.objects.create(
        id=UUID(new_id()),
        company=world.company,
        thread=message.thread,
        kind=Message.Kind.TEXT_OUT,
        at=moment(world, 9),
        number=world.pool[0],
        carrier_text_id="st_9",
        state=Message.State.QUEUED,
    )
    about = (world.company.pk, world.connection.pk, "st_9")
    for state in ("delivered", "sent"):
        world.ingest(TextBecame(world.t + 10, *about, state), at=11)
    sent.refresh_from_db()
    assert sent.state == "delivered"


def test_a_form_reaches_the_inbox_and_other_events_do_not(world: World) -> None:
    ann = Person(world)
    form: dict[str, Any] = {"phone": "(773) 555-0177", "name": "Ann"}

    def did(name: str) -> VisitorDid:
        when, company = world.t + 5, world.company.pk
        return VisitorDid(new_id(), when, company, ann.visit, ann.page, "custom", name, form, ann.visitor)

    world.ingest(*ann.lands(0), did("form"), did("scrolled"), at=6)
    assert kinds() == ["form"]
    assert Thread.objects.get().contact == CALLER


def test_a_flood_of_forms_is_left_to_jobs(world: World) -> None:
    visit, page = new_id(), new_id()
    many = [
        VisitorDid(new_id(), world.t, world.company.pk, visit, page, "custom", "form", {"phone": f"+1312555{n:04d}"})
        for n in range(MOST_FORMS + 5)
    ]
    world.ingest(*many, text(world, 1), at=1)
    assert sorted(kinds()) == ["form"] * MOST_FORMS + ["text_in"]
    run_due()
    assert sorted(kinds()) == ["form"] * len(many) + ["text_in"], "none is lost"


# --- a fault in the inbox


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An inbox with a bug: it takes nothing."""

    def refuse(_: object) -> None:
        Thread.objects.create(company_id=0, last_at=datetime.now(UTC), last_inbound_at=datetime.now(UTC))
        raise KeyError("a bug")

    with monkeypatch.context() as patch:
        for name in ("call_arrived", "text_arrived", "voicemail_left", "form_sent", "text_became"):
            patch.setattr(handing_over, name, refuse)
        yield patch


def test_a_fault_in_the_inbox_holds_up_nothing_and_is_mended_later(world: World, faulty: pytest.MonkeyPatch) -> None:
    became = TextBecame(world.t + 9, world.company.pk, world.connection.pk, "st_9", "sent")
    world.ingest(world.said(0, world.pool[0]), recorded(world, 30), text(world, 40), became, at=41)
    assert (Call.objects.count(), Recording.objects.count(), Credit.objects.filter(current=True).count()) == (1, 1, 1)
    assert (Message.objects.count(), Thread.objects.count(), Rejected.objects.count()) == (0, 0, 0)
    faulty.undo()
    run_due()
    assert sorted(kinds()) == ["call", "text_in", "voicemail"]
    assert not Job.objects.filter(kind=handing_over.KIND).exclude(state="done").exists()


def test_what_is_mended_later_is_taken_whole_or_not_at_all(
    world: World, faulty: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ingest(text(world, 40), at=41)
    faulty.undo()
    payload = Job.objects.get(kind=handing_over.KIND).payload

    def cannot(*_: object, **__: object) -> None:
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(incoming, "enqueue", cannot)
        with pytest.raises(OperationalError):
            handing_over.hand_over_again(payload)
    handing_over.hand_over_again(payload)
    assert kinds() == ["text_in"]
    assert Job.objects.filter(kind="inbox.mail_copy").count() == 1


def test_what_is_gone_meanwhile_needs_no_inbox(world: World, faulty: pytest.MonkeyPatch) -> None:
    world.ingest(world.said(0, world.pool[0]), at=1)
    faulty.undo()
    Call.objects.all().delete()
    run_due()
    assert kinds() == []


def test_a_database_that_is_away_makes_the_spool_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise OperationalError("locked")

    monkeypatch.setattr(handing_over, "call_arrived", away)
    world.spool(world.said(0, world.pool[0]))
    with pytest.raises(OperationalError):
        write_batch("doors-1", read(world.folder / "doors-1", Position()), world.t)
    assert not Call.objects.exists()


def test_a_company_that_is_gone_holds_up_no_other(world: World) -> None:
    gone = 999_999
    world.ingest(
        text(world, 1, "st_gone", company=gone),
        recorded(world, 2, "sr_gone", company=gone),
        text(world, 3),
        recorded(world, 4),
        at=5,
    )
    assert Message.objects.filter(company=world.company).count() == 2
    assert Recording.objects.filter(company=world.company).count() == 1
    kept = [json.loads(row.payload)[0] for row in Rejected.objects.order_by("pk")]
    waiting = [json.loads(job.payload["which"])[0] for job in Job.objects.filter(kind=handing_over.KIND)]
    assert sorted([*kept, *waiting]) == ["recording", "text"], "nothing is lost"


# --- names and flags


def test_the_callers_name_is_filled_in_by_whichever_event_says_it(world: World) -> None:
    world.ingest(world.said(0, world.pool[0]), at=0)
    world.ingest(world.said(1, world.pool[0], status="recorded", caller_name="ANN " * 40), at=1)
    assert Call.objects.get().caller_name == ("ANN " * 40)[:80]
    world.ingest(world.said(2, world.pool[0], status="completed", caller_name="Ben"), at=2)
    assert Call.objects.get().caller_name.startswith("ANN")


def test_a_call_of_the_companys_own_people_is_a_test(world: World) -> None:
    add_staff_number(world.company, CALLER, "The owner's mobile")
    world.ingest(world.business(1, "ringing"), at=1)
    assert Call.objects.get().flag == Flag.NONE, "nobody has said yet who calls"
    world.ingest(world.said(0, world.pool[0]), at=2)
    assert Call.objects.get().flag == Flag.TEST
    assert Thread.objects.get(contact=CALLER).flag == Flag.TEST
    world.ingest(world.said(5, world.pool[0], "sb_2", "+17735550199"), at=6)
    assert Call.objects.get(pk=derived_id("call", "sb_2")).flag == Flag.NONE


def test_what_people_said_of_a_call_stays(world: World) -> None:
    add_staff_number(world.company, CALLER)
    world.ingest(world.said(0, world.pool[0]), at=0)
    Call.objects.update(flag=Flag.NONE)
    Thread.objects.update(flag=Flag.NONE)
    world.ingest(world.business(9, "completed", duration=8), at=10)
    assert (Call.objects.get().flag, Call.objects.get().status) == (Flag.NONE, "completed")
    Call.objects.update(flag=Flag.SPAM)
    world.ingest(world.said(12, world.pool[0], status="completed"), at=12)
    assert Call.objects.get().flag == Flag.SPAM


def test_another_companys_staff_are_customers_here(world: World) -> None:
    other = world.company.account.companies.create(name="Other", key="ck_other")
    add_staff_number(other, CALLER)
    world.ingest(world.said(0, world.pool[0]), at=0)
    assert Call.objects.get().flag == Flag.NONE


@pytest.mark.parametrize("flag", [Flag.TEST, Flag.SPAM])
def test_a_flagged_call_is_nobodys_first_and_no_repeat(world: World, flag: Flag) -> None:
    number = world.pool[0]
    thread = Thread.objects.create(
        company=world.company, contact=CALLER, flag=flag, last_at=moment(world, 0), last_inbound_at=moment(world, 0)
    )
    world.ingest(*Person(world, MAIL).arrives(0, number), world.said(10, number), at=10)
    settle(world, 10)
    assert Call.objects.get().flag == flag, "the thread's flag comes before the credit"
    assert world.credit("sb_1").basis == "holder"
    assert not FirstCall.objects.exists()
    Thread.objects.filter(pk=thread.pk).update(flag=Flag.NONE)
    world.ingest(*Person(world, GOOGLE).arrives(5000, number), world.said(5010, number, "sb_2"), at=5010)
    settle(world, 5010)
    assert (world.credit("sb_2").basis, world.credit("sb_2").source) == ("holder", "google")
    Thread.objects.filter(pk=thread.pk).update(flag=flag)
    world.ingest(*Person(world, MAIL).arrives(9000, number), world.said(9010, number, "sb_3"), at=9010)
    settle(world, 9010)
    assert (world.credit("sb_3").basis, world.credit("sb_3").source) == ("holder", "newsletter")
    assert FirstCall.objects.get().call == UUID(derived_id("call", "sb_2"))


def test_a_call_spooled_by_an_older_door_is_still_read(world: World) -> None:
    """It ends before the caller's name, or before the attestation, which came last."""
    said = world.said(0, world.pool[0])
    fields = json.loads(encode(said))
    assert fields[-3:] == [{}, "", ""]
    for missing in (1, 2):
        assert decode(json.dumps(fields[:-missing]).encode()) == [said]
