"""Twilio's calls from the door to the record: told in any order, twice, or with one thing lost, they end as they ended.

Each sequence has the shapes of Twilio's documentation. Every variant of it is a call of its own, sent through the real
door into its spool; the ingester then reads all of them at once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.accounts.models import Account, Company
from callspring.calls.models import Call, CallEvent, Recording
from callspring.flows.evaluation import Position
from callspring.flows.flow import Forward
from callspring.ids import derived_id
from callspring.inbox.models import Message
from callspring.ingest.models import Rejected
from callspring.ingest.run import Ingester
from callspring.jobs.models import Job
from callspring.numbers.models import Connection, Number
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import Route
from tests.carriers.twilio_requests import Fields, dial_result, leg_event, question, recorded, recording_report
from tests.doors import BUSINESS, NOW, SECRET, TWILIO, House, companies, e164, open_doors
from tests.voice.carriers import CALLER, TwilioCarrier

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = 204
DIALLED_NUMBER = e164(NUMBER)
FLOW = Forward(BUSINESS, 20, voicemail=True)
SHUFFLES = 10  # of each sequence, beside the variants that are always tried


@dataclass(frozen=True)
class Said:
    """One webhook. `seconds` is when it happened, from the call's start; `position` is the one in its address."""

    endpoint: str
    fields: Fields
    seconds: float = 0
    position: Position | None = None


@dataclass(frozen=True)
class Outcome:
    """What the record must say in the end. `heard` is what there is to listen to."""

    status: str
    duration: int | None = None
    heard: tuple[tuple[str, str], ...] = ()
    messages: tuple[str, ...] = ("call",)


@dataclass(frozen=True)
class Sequence:
    """A call as Twilio tells it, and how it ended. `also` are outcomes that the loss of one thing may leave."""

    said: tuple[Said, ...]
    outcome: Outcome
    also: dict[int, Outcome] = field(default_factory=dict)


ENDS: dict[str, str] = {"From": CALLER, "Caller": CALLER, "To": DIALLED_NUMBER, "Called": DIALLED_NUMBER}


def asked() -> Said:
    return Said("call", question(**ENDS, CallerName="O'HARA SEAMUS"))


def business(word: str, seconds: float, sequence: int, **changes: str) -> Said:
    """A status callback of the leg that rings the business: from the number it is shown."""
    when = {"Timestamp": formatdate(NOW + seconds), "SequenceNumber": str(sequence)}
    return Said("events", leg_event(word, From=CALLER, To=BUSINESS, **when, **changes), seconds)


def caller(word: str, seconds: float, **changes: str) -> Said:
    """The status callback of the number: the caller's own leg has ended."""
    when = {"Timestamp": formatdate(NOW + seconds), "SequenceNumber": "0", "CallbackSource": "call-progress-events"}
    return Said("events", question(**{**ENDS, "CallStatus": word, **when, **changes}), seconds)


def dialled(word: str, seconds: float, **changes: str) -> Said:
    return Said("next", dial_result(word, **{**ENDS, **changes}), seconds, Position(1))


def spoken(seconds: float) -> Said:
    return Said("next", recorded(**ENDS, RecordingStartTime=""), seconds, Position(2))


def reported(word: str, seconds: float) -> Said:
    gone = {} if word == "completed" else {"RecordingUrl": "", "RecordingDuration": "", "ErrorCode": "16102"}
    return Said("recording", recording_report(word, RecordingStartTime=formatdate(NOW + seconds), **gone), seconds)


def ringing() -> tuple[Said, ...]:
    return asked(), business("initiated", 1, 0), business("ringing", 2, 1)


UNANSWERED = (*ringing(), business("no-answer", 27, 2, CallDuration="0"), dialled("no-answer", 27.4))
LEFT = Outcome("no-answer", heard=(("voicemail", "waiting"),), messages=("call", "voicemail"))
SEQUENCES = {
    "answered": Sequence(
        (
            *ringing(),
            business("in-progress", 9, 2),
            business("completed", 51, 3, CallDuration="42"),
            dialled("completed", 51.5, DialCallDuration="42"),
            caller("completed", 52, CallDuration="52"),
        ),
        Outcome("completed", 42),
    ),
    "busy": Sequence(
        (
            *ringing(),
            business("busy", 4, 2, CallDuration="0", SipResponseCode="486"),
            dialled("busy", 4.3),
            caller("completed", 12, CallDuration="12"),
        ),
        Outcome("busy"),
    ),
    "no answer": Sequence((*UNANSWERED, caller("completed", 36, CallDuration="36")), Outcome("no-answer")),
    "cancelled by the caller": Sequence(
        (
            *ringing(),
            business("canceled", 8, 2, CallDuration="0"),
            dialled("canceled", 8.2, CallStatus="no-answer"),
            caller("no-answer", 8, CallDuration="0"),
        ),
        Outcome("canceled"),
    ),
    "voicemail left": Sequence(
        (*UNANSWERED, spoken(45), reported("completed", 30), caller("completed", 46, CallDuration="46")), LEFT
    ),
    # Nobody speaks: Twilio does not ask what now, and deletes what it recorded.
    "voicemail silent": Sequence(
        (*UNANSWERED, reported("absent", 30), caller("completed", 40, CallDuration="40")),
        Outcome("no-answer", heard=(("voicemail", "absent"),)),
        {5: Outcome("no-answer")},
    ),
}


@dataclass(frozen=True)
class Variant:
    """One telling of a sequence. `lost` is the place of what never came, None when everything did."""

    name: str
    said: tuple[Said, ...]
    lost: int | None = None

    @property
    def outcome(self) -> Outcome:
        sequence = SEQUENCES[self.name]
        return sequence.outcome if self.lost is None else sequence.also.get(self.lost, sequence.outcome)


def variants(name: str) -> Iterator[Variant]:
    """In order, backwards, everything twice, each thing alone twice and alone lost; and shuffled, with repetitions."""
    said = SEQUENCES[name].said
    yield from (Variant(name, order) for order in (said, said[::-1], said + said, said[::-1] + said))
    for place, one in enumerate(said):
        without = said[:place] + said[place + 1 :]
        yield Variant(name, (*said, one))
        yield Variant(name, without, place)
        yield Variant(name, without[::-1] + without, place)
    chance = random.Random(name)
    for _ in range(SHUFFLES):
        mixed = [*said, *chance.choices(said, k=3)]
        chance.shuffle(mixed)
        yield Variant(name, tuple(mixed))


class World:
    """The company of `tests.doors` in the record, so that what the door spools finds it."""

    def __init__(self) -> None:
        account = Account.objects.create(name="Harbor & Pine")
        self.company = Company.objects.create(pk=1, account=account, name="Harbor & Pine", key="ck_one")
        connection = Connection.objects.create(
            pk=TWILIO, company=self.company, carrier="twilio", label="Twilio", account="AC1", secret=SECRET
        )
        now = datetime.now(UTC)
        Number.objects.create(
            pk=NUMBER, company=self.company, connection=connection, e164=DIALLED_NUMBER, kind="local",
            bought_at=now, paid_until=now + timedelta(days=7),
        )  # fmt: skip


def sids(number: int) -> dict[str, str]:
    """The names that Twilio would give to the call, its second leg and its recording."""
    return {
        "CallSid": f"CA{number:032x}",
        "ParentCallSid": f"CA{number:032x}",
        "DialCallSid": f"CB{number:032x}",
        "RecordingSid": f"RE{number:032x}",
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE{number:032x}",
    }


def named(said: Said, number: int) -> dict[str, Any]:
    """The webhook's fields with the names of call `number`."""
    own = sids(number)
    fields = {name: own[name] if name in own and value else value for name, value in said.fields.items()}
    if said.fields.get("ParentCallSid"):
        fields["CallSid"] = own["DialCallSid"]
    return fields


async def tell(house: House, carrier: TwilioCarrier, number: int, variant: Variant) -> None:
    """Send a variant to the door: whatever its order, each thing comes later than the one before."""
    call = derived_id("call", "twilio", str(TWILIO), sids(number)["CallSid"])
    for said in variant.said:
        house.clock.now += 0.01
        path = f"/voice/twilio/{TWILIO}/{said.endpoint}"
        if said.position is not None:
            path += f"?at={house.doors.voice.seal.write(call, FLOW, said.position)}"
        told = await carrier.post(path, named(said, number))
        assert told.status == 200, (variant.name, said, told)


async def tell_all(folder: Path, told: list[Variant]) -> Path:
    async with open_doors(folder) as house:
        first = companies()[0]
        published = msgspec.structs.replace(first, routes={DIALLED_NUMBER: Route(NUMBER, FLOW)})
        publish(house.config.snapshots, published)
        house.doors.snapshot.refresh()
        carrier = TwilioCarrier(house, dialled=DIALLED_NUMBER)
        for number, variant in enumerate(told):
            await tell(house, carrier, number, variant)
        return house.config.spools


def outcome_of(number: int) -> Outcome:
    call = Call.objects.get(carrier_call_id=sids(number)["CallSid"])
    assert call.caller == CALLER
    assert call.dialled == DIALLED_NUMBER
    assert call.number_id == NUMBER
    heard = Recording.objects.filter(call=call.pk).values_list("kind", "state")
    messages = Message.objects.filter(call=call.pk).order_by("kind").values_list("kind", flat=True)
    return Outcome(call.status, call.duration, tuple(heard), tuple(messages))


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_call_ends_as_it_ended_however_it_was_told(tmp_path: Path, name: str) -> None:
    world = World()
    told = list(variants(name))
    ingester = Ingester(asyncio.run(tell_all(tmp_path, told)))
    while ingester.step(NOW + 1_000):
        pass
    assert not Rejected.objects.exists()
    assert Call.objects.filter(company=world.company).count() == len(told)
    wrong = {
        (number, variant.lost, tuple(said.endpoint for said in variant.said)): (outcome_of(number), variant.outcome)
        for number, variant in enumerate(told)
        if outcome_of(number) != variant.outcome
    }
    assert wrong == {}
    ends = {call.carrier_call_id: call.ended_at for call in Call.objects.all()}
    for number, variant in enumerate(told):
        if variant.lost is None:
            assert ends[sids(number)["CallSid"]] == ends[sids(0)["CallSid"]] is not None
        distinct = len(set(map(id, variant.said)))
        events = CallEvent.objects.filter(call=derived_id("call", "twilio", str(TWILIO), sids(number)["CallSid"]))
        reports = len({id(said) for said in variant.said if said.endpoint == "recording"})
        assert events.count() == distinct - reports, "twice is once"


def test_a_voicemail_is_fetched_once_for_each_way_it_was_told_of(tmp_path: Path) -> None:
    World()
    whole = SEQUENCES["voicemail left"].said
    told = [Variant("voicemail left", whole + whole), *(v for v in variants("voicemail left") if v.lost in (5, 6))]
    ingester = Ingester(asyncio.run(tell_all(tmp_path, told)))
    while ingester.step(NOW + 1_000):
        pass
    asked = [job.payload["recording"] for job in Job.objects.filter(kind="calls.fetch_recording")]
    assert set(asked) == {str(pk) for pk in Recording.objects.values_list("pk", flat=True)}
    assert len(set(asked)) == len(told)
    # At once by the report, and later by the announcement, which comes to nothing when the sound is there already.
    assert len(asked) == 2 + len(told) - 1
