"""Spam at the voice door, with each carrier: blocked callers, the key, and that a real caller always gets through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.flows.flow import AnyFlow, Flow
from callspring.flows.screening import ASK, MESSAGE, REFUSED, Blocked, Screening
from callspring.flows.steps import Destination, Dial, Prompt, Voicemail
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import Route
from callspring.voice.memory import MOST_ATTEMPTS, Memory
from tests.doors import BUSINESS, FLOW, POOL_SCENARIO, House, companies, e164, open_doors
from tests.voice.carriers import CALLER, CARRIERS, Carrier, SandboxCarrier, said

each_carrier = pytest.mark.parametrize("name", CARRIERS)
Tale = Callable[[House, Carrier], Coroutine[Any, Any, None]]


def run(folder: Path, name: str, screening: Screening, story: Tale, flow: AnyFlow | None = FLOW) -> None:
    async def whole() -> None:
        async with open_doors(folder) as house:
            first, _ = companies()
            routes = {e164(number): Route(number, flow, POOL_SCENARIO) for number in range(201, 211)}
            publish(house.config.snapshots, msgspec.structs.replace(first, routes=routes, screening=screening))
            house.doors.snapshot.refresh()
            await story(house, CARRIERS[name](house))

    asyncio.run(whole())


@each_carrier
def test_a_blocked_caller_hears_so_and_nobody_is_rung(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.do, told.text) == ("hang_up", REFUSED)
        assert (await CARRIERS[name](house, caller="+16175550123").ask()).do == "dial"
        assert [record.status for record in said(house)] == ["asked", "asked"], "it is in the record all the same"

    run(tmp_path, name, Screening(blocked=(Blocked(CALLER),)), story)


@each_carrier
def test_one_that_is_only_marked_rings(tmp_path: Path, name: str) -> None:
    async def story(_house: House, carrier: Carrier) -> None:
        assert (await carrier.ask()).do == "dial"

    run(tmp_path, name, Screening(blocked=(Blocked("+1773*", reject=False),)), story)


@each_carrier
def test_who_presses_the_key_gets_through(tmp_path: Path, name: str) -> None:
    async def story(_house: House, carrier: Carrier) -> None:
        asked = await carrier.ask()
        assert (asked.do, asked.text) == ("ask", ASK)
        again = await carrier.pressed("", asked.result_url)
        assert (again.do, again.text) == ("ask", ASK)
        rung = await carrier.pressed("1", again.result_url)
        assert (rung.do, rung.to) == ("dial", BUSINESS)
        assert (await carrier.dialled_ended("no-answer", rung.result_url)).text == "Please call again."

    run(tmp_path, name, Screening(ask="everybody"), story)


@each_carrier
def test_who_presses_none_reaches_a_voicemail(tmp_path: Path, name: str) -> None:
    async def story(_house: House, carrier: Carrier) -> None:
        first = await carrier.ask()
        second = await carrier.pressed("7", first.result_url)
        message = await carrier.pressed("", second.result_url)
        assert (message.do, message.text) == ("record", MESSAGE)
        over = await carrier.recording_over(message.result_url)
        assert (over.do, over.text) == ("hang_up", "")

    run(tmp_path, name, Screening(ask="everybody"), story)


def test_the_flows_own_voicemail_takes_the_message(tmp_path: Path) -> None:
    flow = Flow((Dial(1, (Destination(BUSINESS),)), Voicemail(2, Prompt("Speak."), 30)))

    async def story(_house: House, carrier: Carrier) -> None:
        second = await carrier.pressed("", (await carrier.ask()).result_url)
        message = await carrier.pressed("", second.result_url)
        assert (message.do, message.text, message.seconds) == ("record", "Speak.", 30)

    run(tmp_path, "sandbox", Screening(ask="everybody"), story, flow)


def test_a_caller_who_dials_around_has_to_press(tmp_path: Path) -> None:
    async def story(house: House, _carrier: Carrier) -> None:
        for number in range(201, 206):
            caller = Dialler(house, f"sb_{number}", dialled=e164(number))
            assert (await caller.ask()).do == "dial"
            await caller.leg_over()
        assert (await Dialler(house, "sb_6", dialled=e164(206)).ask()).do == "ask"
        other = Dialler(house, "sb_7", dialled=e164(206), caller="+16175550123")
        assert (await other.ask()).do == "dial"

    run(tmp_path, "sandbox", Screening(ask="suspicious", repeat_calls=5, repeat_numbers=4), story)


def test_who_talked_is_not_suspicious_though_the_callers_leg_ended_first(tmp_path: Path) -> None:
    async def story(house: House, _carrier: Carrier) -> None:
        for number in range(201, 206):
            caller = Dialler(house, f"sb_{number}", dialled=e164(number))
            await caller.ask()
            await caller.leg_over(status="completed", duration=60)
        assert (await Dialler(house, "sb_6", dialled=e164(206)).ask()).do == "dial"

    run(tmp_path, "sandbox", Screening(ask="suspicious", repeat_calls=5, repeat_numbers=4), story)


@pytest.mark.parametrize(("level", "do"), [("A", "dial"), ("C", "ask"), ("failed", "ask"), ("", "dial")])
def test_an_attestation_that_vouches_for_nothing(tmp_path: Path, level: str, do: str) -> None:
    async def story(house: House, _carrier: Carrier) -> None:
        caller = Dialler(house, "sb_1", attestation=level)
        assert (await caller.ask()).do == do
        assert said(house)[0].attestation == level

    run(tmp_path, "sandbox", Screening(ask="suspicious", weak_attestation=True), story)


def test_a_number_that_nobody_routes_says_so(tmp_path: Path) -> None:
    async def story(_house: House, carrier: Carrier) -> None:
        assert "not in service" in (await carrier.ask()).text

    run(tmp_path, "sandbox", Screening(ask="everybody"), story, None)


def test_the_memory_is_bounded_and_counts_a_call_once() -> None:
    memory = Memory()
    for place in range(MOST_ATTEMPTS + 5):
        memory.called(1, CALLER, f"c{place}", e164(201), float(place))
        memory.lasted(f"c{place}", 1.0)
        memory.lasted(f"c{place}", 90.0)
    kept = memory.attempts(1, CALLER)
    assert len(kept) == MOST_ATTEMPTS
    assert {one.talked for one in kept} == {1.0}
    assert memory.attempts(2, CALLER) == (), "another company's"
    memory.called(1, "", "c", e164(201), 0.0)
    assert memory.attempts(1, "") == ()


class Dialler(SandboxCarrier):
    """One of several calls."""

    def __init__(self, house: House, call: str, attestation: str = "", **more: Any) -> None:
        super().__init__(house, **more)
        self.call, self.attestation = call, attestation

    def _message(self, leg: str, status: str, **changes: Any) -> dict[str, Any]:
        about = {"call": self.call, "attestation": self.attestation}
        return super()._message(leg, status, **{**about, **changes})

    async def leg_over(self, status: str = "canceled", duration: int = 4) -> None:
        """The caller has hung up."""
        message = self._message("caller", status, duration=duration)
        await self.post(f"/voice/sandbox/{self.connection}/events", message)
