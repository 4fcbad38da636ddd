"""The sandbox's phones leave voicemails and write texts, as its README says; Callspring's own adapter listens."""

from __future__ import annotations

import asyncio
import io
import json
import time
import wave
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from callspring.carriers.api import Credentials
from callspring.carriers.contract import (
    Endpoint,
    HangUp,
    Leg,
    RecordingSignal,
    Status,
    TextEvent,
    TextSignal,
    TextState,
)
from callspring.carriers.sandbox.api import SandboxApi
from callspring.carriers.sandbox.recordings import Recordings
from callspring.demo.business import busy
from callspring.demo.call import Press, SandboxCall, Stage, WrongMoment
from callspring.demo.exchange import Exchange, UnknownNumber
from callspring.demo.shop import make_app
from callspring.demo.texting import NotTaken
from callspring.demo.tone import voice

from .scripted_door import BUSINESS, CALLER, NUMBER, SECRET, ScriptedDoor, open_door, open_exchange, sell

Story = Callable[[Exchange, ScriptedDoor], Coroutine[Any, Any, None]]


def tell(folder: Path, story: Story) -> None:
    async def whole() -> None:
        async with open_door() as door, open_exchange(folder, door.origin) as exchange:
            async with asyncio.timeout(30):
                await story(exchange, door)

    asyncio.run(whole())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def left(exchange: Exchange, door: ScriptedDoor, speaks: float | None, max_seconds: int = 5) -> SandboxCall:
    door.script = [door.dial(), door.record("Speak.", max_seconds), HangUp()]
    return exchange.place(CALLER, NUMBER, busy, speaks=speaks)


def lasts(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8_000)
        assert max(file.readframes(8_000)) > 0, "it can be heard"
        return float(file.getnframes() / file.getframerate())


def test_a_voicemail_is_recorded_kept_and_reported(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = left(exchange, door, 1.2)
        await exchange.finished(call)
        assert (call.said, call.recorded, call.talked, call.outcome) == ("Speak.", 1, False, "completed")
        (report,) = door.reports
        assert isinstance(report, RecordingSignal)
        assert (report.carrier_call_id, report.available, report.duration) == (call.id, True, 1)
        over = next(signal for _, signal in door.heard if signal.status is Status.RECORDED)
        assert over.recording is not None
        assert (over.leg, over.recording.recording_id) == (Leg.CALLER, report.recording_id)
        with Recordings(tmp_path / "exchange.json").open("shop", report.recording_id) as file:
            assert lasts(file.read()) == 1
        # What it announced is what its API serves to the account, and to nobody else.
        with SandboxApi(tmp_path / "exchange.json").fetch_recording(
            Credentials("shop", SECRET), report.recording_id
        ) as sound:
            assert (sound.content_type, lasts(b"".join(sound.chunks))) == ("audio/wav", 1)
        assert door.statuses(Leg.CALLER) == ["ringing", "answered", "completed"]

    tell(tmp_path, story)


def test_who_says_nothing_leaves_nothing(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = left(exchange, door, 0.0)
        await exchange.finished(call)
        (report,) = door.reports
        assert isinstance(report, RecordingSignal)
        assert (report.available, report.url, report.duration, call.recorded) == (False, "", None, None)
        over = next(signal for _, signal in door.heard if signal.status is Status.RECORDED)
        assert over.recording is None
        assert not (tmp_path / "recordings").exists()

    tell(tmp_path, story)


def test_the_beep_ends_when_the_time_is_up(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = left(exchange, door, None, max_seconds=1)
        await exchange.finished(call)
        assert call.recorded == 1

    tell(tmp_path, story)


@pytest.mark.parametrize("button", [Press.FINISH, Press.CALLER_HANGS_UP])
def test_a_person_leaves_a_message_and_ends_it(tmp_path: Path, button: Press) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = left(exchange, door, None)
        await until(lambda: call.stage is Stage.SPEAKING)
        with pytest.raises(WrongMoment):
            call.press(Press.FINISH)
        await until(lambda: call.stage is Stage.RECORDING)
        await asyncio.sleep(1.1)
        call.press(button)
        await exchange.finished(call)
        assert (call.recorded, call.outcome) == (1, "completed")
        (report,) = door.reports
        assert isinstance(report, RecordingSignal)
        assert report.available
        asked = [endpoint for endpoint, _ in door.heard if endpoint is Endpoint.NEXT]
        assert len(asked) == (2 if button is Press.FINISH else 1), "nobody is there to be told what comes next"

    tell(tmp_path, story)


def test_who_hangs_up_during_the_greeting_leaves_nothing(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        call = left(exchange, door, None)
        await until(lambda: call.stage is Stage.SPEAKING)
        call.press(Press.CALLER_HANGS_UP)
        await exchange.finished(call)
        assert (call.recorded, door.reports) == (None, [])

    tell(tmp_path, story)


def test_a_voice_is_as_long_as_it_should_be() -> None:
    assert lasts(voice(2)) == 2
    assert voice(1) == voice(1)


# --- texts


def test_a_text_reaches_the_door_of_the_number(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        written = await exchange.write(CALLER, NUMBER, "Do you come\non Sundays? 👩‍🔧")
        (text,) = door.reports
        assert isinstance(text, TextSignal)
        assert (text.carrier_text_id, text.caller, text.dialled) == (written.id, CALLER, NUMBER)
        assert text.body == "Do you come\non Sundays? 👩‍🔧"
        assert [one.body for one in exchange.texts(CALLER)] == [text.body]
        assert exchange.texts(NUMBER) == []

    tell(tmp_path, story)


def test_a_text_is_sent_again_while_nobody_takes_it_and_then_given_up(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        door.event_script = [500, 503]
        await exchange.write(CALLER, NUMBER, "Hello")
        assert len(door.reports) == 1
        door.event_script = [403]
        with pytest.raises(NotTaken, match="403"):
            await exchange.write(CALLER, NUMBER, "Hello")
        with pytest.raises(UnknownNumber):
            await exchange.write(CALLER, BUSINESS, "Hello")
        assert len(exchange.texts(CALLER)) == 1

    tell(tmp_path, story)


def test_an_answer_reaches_the_phone_and_its_sender_hears_so(tmp_path: Path) -> None:
    async def story(exchange: Exchange, door: ScriptedDoor) -> None:
        exchange.begin()
        events = f"{door.origin}/voice/sandbox/1/text-events"
        api, who = SandboxApi(tmp_path / "exchange.json"), Credentials("shop", SECRET)
        sent = api.send_text(who, sender=NUMBER, to=CALLER, body="We do.", events=events)
        await until(lambda: len(door.reports) == 2)
        states = [report.state for report in door.reports if isinstance(report, TextEvent)]
        assert states == [TextState.SENT, TextState.DELIVERED]
        assert {r.carrier_text_id for r in door.reports if isinstance(r, TextEvent)} == {sent.carrier_text_id}
        (text,) = exchange.texts(CALLER)
        assert (text.body, text.sender, text.id) == ("We do.", NUMBER, sent.carrier_text_id)
        await asyncio.sleep(0.6)
        assert len(door.reports) == 2, "once each"

    tell(tmp_path, story)


def test_the_phones_page_writes_and_reads_texts(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_door() as door:
            books = sell(tmp_path, door.origin)
            app = make_app(doors_url=door.origin, company_key="ck", business_number=BUSINESS, books=books)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002") as client:
                sent = await client.post("/phone/texts", json={"from": "(773) 555-0177", "to": NUMBER, "body": " Hi "})
                assert (sent.status_code, sent.json()["body"], sent.json()["mine"]) == (201, "Hi", True)
                shown = (await client.get("/phone/texts", params={"number": "773 555 0177"})).json()["texts"]
                assert [text["id"] for text in shown] == [sent.json()["id"]]
                assert abs(shown[0]["at"] - time.time()) < 5
                assert (await client.get("/phone/texts", params={"number": "me"})).json() == {"texts": []}
                for body, status, field in [
                    ({"from": CALLER, "to": NUMBER, "body": " "}, 422, "body"),
                    ({"from": CALLER, "to": NUMBER, "body": "x" * 1_601}, 422, "body"),
                    ({"from": "", "to": NUMBER, "body": "x"}, 422, "from"),
                    ({"from": CALLER, "to": "me", "body": "x"}, 422, "to"),
                    ({"from": CALLER, "to": BUSINESS, "body": "x"}, 404, "to"),
                    ({"from": CALLER, "to": 7, "body": "x"}, 400, ""),
                ]:
                    refused = await client.post("/phone/texts", json=body)
                    assert (refused.status_code, refused.json()["field"]) == (status, field)
                plain = await client.post("/phone/texts", content=json.dumps({"to": NUMBER}))
                assert plain.status_code == 415, "another site's form can send that"

    asyncio.run(story())
