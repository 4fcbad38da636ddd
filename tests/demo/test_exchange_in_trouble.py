"""The exchange and a door that fails, is silent, refuses or dies: no call is lost, no event told twice."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from callspring.carriers.api import Credentials
from callspring.carriers.contract import CallSignal, Endpoint, HangUp, Leg
from callspring.carriers.sandbox.api import SandboxApi
from callspring.demo.business import answers, never_answers
from callspring.demo.exchange import Exchange
from tests.demo.test_exchange import ended, tell

from .scripted_door import (
    BUSINESS,
    FALLBACK,
    SECRET,
    Answer,
    ScriptedDoor,
    open_door,
    open_exchange,
)


@pytest.mark.parametrize("first", [500, None], ids=["error", "silence"])
def test_a_question_that_failed_is_asked_once_more_word_for_word(tmp_path: Path, first: Answer) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [first, door.dial()]
        call = await ended(exchange, answers(after=0.0, duration=0.1))
        assert call.talked
        assert not call.fell_back
        assert door.questions[0] == door.questions[1]
        assert json.loads(door.questions[0])["call"] == call.id

    tell(tmp_path, story)


@pytest.mark.parametrize("script", [[500, 500], [None, None], [403], [200]], ids=str)
def test_without_an_instruction_the_fallback_rings(tmp_path: Path, script: list[Answer]) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = await ended(exchange, answers(after=0.0, duration=0.1))
        assert (call.fell_back, call.destination, call.talked, call.outcome) == (
            True,
            FALLBACK,
            True,
            "completed",
        )
        assert len(door.questions) == len(script)
        assert door.statuses(Leg.CALLER) == ["ringing", "answered", "completed"]
        assert door.statuses(Leg.BUSINESS) == []

    tell(tmp_path, story, *script)


def test_a_door_that_is_down_costs_no_call(tmp_path: Path) -> None:
    async def whole() -> None:
        async with open_door() as door:
            origin = door.origin
        async with open_exchange(tmp_path, origin) as exchange:
            call = await ended(exchange, answers(after=0.0, duration=0.1))
            assert (call.fell_back, call.destination, call.talked) == (True, FALLBACK, True)
            assert call.undelivered == 3
            assert any("cannot be reached" in line.text for line in call.log)

    asyncio.run(whole())


def test_the_carriers_list_has_what_was_told_and_what_was_not(tmp_path: Path) -> None:
    """What the door heard is the same thing in the list, by its place in the order; and a fallback's leg is there."""

    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial(), HangUp(), 500, 500]
        told = await ended(exchange, answers(after=0.0, duration=0.1))
        heard = {_place(s) for e, s in door.heard if e in (Endpoint.CALL, Endpoint.EVENTS)}
        lost = await ended(exchange, answers(after=0.0, duration=0.1))
        credentials = Credentials("shop", SECRET)
        listed = list(SandboxApi(tmp_path / "exchange.json").calls(credentials, 0, time.time()))
        statuses = [(s.leg, s.status.value) for s in listed if s.carrier_call_id == told.id]
        assert statuses == [("caller", "asked"), *_BUSINESS_TALKED, ("caller", "completed")]
        assert {_place(s) for s in listed if s.carrier_call_id == told.id} <= heard
        assert [(s.leg, s.status.value) for s in listed if s.carrier_call_id == lost.id] == statuses
        assert {s.dialled for s in listed if s.leg is Leg.BUSINESS} == {BUSINESS, FALLBACK}

    tell(tmp_path, story)


_BUSINESS_TALKED = [("business", "answered"), ("business", "completed")]


def _place(signal: CallSignal) -> tuple[object, ...]:
    return signal.carrier_call_id, signal.leg_id, signal.status, signal.sequence, signal.at, signal.duration


def test_a_door_that_dies_after_the_talk_rings_nobody_again(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script = [door.dial(), 500, 500]
        call = await ended(exchange, answers(after=0.0, duration=0.1))
        assert (call.fell_back, call.outcome, call.destination) == (False, "completed", BUSINESS)

    tell(tmp_path, story)


def test_an_event_is_sent_until_it_is_taken_and_later_ones_wait_for_it(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script, door.event_script = [HangUp()], [500, 503]
        call = await ended(exchange, never_answers)
        assert door.statuses(Leg.CALLER) == ["ringing", "failed"]
        assert call.undelivered == 0

    tell(tmp_path, story)


def test_a_refused_event_is_not_repeated(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.script, door.event_script = [HangUp()], [403]
        call = await ended(exchange, never_answers)
        assert door.statuses(Leg.CALLER) == ["failed"]
        assert call.undelivered == 1

    tell(tmp_path, story)
