"""Whole call flows at the voice door, with each carrier: menus, several destinations, whispers, texts owed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.flows.flow import Flow
from callspring.flows.steps import (
    APOLOGY,
    GREETING,
    Destination,
    Dial,
    HangUp,
    Menu,
    MenuKey,
    Prompt,
    Say,
    TextBack,
    Voicemail,
)
from callspring.records import CallSaid, TextOwed
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import Route
from tests.doors import BUSINESS, POOL_SCENARIO, House, companies, e164, open_doors
from tests.voice.carriers import CALLER, CARRIERS, Carrier, said

SALES, SERVICE = "+13125550101", "+13125550102"
SOUND = "0" * 31 + "1.wav"
each_carrier = pytest.mark.parametrize("name", CARRIERS)
BYE = HangUp(99, Prompt("Goodbye."))


def run(folder: Path, name: str, flow: Flow, story: Callable[[House, Carrier], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with open_doors(folder) as house:
            first, _ = companies()
            routes = {e164(201): Route(201, flow, POOL_SCENARIO)}
            publish(house.config.snapshots, msgspec.structs.replace(first, routes=routes))
            house.doors.snapshot.refresh()
            await story(house, CARRIERS[name](house))

    asyncio.run(whole())


def dial(step: int, *to: str, **more: Any) -> Dial:
    return Dial(step, tuple(map(Destination, to)), **more)


@each_carrier
def test_a_menu_leads_to_the_department(tmp_path: Path, name: str) -> None:
    menu = Menu(2, Prompt("Press 1 for sales."), (MenuKey("1", (dial(3, SALES),)),), tries=2)
    flow = Flow((Say(1, Prompt("Welcome.")), menu, Voicemail(4, Prompt("Speak."))))

    async def story(_house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.do, told.text) == ("ask", "Welcome. Press 1 for sales.")
        again = await carrier.pressed("", told.result_url)
        assert (again.do, again.text) == ("ask", "Press 1 for sales.")
        rung = await carrier.pressed("1", again.result_url)
        assert (rung.do, rung.to) == ("dial", SALES)
        assert (await carrier.pressed("9", again.result_url)).do == "record", "two tries, then what stands below"
        left = await carrier.dialled_ended("no-answer", rung.result_url)
        assert (left.do, left.text) == ("record", "Speak.")

    run(tmp_path, name, flow, story)


@each_carrier
def test_destinations_ring_one_after_the_other(tmp_path: Path, name: str) -> None:
    flow = Flow((dial(1, BUSINESS, SALES, order="in_order"), BYE))

    async def story(house: House, carrier: Carrier) -> None:
        first = await carrier.ask()
        second = await carrier.dialled_ended("busy", first.result_url)
        last = await carrier.dialled_ended("no-answer", second.result_url)
        assert (first.to, second.to, last.do, last.text) == (BUSINESS, SALES, "hang_up", "Goodbye.")
        talked = await carrier.dialled_ended("completed", second.result_url)
        assert (talked.do, talked.text) == ("hang_up", "")
        assert said(house)[-1].destination == SALES

    run(tmp_path, name, flow, story)


@each_carrier
def test_a_caller_who_comes_back_reaches_whoever_answered(tmp_path: Path, name: str) -> None:
    flow = Flow((dial(1, BUSINESS, SALES, SERVICE, order="round_robin", sticky=True), BYE))

    async def story(house: House, carrier: Carrier) -> None:
        first = await carrier.ask()
        second = await carrier.dialled_ended("no-answer", first.result_url)
        await carrier.dialled_ended("completed", second.result_url)
        assert (first.to, second.to) == (BUSINESS, SALES)
        assert (await carrier.ask()).to == SALES
        stranger = CARRIERS[name](house, caller="+16175550123")
        assert (await stranger.ask()).to == SERVICE, "the third turn, and nobody they know"
        withheld = CARRIERS[name](house, caller="")
        told = await withheld.ask()
        await withheld.dialled_ended("completed", told.result_url)
        assert (await withheld.ask()).to != told.to, "withheld callers are never the same person"

    run(tmp_path, name, flow, story)


@each_carrier
def test_who_answered_a_ring_of_many_is_learnt_from_their_leg(tmp_path: Path, name: str) -> None:
    flow = Flow((dial(1, BUSINESS, SALES, sticky=True), BYE))

    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        together = carrier.most_at_once > 1
        assert told.to == (f"{BUSINESS} {SALES}" if together else BUSINESS)
        answered = SALES if together else BUSINESS
        await carrier.leg(carrier.answered, told.events_url, **{carrier.ends[1]: answered})
        await carrier.dialled_ended("completed", told.result_url)
        assert said(house)[1].destination == answered
        assert (await carrier.ask()).to == answered

    run(tmp_path, name, flow, story)


@each_carrier
def test_the_business_hears_a_whisper_and_has_to_accept(tmp_path: Path, name: str) -> None:
    whisper = Prompt("A call from your website. Press 1 to take it.")
    flow = Flow((dial(1, BUSINESS, whisper=whisper, accept_key="1"), Voicemail(2, Prompt("Speak."))))

    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        await carrier.leg(carrier.answered, told.events_url)
        heard = await carrier.business(told.whisper_url)
        assert (heard.do, heard.text) == ("ask", whisper.text)
        assert (await carrier.business(heard.result_url, "")).do == "hang_up"
        assert (await carrier.business(heard.result_url, "7")).do == "hang_up"
        assert [record.status for record in said(house)] == ["asked", "ringing"], "an answering machine is no answer"
        assert (await carrier.business(heard.result_url, "1")).do in {"connect", "nothing"}
        record = said(house)[-1]
        assert (record.status, record.leg) == ("answered", "business")
        assert record.number == (201 if carrier.lets_us_ask else 0), "an event's address does not name the number"

    run(tmp_path, name, flow, story)


@each_carrier
def test_a_mere_whisper_connects_by_itself_and_a_lost_one_too(tmp_path: Path, name: str) -> None:
    flow = Flow((dial(1, BUSINESS, whisper=Prompt("From your website.")), BYE))

    async def story(_house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        heard = await carrier.business(told.whisper_url)
        assert (heard.text, heard.do in {"connect", "nothing"}) == ("From your website.", True)
        forged = await carrier.business(told.whisper_url.replace("at=1", "at=2"))
        assert (forged.status, forged.text, forged.do in {"connect", "nothing"}) == (200, "", True)

    run(tmp_path, name, flow, story)


@each_carrier
def test_a_missed_caller_is_owed_a_text_also_when_they_hang_up(tmp_path: Path, name: str) -> None:
    flow = Flow((dial(1, BUSINESS), TextBack(2, "Sorry we missed you."), BYE))

    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        for _ in range(2):  # the carrier asks twice
            await carrier.dialled_ended("no-answer", told.result_url)
        owed = [record for record in house.records() if isinstance(record, TextOwed)]
        assert {(one.caller, one.number, one.body) for one in owed} == {(CALLER, 201, "Sorry we missed you.")}
        assert len({one.id for one in owed}) == 1

    run(tmp_path, name, flow, story)


@each_carrier
def test_nobody_who_talked_is_owed_anything(tmp_path: Path, name: str) -> None:
    flow = Flow((dial(1, BUSINESS), TextBack(2, "Sorry we missed you."), BYE))

    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        await carrier.dialled_ended("completed", told.result_url)
        assert all(isinstance(record, CallSaid) for record in house.records())

    run(tmp_path, name, flow, story)


@each_carrier
def test_recordings_are_announced_and_sounds_are_played(tmp_path: Path, name: str) -> None:
    announced = Prompt("This call is recorded.", sound=SOUND)
    flow = Flow((dial(1, BUSINESS, record=True, announcement=announced), BYE))

    async def story(house: House, carrier: Carrier) -> None:
        sounds = house.config.sounds
        sounds.mkdir(parents=True)
        (sounds / SOUND).write_bytes(b"RIFF")
        told = await carrier.ask()
        assert told.text == f"https://calls.example.com/voice/sounds/{SOUND}"
        assert told.recording_url == f"https://calls.example.com/voice/{name}/{carrier.connection}/recording"
        (sounds.parent / "secret.wav").write_bytes(b"secret")
        played = await house.client.get(f"/voice/sounds/{SOUND}")
        assert (played.status_code, played.content, played.headers["content-type"]) == (200, b"RIFF", "audio/wav")
        for wrong in ("nothing.wav", "../secret.wav", "..%2fsecret.wav", SOUND.replace("1", "2"), "", f"{SOUND}/x"):
            assert (await house.client.get(f"/voice/sounds/{wrong}")).status_code == 404

    run(tmp_path, name, flow, story)


@each_carrier
@pytest.mark.parametrize("text", ["We are closed today.", ""])
def test_a_sound_whose_file_is_gone_is_spoken(tmp_path: Path, name: str, text: str) -> None:
    """As its text; where it has none, the caller who would hear nothing at all hears a sentence of ours."""
    flow = Flow((Say(1, Prompt(text, sound=SOUND)), HangUp(2, Prompt("", sound=SOUND))))

    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.do, told.text) == ("hang_up", text or APOLOGY)
        house.config.sounds.mkdir(parents=True)
        (house.config.sounds / SOUND).write_bytes(b"RIFF")
        address = f"https://calls.example.com/voice/sounds/{SOUND}"
        assert (await carrier.ask()).text == f"{address} {address}"

    run(tmp_path, name, flow, story)


@each_carrier
def test_a_greeting_whose_file_is_gone_is_ours(tmp_path: Path, name: str) -> None:
    flow = Flow((Voicemail(1, Prompt("", sound=SOUND)),))

    async def story(_: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.do, told.text) == ("record", GREETING)

    run(tmp_path, name, flow, story)
