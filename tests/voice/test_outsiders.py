"""Another company's secret at our connection, and our numbers and calls in another company's mouth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.carriers.contract import Endpoint
from callspring.records import CallSaid, Dropped, RecordingSaid, TextBecame, TextSaid
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import PublishedConnection
from tests.carriers.telnyx_keys import public_half
from tests.doors import OTHER_SECRET, OTHERS, SECRET, House, companies, open_doors
from tests.voice.carriers import CARRIERS, Carrier

THEIRS = {"sandbox": OTHERS, "twilio": 10, "signalwire": 12, "plivo": 14, "vonage": 20, "telnyx": 22, "bandwidth": 24}
Story = Callable[[House, Carrier], Coroutine[Any, Any, None]]
each_carrier = pytest.mark.parametrize("name", CARRIERS)
each_endpoint = pytest.mark.parametrize("endpoint", list(Endpoint))


def said_at(carrier: Carrier, endpoint: Endpoint) -> dict[str, Any]:
    """What a carrier says there of our number and our call."""
    said: dict[Endpoint, Callable[[], dict[str, Any]]] = {
        Endpoint.CALL: carrier.question,
        Endpoint.NEXT: lambda: carrier.result("busy"),
        Endpoint.WHISPER: carrier.picked_up,
        Endpoint.EVENTS: lambda: carrier.said("busy"),
        Endpoint.RECORDING: carrier.recording,
        Endpoint.TEXT: lambda: carrier.text("Hello"),
        Endpoint.TEXT_EVENTS: lambda: carrier.text_event("delivered"),
    }
    assert said.keys() == set(Endpoint), "a new endpoint has to be tried here"
    return said[endpoint]()


def run(folder: Path, name: str, story: Story, **more: Any) -> None:
    """A story at a door where the second company has a connection at each carrier."""

    async def whole() -> None:
        async with open_doors(folder) as house:
            second = companies()[1]
            kept = {"telnyx": f"KEY0:{public_half(OTHER_SECRET)}"}
            theirs = tuple(
                PublishedConnection(number, carrier, kept.get(carrier, OTHER_SECRET))
                for carrier, number in THEIRS.items()
            )
            publish(house.config.snapshots, msgspec.structs.replace(second, connections=theirs))
            house.doors.snapshot.refresh()
            await story(house, CARRIERS[name](house, **more))

    asyncio.run(whole())


@each_carrier
@each_endpoint
def test_their_secret_opens_no_connection_of_ours(tmp_path: Path, name: str, endpoint: Endpoint) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.report(endpoint, said_at(carrier, endpoint))
        assert (told.status, told.do) == (403, "nothing")
        house.doors._tick(house.clock.now)
        assert {type(record) for record in house.records()} == {Dropped}

    run(tmp_path, name, story, secret=OTHER_SECRET)


@each_carrier
@each_endpoint
def test_ours_opens_none_of_theirs(tmp_path: Path, name: str, endpoint: Endpoint) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.report(endpoint, said_at(carrier, endpoint))
        assert (told.status, told.do) == (403, "nothing")
        house.doors._tick(house.clock.now)
        assert {type(record) for record in house.records()} == {Dropped}

    run(tmp_path, name, story, connection=THEIRS[name], secret=SECRET)


@each_carrier
@each_endpoint
def test_what_they_say_of_our_numbers_stays_with_them(tmp_path: Path, name: str, endpoint: Endpoint) -> None:
    """Rightly signed at their own connection, with our number and the carrier's name of our call."""

    async def story(house: House, carrier: Carrier) -> None:
        ours = CARRIERS[name](house)
        await ours.ask()
        (asked,) = house.records()
        assert isinstance(asked, CallSaid)
        told = await carrier.report(endpoint, said_at(carrier, endpoint))
        assert (told.status, told.do == "dial") == (200, False), "no caller of theirs rings our business"
        _, *said = house.records()
        for record in said:
            assert isinstance(record, CallSaid | RecordingSaid | TextSaid | TextBecame)
            assert (record.company, record.connection) == (2, THEIRS[name])
            assert getattr(record, "number", 0) == 0
            assert getattr(record, "call", "") != asked.call
            assert getattr(record, "id", "") != asked.id

    run(tmp_path, name, story, connection=THEIRS[name], secret=OTHER_SECRET)
