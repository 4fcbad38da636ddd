"""Several of the business's phones, whispers with keys, and recorded talks, at the sandbox's exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callspring.carriers.contract import Ask, Connect, HangUp, Leg, Prompt, RecordingKind, RecordingSignal
from callspring.carriers.sandbox.recordings import Recordings
from callspring.demo.business import by_hand
from callspring.demo.call import PhoneState, Press, SandboxCall, Stage, WrongMoment
from callspring.demo.exchange import Exchange
from tests.demo.scripted_door import BUSINESS, CALLER, NUMBER, ScriptedDoor, open_door, open_exchange

SECOND = "+13125550101"
Tale = Callable[[ScriptedDoor, SandboxCall], Awaitable[None]]


def tell(folder: Path, story: Tale, **dial: object) -> tuple[ScriptedDoor, SandboxCall]:
    """A call that rings two phones; `dial` says how else. The door's script goes on with what the story puts there."""

    async def run() -> tuple[ScriptedDoor, SandboxCall]:
        async with open_door() as door, open_exchange(folder, door.origin) as exchange:
            both = replace(door.dial(), destinations=(BUSINESS, SECOND))
            base = f"{door.origin}/voice/sandbox/1"
            named = {name: f"{base}/{path}" for name, path in dial.items()}
            door.script = [replace(both, **named)]  # type: ignore[arg-type] # addresses
            call = await placed(exchange)
            await story(door, call)
            await exchange.finished(call)
            return door, call

    return asyncio.run(run())


async def placed(exchange: Exchange) -> SandboxCall:
    call = exchange.place(CALLER, NUMBER, by_hand)
    await until(lambda: call.stage is Stage.RINGING)
    return call


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


def legs(door: ScriptedDoor) -> dict[str, list[str]]:
    """What was said of each of the business's legs, by whom it rang."""
    found: dict[str, list[str]] = {}
    for endpoint, signal in door.heard:
        if endpoint == "events" and signal.leg is Leg.BUSINESS:
            found.setdefault(signal.dialled, []).append(signal.status)
    return found


def test_both_ring_and_whoever_answers_first_talks(tmp_path: Path) -> None:
    async def story(_door: ScriptedDoor, call: SandboxCall) -> None:
        assert [phone.state for phone in call.phones] == [PhoneState.RINGING] * 2
        call.press(Press.ANSWER, 1)
        await until(lambda: call.stage is Stage.TALKING)
        with pytest.raises(WrongMoment):
            call.press(Press.ANSWER, 0)
        call.press(Press.BUSINESS_HANGS_UP)

    door, call = tell(tmp_path, story)
    assert legs(door) == {BUSINESS: ["ringing", "canceled"], SECOND: ["ringing", "answered", "completed"]}
    assert (call.outcome, call.destination) == ("completed", SECOND)
    assert len({signal.leg_id for _, signal in door.heard if signal.leg is Leg.BUSINESS}) == 2


def test_one_declines_and_the_other_rings_on(tmp_path: Path) -> None:
    async def story(_door: ScriptedDoor, call: SandboxCall) -> None:
        call.press(Press.DECLINE, 0)
        await until(lambda: call.phones[0].state is PhoneState.OVER)
        assert call.stage is Stage.RINGING
        with pytest.raises(WrongMoment):
            call.press(Press.DECLINE, 0)
        call.press(Press.DECLINE)

    door, _ = tell(tmp_path, story)
    assert legs(door) == {BUSINESS: ["ringing", "busy"], SECOND: ["ringing", "busy"]}


def test_a_key_accepts_the_call_and_another_one_leaves_it_ringing(tmp_path: Path) -> None:
    async def story(door: ScriptedDoor, call: SandboxCall) -> None:
        question = Ask((Prompt("Press 1."),), 5, f"{door.origin}/voice/sandbox/1/whisper?at=2.abc")
        door.script += [question, HangUp(), question, Connect(), HangUp()]
        call.press(Press.ANSWER, 0)
        await until(lambda: call.stage is Stage.WHISPERING)
        call.press_business_key("7")
        await until(lambda: call.phones[0].state is PhoneState.OVER)
        assert not call.talked
        await until(lambda: call.stage is Stage.RINGING)
        call.press(Press.ANSWER, 1)
        await until(lambda: call.stage is Stage.WHISPERING)
        call.press_business_key("1")
        await until(lambda: call.stage is Stage.TALKING)
        call.press(Press.CALLER_HANGS_UP)

    door, _ = tell(tmp_path, story, whisper_url="whisper?at=2.abc")
    assert legs(door) == {
        BUSINESS: ["ringing", "answered", "no-answer"],
        SECOND: ["ringing", "answered", "completed"],
    }
    assert [signal.key for endpoint, signal in door.heard if endpoint == "whisper" and signal.key] == ["7", "1"]


def test_the_talk_is_recorded_also_where_the_caller_hangs_up(tmp_path: Path) -> None:
    async def story(_door: ScriptedDoor, call: SandboxCall) -> None:
        call.press(Press.ANSWER)
        await until(lambda: call.stage is Stage.TALKING)
        call.press(Press.CALLER_HANGS_UP)

    door, _ = tell(tmp_path, story, recording_url="recording")
    (report,) = door.reports
    assert isinstance(report, RecordingSignal)
    assert (report.kind, report.available, report.duration) == (RecordingKind.CALL, True, 1)
    with Recordings(tmp_path / "exchange.json").open("shop", report.recording_id) as sound:
        assert sound.read(4) == b"RIFF"


def test_nothing_is_recorded_where_nobody_talked(tmp_path: Path) -> None:
    async def story(_door: ScriptedDoor, call: SandboxCall) -> None:
        call.press(Press.CALLER_HANGS_UP)

    door, _ = tell(tmp_path, story, recording_url="recording")
    assert door.reports == []
    assert legs(door) == {BUSINESS: ["ringing", "canceled"], SECOND: ["ringing", "canceled"]}
