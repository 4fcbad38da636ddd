from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callspring.carriers.contract import Endpoint, HangUp, Leg, Prompt, Status
from callspring.demo.business import Business, answers, busy, never_answers
from callspring.demo.call import Press, SandboxCall, Stage, WrongMoment
from callspring.demo.exchange import Exchange, OutOfOrder, UnknownNumber

from .scripted_door import (
    BUSINESS,
    CALLER,
    NUMBER,
    Answer,
    ScriptedDoor,
    open_door,
    open_exchange,
)

Story = Callable[[Exchange, ScriptedDoor], Coroutine[Any, Any, None]]


def tell(folder: Path, story: Story, *script: Answer) -> None:
    """Run a story with an open door."""

    async def whole() -> None:
        async with open_door(*script) as door, open_exchange(folder, door.origin) as exchange:
            async with asyncio.timeout(30):
                await story(exchange, door)

    asyncio.run(whole())


async def ended(exchange: Exchange, business: Business, caller: str = CALLER) -> SandboxCall:
    call = exchange.place(caller, NUMBER, business)
    await exchange.finished(call)
    return call


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def test_an_answered_call_is_asked_obeyed_and_told(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial(), HangUp()]
        call = await ended(exchange, answers(after=0.05, duration=1.1))
        assert (call.outcome, call.cause, call.duration, call.talked) == ("completed", "business", 1, True)
        assert door.statuses(Leg.CALLER) == ["ringing", "answered", "completed"]
        assert door.statuses(Leg.BUSINESS) == ["ringing", "answered", "completed"]
        asked, result = (s for endpoint, s in door.heard if endpoint is not Endpoint.EVENTS)
        assert (asked.status, asked.caller, asked.dialled) == (Status.ASKED, CALLER, NUMBER)
        assert asked.sequence == 1
        assert (result.status, result.duration, result.cause) == (Status.COMPLETED, 1, "business")
        assert result.wants_instruction
        assert {s.carrier_call_id for _, s in door.heard} == {call.id}
        assert door.last(Leg.CALLER).duration == 1
        assert door.last(Leg.BUSINESS).leg_id == result.leg_id != call.id

    tell(tmp_path, story)


def test_every_signal_of_a_call_has_its_own_place_in_the_order(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()]
        await ended(exchange, answers(after=0.0, duration=0.1))
        numbers = sorted(signal.sequence for _, signal in door.heard)
        assert numbers == list(range(1, len(numbers) + 1))
        for leg in Leg:
            own = [s.sequence for e, s in door.heard if e is Endpoint.EVENTS and s.leg is leg]
            assert own == sorted(own)

    tell(tmp_path, story)


@pytest.mark.parametrize(
    ("business", "status", "cause"), [(never_answers, "no-answer", "callspring"), (busy, "busy", "business")]
)
def test_a_call_that_nobody_takes(tmp_path: Path, business: Business, status: str, cause: str) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial(ring_seconds=1), HangUp()]
        call = await ended(exchange, business)
        assert (call.outcome, call.cause, call.talked) == (status, cause, False)
        assert door.statuses(Leg.CALLER) == ["ringing", status]
        assert door.statuses(Leg.BUSINESS) == ["ringing", status]
        assert door.heard[-1][1].duration == 0

    tell(tmp_path, story)


def test_the_caller_hangs_up_while_it_rings(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()]
        call = exchange.place(CALLER, NUMBER, never_answers)
        await until(lambda: call.stage is Stage.RINGING)
        call.press(Press.CALLER_HANGS_UP)
        await exchange.finished(call)
        assert (call.outcome, call.cause, call.duration) == ("canceled", "caller", None)
        assert door.statuses(Leg.BUSINESS) == ["ringing", "canceled"]
        assert door.statuses(Leg.CALLER) == ["ringing", "canceled"]
        assert len(door.questions) == 1, "nobody is there to be told what comes next"

    tell(tmp_path, story)


def test_the_caller_hangs_up_in_the_talk(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()]
        call = await ended(exchange, answers(after=0.0, duration=0.6, hangs_up="caller"))
        assert (call.outcome, call.cause, call.duration) == ("completed", "caller", 1)
        assert door.last(Leg.BUSINESS).cause == door.last(Leg.CALLER).cause == "caller"
        assert len(door.questions) == 1

    tell(tmp_path, story)


def test_the_caller_hangs_up_while_the_door_thinks(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = exchange.place(CALLER, NUMBER, never_answers)
        await until(lambda: bool(door.questions))
        call.press(Press.CALLER_HANGS_UP)
        await until(lambda: call.stage is Stage.ENDED)
        assert (call.outcome, call.cause, call.fell_back) == ("canceled", "caller", False)
        await exchange.finished(call)
        assert door.statuses(Leg.CALLER) == ["ringing", "canceled"]

    tell(tmp_path, story, None)


def test_closing_the_exchange_ends_a_live_call_and_tells_so(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()]
        call = exchange.place(CALLER, NUMBER, answers(after=0.0, duration=60))
        await until(lambda: call.stage is Stage.TALKING)
        await exchange.close()
        assert (call.stage, call.outcome, call.cause) == (Stage.ENDED, "completed", "caller")
        assert door.statuses(Leg.BUSINESS) == ["ringing", "answered", "completed"]
        assert door.statuses(Leg.CALLER) == ["ringing", "answered", "completed"]
        assert door.last(Leg.CALLER).duration is not None

    tell(tmp_path, story)


def test_closing_the_exchange_waits_for_the_last_events_of_an_ended_call(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script, door.event_script = [HangUp()], [500, 503]
        call = exchange.place(CALLER, NUMBER, never_answers)
        await until(lambda: call.stage is Stage.ENDED)
        await exchange.close()
        assert door.statuses(Leg.CALLER) == ["ringing", "failed"]

    tell(tmp_path, story)


def test_closing_the_exchange_waits_no_longer_than_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        monkeypatch.setattr("callspring.demo.exchange.LAST_WORDS_SECONDS", 0.05)
        exchange._timing = replace(exchange._timing, event_delays=(60.0,))
        door.script, door.event_script = [door.dial()], [500] * 50
        call = exchange.place(CALLER, NUMBER, never_answers)
        await until(lambda: call.stage is Stage.RINGING)
        async with asyncio.timeout(8):  # an event is tried again after a minute
            await exchange.close()

    tell(tmp_path, story)


def test_a_text_is_read_and_ends_the_call(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = await ended(exchange, never_answers)
        assert (call.said, call.outcome, call.cause) == ("We are closed.", "completed", "callspring")
        assert not call.talked
        assert door.statuses(Leg.CALLER) == ["ringing", "answered", "completed"]

    tell(tmp_path, story, HangUp((Prompt("We are closed."),)))


def test_after_no_answer_the_next_instruction_rings_again_as_a_leg_of_its_own(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial(ring_seconds=1), door.dial(ring_seconds=2)]
        call = await ended(exchange, answers(after=1.2, duration=0.1))
        assert call.talked
        assert door.statuses(Leg.BUSINESS) == ["ringing", "no-answer", "ringing", "answered", "completed"]
        legs = {s.leg_id for e, s in door.heard if e is Endpoint.EVENTS and s.leg is Leg.BUSINESS}
        assert len(legs) == 2

    tell(tmp_path, story)


def test_a_withheld_caller_is_an_empty_one(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        await ended(exchange, never_answers, caller="")
        assert json.loads(door.questions[0])["from"] == ""

    tell(tmp_path, story)


def test_a_flow_in_circles_ends(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()] * 50
        call = await ended(exchange, busy)
        assert (call.outcome, call.cause) == ("busy", "carrier")
        assert len(door.questions) == 21

    tell(tmp_path, story)


def test_the_shops_own_number_rings_unseen(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = exchange.place(CALLER, BUSINESS, answers(after=0.0, duration=0.1))
        await exchange.finished(call)
        assert (call.outcome, call.talked) == ("completed", True)
        assert door.heard == []

    tell(tmp_path, story)


def test_numbers_that_nobody_has_and_books_that_nobody_can_read(tmp_path: Path) -> None:
    async def story(exchange: Exchange, _: ScriptedDoor) -> None:
        with pytest.raises(UnknownNumber, match=r"\+13125550100"):
            exchange.place(CALLER, "+13125550100", busy)
        (tmp_path / "exchange.json").write_text("{")
        with pytest.raises(OutOfOrder, match=r"exchange\.json"):
            exchange.place(CALLER, NUMBER, busy)

    tell(tmp_path, story)


def test_buttons_do_nothing_at_the_wrong_moment(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()]
        call = exchange.place(CALLER, NUMBER, never_answers)
        with pytest.raises(WrongMoment, match="asking"):
            call.press(Press.ANSWER)
        await until(lambda: call.stage is Stage.RINGING)
        with pytest.raises(WrongMoment, match="business hangs up"):
            call.press(Press.BUSINESS_HANGS_UP)
        call.press(Press.ANSWER)
        await until(lambda: call.stage is Stage.TALKING)
        call.press(Press.BUSINESS_HANGS_UP)
        await exchange.finished(call)
        with pytest.raises(WrongMoment, match="ended"):
            call.press(Press.CALLER_HANGS_UP)

    tell(tmp_path, story)


def test_the_log_tells_the_conversation_in_plain_words(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial()]
        call = await ended(exchange, answers(after=0.0, duration=0.1))
        said = [(line.speaker, line.text) for line in call.log]
        assert ("callspring", "Ring (800) 555-0199 for 5 seconds.") in said
        question = "A call from (773) 555-0177 to (312) 555-0142 came in. What shall I do?"
        assert ("carrier", question) in said
        assert said[-1] == ("carrier", "The call is over: completed, ended by business.")
        details = [json.loads(line.detail) for line in call.log if line.detail]
        assert {"do": "hang_up"} in details

    tell(tmp_path, story)
