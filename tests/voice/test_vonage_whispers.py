"""Vonage says nothing of how a dial that whispers ended: what the caller then meets, and what is recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from callspring.flows.flow import Flow
from callspring.flows.steps import Destination, Dial, Prompt, Voicemail
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import Route
from tests.doors import BUSINESS, House, companies, e164, open_doors
from tests.voice.carriers import said
from tests.voice.vonage_carrier import VonageCarrier

WHISPER = Prompt("From your website. Press 1 to take it.")


def flow(accept_key: str) -> Flow:
    dial = Dial(1, (Destination(BUSINESS),), whisper=WHISPER, accept_key=accept_key)
    return Flow((dial, Voicemail(2, Prompt("Speak."))))


def opened(house: House, accept_key: str) -> VonageCarrier:
    routes = {e164(201): Route(201, flow(accept_key))}
    publish(house.config.snapshots, msgspec.structs.replace(companies()[0], routes=routes))
    house.doors.snapshot.refresh()
    return VonageCarrier(house)


@pytest.mark.parametrize("key", ["", "7"])
def test_who_does_not_take_the_call_is_not_connected_and_the_caller_goes_on(tmp_path: Path, key: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            carrier = opened(house, "1")
            told = await carrier.ask()
            document = carrier._after
            assert (await carrier.leg("answered", told.events_url)).do == "nothing"
            heard = await carrier.business(told.whisper_url)
            assert (heard.do, heard.text) == ("ask", WHISPER.text)
            assert (await carrier.business(heard.result_url, key)).do == "hang_up", "it waits until they put down"
            carrier._after = document
            after = await carrier.dialled_ended("completed", told.result_url)
            assert (after.do, after.text) == ("record", "Speak.")
            assert {record.status for record in said(house)} == {"asked", "ringing", "no-answer"}

    asyncio.run(story())


@pytest.mark.parametrize("accept_key", ["1", ""])
def test_who_talked_is_asked_nothing_more(tmp_path: Path, accept_key: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            carrier = opened(house, accept_key)
            told = await carrier.ask()
            document = carrier._after
            await carrier.leg("answered", told.events_url)
            heard = await carrier.business(told.whisper_url)
            if accept_key:
                heard = await carrier.business(heard.result_url, "1")
            assert heard.do == "connect"
            carrier._after = document
            after = await carrier.dialled_ended("completed", told.result_url)
            assert (after.do, after.text) == ("hang_up", "")
            answered = [record.destination for record in said(house) if record.status == "answered"]
            assert len(answered) == 1

    asyncio.run(story())


def test_a_door_that_has_forgotten_leaves_no_caller_in_silence(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            carrier = opened(house, "1")
            told = await carrier.ask()
            document = carrier._after
            heard = await carrier.business(told.whisper_url)
            await carrier.business(heard.result_url, "1")
            await house.crash()
        async with open_doors(tmp_path) as house:
            carrier = opened(house, "1")
            carrier._after = document
            assert (await carrier.dialled_ended("completed", told.result_url)).do == "record"

    asyncio.run(story())
