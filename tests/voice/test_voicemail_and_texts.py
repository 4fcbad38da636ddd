"""Nobody answers and the caller leaves a message; somebody writes a text: what is told and what is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.flows.flow import APOLOGY, Forward
from callspring.ids import derived_id
from callspring.records import Dropped, RecordingSaid, TextBecame, TextSaid
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import Route
from tests.doors import BUSINESS, NOW, POOL_SCENARIO, SECRET, House, companies, e164, open_doors
from tests.stores.disk import LIMIT, files_end_at
from tests.voice.carriers import CALLER, CARRIERS, RECORDING_IDS, RECORDING_URLS, TEXT_IDS, Carrier, said

each_carrier = pytest.mark.parametrize("name", CARRIERS)
VOICEMAIL = Forward(BUSINESS, 20, voicemail=True, voicemail_greeting="Speak after the beep.", max_voicemail_seconds=90)
UNANSWERED = ("busy", "no-answer", "canceled", "failed")


def run(folder: Path, name: str, story: Callable[[House, Carrier], Coroutine[Any, Any, None]], **more: Any) -> None:
    """A story at a door where the number e164(204) takes voicemails."""

    async def whole() -> None:
        async with open_doors(folder) as house:
            first = companies()[0]
            routes = {**first.routes, e164(204): Route(204, VOICEMAIL, POOL_SCENARIO)}
            publish(house.config.snapshots, msgspec.structs.replace(first, routes=routes))
            house.doors.snapshot.refresh()
            await story(house, CARRIERS[name](house, **{"dialled": e164(204), **more}))

    asyncio.run(whole())


def reports(carrier: Carrier) -> dict[str, dict[str, Any]]:
    """What each endpoint for mere reports may hear."""
    failed = carrier.text_event("failed")
    return {"recording": carrier.recording(), "text": carrier.text("x"), "text-events": failed}


@each_carrier
@pytest.mark.parametrize("status", UNANSWERED)
def test_who_reaches_nobody_may_leave_a_message(tmp_path: Path, name: str, status: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert told.do == "dial"
        then = await carrier.dialled_ended(status, told.result_url)
        if status in carrier.quiet:  # the caller has hung up
            assert then.do == "hang_up"
            return
        base = f"https://calls.example.com/voice/{name}/{carrier.connection}"
        assert (then.do, then.text, then.seconds) == ("record", "Speak after the beep.", 90)
        assert then.recording_url == f"{base}/recording"
        assert then.result_url.startswith(f"{base}/next?at=2.")
        assert (await carrier.recording_over(then.result_url)).do == "hang_up"
        asked, ended, recorded = said(house)
        assert (recorded.leg, recorded.status, recorded.call) == ("caller", "recorded", asked.call)
        assert len({asked.id, ended.id, recorded.id}) == 3
        await carrier.report("recording", carrier.recording())
        *announcement, reported = (record for record in house.records() if isinstance(record, RecordingSaid))
        assert (reported.certain, reported.call, len(announcement)) == (True, asked.call, carrier.announces_recordings)
        if not announcement:
            return
        announced = announcement[0]
        assert announced.certain is False
        assert (announced.id, announced.call, announced.url) == (reported.id, asked.call, reported.url)

    run(tmp_path, name, story)


@each_carrier
def test_who_has_talked_is_not_asked_to_speak(tmp_path: Path, name: str) -> None:
    async def story(_: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (await carrier.dialled_ended("completed", told.result_url)).do == "hang_up"

    run(tmp_path, name, story)


@each_carrier
def test_nobody_can_make_it_record_twice(tmp_path: Path, name: str) -> None:
    """A dial that ended, told at the address behind the recording: a sentence, and no second beep."""

    async def story(_: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        then = await carrier.dialled_ended("busy", told.result_url)
        again = await carrier.dialled_ended("busy", then.result_url)
        assert (again.do, again.text) == ("hang_up", APOLOGY)

    run(tmp_path, name, story)


@each_carrier
@pytest.mark.parametrize("available", [True, False])
def test_a_recording_is_kept_before_it_is_acknowledged(tmp_path: Path, name: str, available: bool) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        await carrier.ask()
        told = await carrier.report("recording", carrier.recording(available=available))
        assert (told.status, told.do) == (200, "nothing")
        await carrier.report("recording", carrier.recording(available=available))
        one, again = (record for record in house.records() if isinstance(record, RecordingSaid))
        assert one.id == again.id == derived_id("recording", name, str(carrier.connection), RECORDING_IDS[name])
        assert one.call == said(house)[0].call, "the recording finds its call"
        assert (one.company, one.connection, one.kind) == (1, carrier.connection, "voicemail")
        assert (one.available, one.url) == (available, RECORDING_URLS[name] if available else "")
        assert one.duration == (7 if available else None)

    run(tmp_path, name, story)


@each_carrier
def test_a_text_is_kept_before_it_is_acknowledged(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        body = "Do you come on Sundays?\n<script>alert(1)</script>"
        told = await carrier.report("text", carrier.text(body))
        assert (told.status, told.do, told.text) == (200, "nothing", ""), "nobody is answered by a machine"
        house.clock.now += 5
        await carrier.report("text", carrier.text(body))
        one, again = (record for record in house.records() if isinstance(record, TextSaid))
        assert one.id == again.id
        assert (one.company, one.connection, one.number) == (1, carrier.connection, 204)
        assert (one.caller, one.dialled, one.body) == (CALLER, e164(204), body)
        assert (one.carrier_text_id, one.received_at) == (TEXT_IDS[name][0], NOW)

    run(tmp_path, name, story)


@each_carrier
@pytest.mark.parametrize("dialled", [e164(999), e164(301)])
def test_a_text_to_a_number_that_is_not_theirs_names_none(tmp_path: Path, name: str, dialled: str) -> None:
    """Unknown, or another company's: kept, and nobody else sees it."""

    async def story(house: House, carrier: Carrier) -> None:
        assert (await carrier.report("text", carrier.text("Hello"))).status == 200
        (text,) = (record for record in house.records() if isinstance(record, TextSaid))
        assert (text.company, text.number) == (1, 0)

    run(tmp_path, name, story, dialled=dialled)


@each_carrier
def test_what_became_of_our_text_is_kept(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        for state in ("sent", "delivered"):
            assert (await carrier.report("text-events", carrier.text_event(state))).do == "nothing"
        became = [record for record in house.records() if isinstance(record, TextBecame)]
        assert [record.state for record in became] == ["sent", "delivered"]
        assert {(r.company, r.connection, r.carrier_text_id) for r in became} == {
            (1, carrier.connection, TEXT_IDS[name][1])
        }

    run(tmp_path, name, story)


def test_a_retry_of_twilios_is_the_same_thing_again(tmp_path: Path) -> None:
    """Twilio marks it with a header that no signature covers; what makes it one thing is what it says."""

    async def story(house: House, carrier: Carrier) -> None:
        for token in ("", "a0e1", "a0e1"):
            carrier.headers = {"i-twilio-idempotency-token": token}
            told = await carrier.ask()
            await carrier.dialled_ended("busy", told.result_url)
        assert len(said(house)) == 6
        assert len({record.id for record in said(house)}) == 2

    run(tmp_path, "twilio", story)


@each_carrier
def test_the_callers_name_is_kept(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        field = carrier.caller_name
        fields = {**carrier.question(), field: "O'HARA <b>"}
        await carrier.post(f"/voice/{name}/{carrier.connection}/call", fields)
        assert said(house)[0].caller_name == ("O'HARA <b>" if field else "")

    run(tmp_path, name, story)


@each_carrier
@pytest.mark.parametrize("endpoint", ["recording", "text", "text-events"])
def test_a_report_that_is_signed_wrongly_leaves_only_a_count(tmp_path: Path, name: str, endpoint: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        fields = reports(carrier)
        told = await carrier.report(endpoint, fields[endpoint])
        assert (told.status, told.reason) == (403, "bad_signature")
        assert house.records() == []

    run(tmp_path, name, story, secret=SECRET + "x")


@each_carrier
@pytest.mark.parametrize("endpoint", ["recording", "text", "text-events"])
def test_with_a_full_disk_a_report_is_not_taken(tmp_path: Path, name: str, endpoint: str) -> None:
    """Nothing is said to have been kept that was not: whoever can send it again does."""

    async def story(house: House, carrier: Carrier) -> None:
        fields = reports(carrier)
        house.fill_disk(LIMIT)
        with files_end_at():
            told = await carrier.report(endpoint, fields[endpoint])
            assert (told.status, told.reason) == (503, "disk_full")
        house.doors._tick(NOW)
        counts = [(record.reason, record.count) for record in house.records() if isinstance(record, Dropped)]
        assert counts == [("disk_full", 1)]
        assert (await carrier.report(endpoint, fields[endpoint])).status == 200

    run(tmp_path, name, story)


@pytest.mark.parametrize("endpoint", ["recording", "text", "text-events"])
def test_each_report_is_durable_before_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    synced: list[int] = []
    really = os.fdatasync

    def note(descriptor: int) -> None:
        really(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fdatasync", note)

    async def story(house: House, carrier: Carrier) -> None:
        fields = reports(carrier)
        await carrier.report(endpoint, fields[endpoint])
        (segment,) = (house.config.spools / "doors-1").glob("*.seg")
        assert max(synced) == segment.stat().st_size > 100

    run(tmp_path, "twilio", story)
