"""The scripted life of a call, with every carrier there is: from its webhooks through the door into the record.

Greeting → menu → the first phone does not answer → the second does → the talk's recording → end; a voicemail; a caller
who is rejected; one who hangs up in the menu. Each carrier tells them in its own words; the record must say the same of
all, in whatever order its webhooks come, how often, and with one of them lost.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.accounts.models import Account, Company
from callspring.calls.models import Call, Recording
from callspring.calls.state import Said as StateEvent
from callspring.calls.state import call_state
from callspring.carriers.contract import Leg, Status
from callspring.carriers.registry import CARRIERS as ADAPTERS
from callspring.flows.flow import Flow
from callspring.flows.steps import Destination, Dial, HangUp, Match, Menu, MenuKey, Prompt, Say, Voicemail
from callspring.ids import derived_id
from callspring.inbox.models import Message
from callspring.ingest.models import Rejected
from callspring.ingest.run import Ingester
from callspring.numbers.models import Connection, Number
from callspring.records import CallSaid, Record, RecordingSaid, encode
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import Route
from tests.doors import BUSINESS, NOW, SECRET, House, companies, e164, open_doors
from tests.voice.carriers import CALLER, CARRIERS, Carrier, Told

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, SECOND, BLOCKED = 201, "+13125550101", "+19005550100"
SHUFFLES = 30  # beside the orders that are always tried
QUICK, WHOLE = 4, 6  # things said, up to which every order is told; the second in `make soak`
FLOW = Flow(
    (
        Match(1, (BLOCKED,), steps=(HangUp(2, Prompt("Goodbye.")),)),
        Say(3, Prompt("Welcome to Harbor & Pine.")),
        Menu(
            4,
            Prompt("Press 1 for sales."),
            (MenuKey("1", (Dial(5, (Destination(BUSINESS), Destination(SECOND)), order="in_order", record=True),)),),
            tries=1,
        ),
        Voicemail(6, Prompt("Speak after the beep.")),
    )
)


@dataclass(frozen=True)
class Outcome:
    """What the record must say in the end. `heard` is what there is to listen to, `messages` what the inbox has."""

    status: str
    talked: bool = False
    heard: tuple[tuple[str, str], ...] = ()
    messages: tuple[str, ...] = ("call",)


async def talk(carrier: Carrier) -> None:
    """The first does not answer, the second does."""
    asked = await carrier.ask()
    assert (asked.do, asked.text) == ("ask", "Welcome to Harbor & Pine. Press 1 for sales.")
    first = await carrier.pressed("1", asked.result_url)
    assert (first.do, first.to, bool(first.recording_url)) == ("dial", BUSINESS, True)
    await rings(carrier, first)
    second = await carrier.dialled_ended("no-answer", first.result_url)
    assert (second.do, second.to) == ("dial", SECOND)
    with another_leg(carrier):
        await rings(carrier, second)
        assert (await carrier.leg(carrier.answered, second.events_url)).status == 200
        if carrier.hears_events_apart:
            assert (await carrier.leg("completed", second.events_url)).status == 200
        over = await carrier.dialled_ended("completed", second.result_url)
        assert (over.do, over.text) == ("hang_up", "")
    assert (await carrier.talk_recorded()).status == 200
    await ends(carrier)


async def voicemail(carrier: Carrier) -> None:
    asked = await carrier.ask()
    told = await carrier.pressed("", asked.result_url)
    assert (told.do, told.text) == ("record", "Speak after the beep.")
    assert (await carrier.recording_over(told.result_url)).do == "hang_up"
    assert (await carrier.report("recording", carrier.recording())).status == 200
    await ends(carrier)


async def rejected(carrier: Carrier) -> None:
    carrier.caller = BLOCKED
    told = await carrier.ask()
    assert (told.do, told.text) == ("hang_up", "Goodbye.")
    await ends(carrier)


async def hung_up_in_the_menu(carrier: Carrier) -> None:
    assert (await carrier.ask()).do == "ask"
    await ends(carrier)


async def rings(carrier: Carrier, told: Told) -> None:
    if carrier.rings:
        assert (await carrier.leg("ringing", told.events_url)).status == 200


async def ends(carrier: Carrier) -> None:
    told = await carrier.report("events", carrier.over())
    assert told.status == 200, told


class another_leg:  # noqa: N801 - as a context manager it reads like a function
    """Whoever is rung now is another leg: what the carrier calls it differs in the last letter."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier, self._post = carrier, carrier.post
        said = calls_said(carrier.house)
        self._leg = carrier.leg_id or next(one.leg_id for one in said if one.leg == Leg.BUSINESS and one.leg_id)

    def __enter__(self) -> None:
        other = self._leg[:-1] + ("0" if self._leg[-1] != "0" else "1")

        async def post(path: str, fields: dict[str, Any], *more: Any) -> Told:
            renamed = {name: other if value == self._leg else value for name, value in fields.items()}
            return await self._post(path, renamed, *more)

        self._carrier.post = post  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self._carrier.post = self._post  # type: ignore[method-assign]


LIVES: dict[str, tuple[Callable[[Carrier], Awaitable[None]], Outcome]] = {
    "talk": (talk, Outcome("completed", True, (("call", "waiting"),))),
    "voicemail": (
        voicemail,
        Outcome("no-answer", heard=(("voicemail", "waiting"),), messages=("call", "voicemail")),
    ),
    "rejected": (rejected, Outcome("no-answer")),
    "hung up in the menu": (hung_up_in_the_menu, Outcome("no-answer")),
}
Said = CallSaid | RecordingSaid


def calls_said(house: House) -> list[CallSaid]:
    return [record for record in house.records() if isinstance(record, CallSaid)]


def kept(records: list[Record]) -> list[Said]:
    """Each thing once, as it was first told."""
    first: dict[tuple[type, str, bool], Said] = {}
    for record in records:
        assert isinstance(record, CallSaid | RecordingSaid), record
        # A recording is announced, and reported: two things about one.
        first.setdefault((type(record), record.id, getattr(record, "certain", True)), record)
    return list(first.values())


@dataclass(frozen=True)
class Variant:
    """One telling: what is told, in its order. `lost` is what never came."""

    said: tuple[Said, ...]
    lost: Said | None = None


def variants(said: list[Said], name: str, every: int = QUICK) -> Iterator[Variant]:
    """Every order of a life of at most `every`; else backwards, shuffled; twice, and with each thing alone lost."""
    if len(said) <= every:
        yield from (Variant(order) for order in itertools.permutations(said))
    whole = tuple(said)
    yield from (Variant(order) for order in (whole, whole[::-1], whole + whole, whole[::-1] + whole))
    for place, one in enumerate(whole):
        without = whole[:place] + whole[place + 1 :]
        if not is_vital(one, without):
            yield from (Variant(without, one), Variant(without[::-1] + without, one))
    chance = random.Random(name)
    for _ in range(SHUFFLES):
        mixed = [*whole, *chance.choices(whole, k=3)]
        chance.shuffle(mixed)
        yield Variant(tuple(mixed))


def is_vital(one: Said, others: tuple[Said, ...]) -> bool:
    """Without it nothing says that the call is over, or that it came in: the carrier's list of calls tells that."""
    over = {Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED}
    if isinstance(one, RecordingSaid):
        return False
    ended = [said for said in others if isinstance(said, CallSaid) and said.leg == Leg.CALLER and said.status in over]
    return one.status == Status.ASKED or (not ended and one.leg == Leg.CALLER)


def of_call(record: Said, place: int) -> Said:
    """The same thing said of another call, so that all variants can be in one record."""

    def other(name: str) -> str:
        return derived_id("variant", str(place), name)

    changes = {"id": other(record.id), "call": other(record.call), "carrier_call_id": other(record.carrier_call_id)}
    if isinstance(record, RecordingSaid):
        return msgspec.structs.replace(record, **changes, recording=other(record.recording))
    return msgspec.structs.replace(record, **changes, leg_id=other(record.leg_id) if record.leg_id else "")


async def lived(folder: Path, name: str, life: str, every: int = QUICK) -> tuple[list[Variant], Path]:
    """The life is told to a door, and told once more; then every variant of what it spooled is spooled too."""
    tell, _ = LIVES[life]
    async with open_doors(folder) as house:
        first = companies()[0]
        publish(house.config.snapshots, msgspec.structs.replace(first, routes={e164(NUMBER): Route(NUMBER, FLOW)}))
        house.doors.snapshot.refresh()
        await tell(CARRIERS[name](house))
        said = kept(house.records())
        house.clock.now += 7
        await tell(CARRIERS[name](house))
        again = kept(house.records())
        assert [one.id for one in again] == [one.id for one in said], "told twice is told once"
        assert {one.call for one in said} == {said[0].call}
        told = list(variants(said, name + life, every))
        for place, variant in enumerate(told):
            house.doors.voice.spool.append(*(encode(of_call(one, place)) for one in variant.said))
        await house.doors.voice.spool.durable()
        return told, house.config.spools


def open_company(name: str) -> None:
    """The company of `tests.doors` in the record, so that what the door spools finds it."""
    account = Account.objects.create(name="Harbor & Pine")
    company = Company.objects.create(pk=1, account=account, name="Harbor & Pine", key="ck_one")
    connection = Connection.objects.create(
        pk=next(one.id for one in companies()[0].connections if one.carrier == name),
        company=company, carrier=name, label=name, account="A1", secret=SECRET,
    )  # fmt: skip
    now = datetime.now(UTC)
    Number.objects.create(
        pk=NUMBER, company=company, connection=connection, e164=e164(NUMBER), kind="local",
        bought_at=now, paid_until=now + timedelta(days=7),
    )  # fmt: skip


def outcome_of(call: Call) -> Outcome:
    heard = Recording.objects.filter(call=call.pk).values_list("kind", "state")
    messages = Message.objects.filter(call=call.pk).order_by("kind").values_list("kind", flat=True)
    return Outcome(call.status, call.answered_at is not None, tuple(heard), tuple(messages))


def test_every_carrier_lives_through_this() -> None:
    assert set(CARRIERS) == set(ADAPTERS), "tests/voice/carriers.py has no carrier of this name"


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("name", CARRIERS)
def test_a_life_ends_as_it_ended_however_it_was_told(tmp_path: Path, name: str, life: str) -> None:
    ends_alike(tmp_path, name, life)


@pytest.mark.soak
@pytest.mark.parametrize("name", CARRIERS)
def test_a_voicemail_ends_as_it_ended_in_every_order(tmp_path: Path, name: str) -> None:
    ends_alike(tmp_path, name, "voicemail", WHOLE)


@pytest.mark.soak
@pytest.mark.parametrize("name", CARRIERS)
def test_a_talk_has_one_state_in_every_order(tmp_path: Path, name: str) -> None:
    """Hundreds of thousands of orders, with nothing and with each thing lost: in the pure fold, which the ingester asks
    whenever something more was said."""
    told, _spools = asyncio.run(lived(tmp_path, name, "talk"))
    events = [state_event(one) for one in told[0].said if isinstance(one, CallSaid)]
    without = [events[:place] + events[place + 1 :] for place in range(len(events))]
    for some in (events, *without):
        state = call_state(some)
        assert all(call_state(order) == state for order in itertools.permutations(some))
    assert call_state(events).status == LIVES["talk"][1].status


def state_event(said: CallSaid) -> StateEvent:
    leg, status = Leg(said.leg), Status(said.status)
    return StateEvent(leg, status, said.at, said.duration, said.cause, said.leg_id)


def ends_alike(folder: Path, name: str, life: str, every: int = QUICK) -> None:
    """Tell all variants of a life to the record, and compare what became of them."""
    open_company(name)
    told, spools = asyncio.run(lived(folder, name, life, every))
    ingester = Ingester(spools)
    while ingester.step(NOW + 1_000):
        pass
    assert not Rejected.objects.exists()
    found = {str(call.pk): call for call in Call.objects.all()}
    assert len(found) == len(told) + 1
    wanted = LIVES[life][1]
    first = told[0].said[0].call
    caller = CALLER if life != "rejected" else BLOCKED
    assert {call.caller for call in found.values()} == {caller}
    assert {call.number_id for call in found.values()} == {NUMBER}
    wrong = []
    for place, variant in enumerate(told):
        outcome = outcome_of(found[derived_id("variant", str(place), first)])
        if outcome != without_lost(wanted, variant):
            wrong.append((outcome, variant.lost, [type(one).__name__ for one in variant.said]))
    assert wrong == []
    ends = {found[derived_id("variant", str(place), first)].ended_at for place, v in enumerate(told) if v.lost is None}
    assert len(ends) == 1
    assert ends != {None}


def without_lost(wanted: Outcome, variant: Variant) -> Outcome:
    """What nobody was told of is not there: a recording whose only report was lost."""
    if any(isinstance(one, RecordingSaid) for one in variant.said) or not wanted.heard:
        return wanted
    return Outcome(wanted.status, wanted.talked, (), ("call",))
