"""The phone rings: what either carrier is told, and what stands in the spool before it is told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from callspring.flows.evaluation import Position
from callspring.flows.flow import NOT_IN_SERVICE
from callspring.records import Dropped
from tests.doors import BUSINESS, FLOW, NOW, OTHERS, POOL_SCENARIO, SECRET, House, e164, open_doors, publish_all
from tests.stores.disk import LIMIT, files_end_at
from tests.voice.carriers import CALL_IDS, CALLER, CARRIERS, STATUSES, Carrier, SandboxCarrier, Told, said

each_carrier = pytest.mark.parametrize("name", CARRIERS)


def run(folder: Path, name: str, story: Callable[[House, Carrier], Coroutine[Any, Any, None]], **more: Any) -> None:
    async def whole() -> None:
        async with open_doors(folder) as house:
            await story(house, CARRIERS[name](house, **more))

    asyncio.run(whole())


def only_counted(house: House, told: Told, status: int, reason: str, company: int) -> None:
    """Refused: no instruction, nothing in the spool, one more on the counter."""
    assert (told.status, told.reason, told.do) == (status, reason, "nothing")
    assert house.records() == []
    dropped = house.doors.drops.take(NOW)
    assert [(drop.reason, drop.company, drop.count) for drop in dropped] == [(reason, company, 1)]


@each_carrier
def test_a_call_rings_the_business(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        shown = CALLER if carrier.shows_callers else e164(201)
        assert (told.status, told.do, told.to, told.caller_id) == (200, "dial", BUSINESS, shown)
        base = f"https://calls.example.com/voice/{name}/{carrier.connection}"
        assert told.events_url == (f"{base}/events" if carrier.hears_events_apart else told.result_url)
        assert told.result_url.startswith(f"{base}/next?at=")
        (record,) = said(house)
        assert (record.status, record.leg, record.caller, record.dialled) == ("asked", "caller", CALLER, e164(201))
        assert (record.company, record.connection, record.carrier_call_id) == (1, carrier.connection, CALL_IDS[name])
        assert (record.number, record.scenario, record.destination) == (201, POOL_SCENARIO, BUSINESS)
        assert (record.at, record.received_at) == (NOW, NOW)
        assert carrier.as_sent(e164(201)) in record.raw.values()

    run(tmp_path, name, story)


@each_carrier
@pytest.mark.parametrize("status", STATUSES)
def test_the_end_of_the_dial_is_answered(tmp_path: Path, name: str, status: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        then = await carrier.dialled_ended(status, told.result_url)
        assert then.status == 200
        assert (then.do, then.text) == ("hang_up", "" if status in carrier.quiet else FLOW.apology)
        asked, ended = said(house)
        assert (ended.leg, ended.status) == ("business", status)
        assert ended.call == asked.call

    run(tmp_path, name, story)


@each_carrier
def test_what_a_leg_did_is_recorded_and_acknowledged(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        await carrier.ask()
        told = [*(["ringing"] if carrier.rings else []), carrier.answered, "completed"]
        for status in told:
            assert (await carrier.event(status)).do == "nothing"
        records = said(house)
        rung = ["ringing"] if carrier.rings else []
        assert [record.status for record in records] == ["asked", *rung, "answered", "completed"]
        assert len({record.call for record in records}) == 1
        assert len({record.id for record in records}) == len(records)
        await carrier.event(told[0])
        assert said(house)[-1].id == records[1].id, "the same event twice has one id"

    run(tmp_path, name, story)


@each_carrier
def test_a_withheld_number_rings_with_the_number_dialled(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.do, told.caller_id) == ("dial", e164(201))
        shown = dict(zip(carrier.ends, (e164(201), BUSINESS), strict=True))
        await carrier.event(carrier.answered, **shown)
        await carrier.dialled_ended("busy", told.result_url)
        asked, leg, ended = said(house)
        assert {asked.caller, leg.caller, ended.caller} == {""}, "what the business is shown is not the caller's"
        assert (asked.dialled, leg.dialled, ended.dialled) == (e164(201), "", e164(201))

    run(tmp_path, name, story, caller="")


@each_carrier
@pytest.mark.parametrize("dialled", [e164(202), e164(999), e164(301), "+4930123456"])
def test_a_number_that_goes_nowhere_says_a_sentence(tmp_path: Path, name: str, dialled: str) -> None:
    """Without a flow, unknown, or another company's: never silence, and never somebody else's phone."""

    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.status, told.do, told.text) == (200, "hang_up", NOT_IN_SERVICE)
        assert said(house)[0].number == (202 if dialled == e164(202) else 0)

    run(tmp_path, name, story, dialled=dialled)


@each_carrier
def test_with_its_scenario_switched_off_a_number_still_rings(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        assert (await carrier.ask()).do == "dial"
        assert (said(house)[0].number, said(house)[0].scenario) == (203, 0)

    run(tmp_path, name, story, dialled=e164(203))


@each_carrier
@pytest.mark.parametrize("endpoint", ["call", "next", "events"])
@pytest.mark.parametrize("wrong", ["secret", "address", "header", "no header"])
def test_a_wrong_signature_leaves_only_a_count(tmp_path: Path, name: str, endpoint: str, wrong: str) -> None:
    header = CARRIERS[name].header or f"x-{name}-signature"
    ways: dict[str, dict[str, Any]] = {
        "secret": {"secret": SECRET + "x"},
        "address": {"signed_as": "https://evil.example"},
        "header": {"headers": {header: "AAAA"}},
        "no header": {"headers": {header: ""}},
    }

    async def story(house: House, carrier: Carrier) -> None:
        fields: dict[str, Callable[[], dict[str, Any]]] = {
            "call": carrier.question,
            "next": lambda: carrier.result("busy"),
            "events": lambda: carrier.said("busy"),
        }
        told = await carrier.post(f"/voice/{name}/{carrier.connection}/{endpoint}", fields[endpoint]())
        if wrong == "address" and not carrier.address_is_signed:
            assert told.status == 200
            return
        only_counted(house, told, 403, "bad_signature", 1)

    run(tmp_path, name, story, **ways[wrong])


@each_carrier
@pytest.mark.parametrize(
    "path",
    [
        "NAME/999/call",
        "other/ID/call",
        "NAME/ID/ring",
        "NAME/ID/call/x",
        "NAME/x/call",
        "NAME/%D9%A7/call",
        "NAME/" + "9" * 30 + "/call",
        "NAME//call",
    ],
)
def test_an_address_that_is_nobodys(tmp_path: Path, name: str, path: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        whole = "/voice/" + path.replace("NAME", name).replace("ID", str(carrier.connection))
        only_counted(house, await carrier.post(whole, carrier.question()), 404, "unknown_connection", 0)

    run(tmp_path, name, story)


def test_one_carriers_connection_is_not_anothers(tmp_path: Path) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        only_counted(house, await carrier.ask(), 404, "unknown_connection", 0)

    run(tmp_path, "twilio", story, connection=7)


def test_another_companys_secret_opens_nothing(tmp_path: Path) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        only_counted(house, await carrier.ask(), 403, "bad_signature", 2)

    run(tmp_path, "sandbox", story, connection=OTHERS)


@each_carrier
def test_rightly_signed_nonsense_is_a_bad_request(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.post(f"/voice/{name}/{carrier.connection}/call", {"hello": "there"})
        only_counted(house, told, 400, "bad_request", 1)

    run(tmp_path, name, story)


def test_an_enormous_body_is_refused_unread(tmp_path: Path) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.post(f"/voice/sandbox/{carrier.connection}/call", {"x": "y" * 70_000})
        only_counted(house, told, 413, "too_large", 0)

    run(tmp_path, "sandbox", story)


def test_only_posts_are_taken(tmp_path: Path) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        assert (await house.client.get(f"/voice/sandbox/{carrier.connection}/call")).status_code == 404

    run(tmp_path, "sandbox", story)


@each_carrier
@pytest.mark.parametrize("at", ["", "0", "0.00000000.", "nonsense", "%D9%A0.x.y", "another call's", "0.FORGED"])
def test_a_forged_position_still_tells_the_caller_something(tmp_path: Path, name: str, at: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        position, _, more = told.result_url.partition("?at=")[2].partition("&")
        forged = {
            "0.FORGED": "0" + position[1:],
            "another call's": house.doors.voice.seal.write("x", FLOW, Position(1)),
        }.get(at, at)
        path = f"/voice/{name}/{carrier.connection}/next?at={forged}&{more}".rstrip("&")
        then = await carrier.post(path, carrier.result("busy"))
        assert (then.status, then.do, then.text) == (200, "hang_up", FLOW.apology), "and the phone does not ring again"

    run(tmp_path, name, story)


@each_carrier
def test_with_a_full_disk_the_caller_is_routed_all_the_same(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        house.fill_disk(LIMIT)
        with files_end_at():
            told = await carrier.ask()
            assert (told.status, told.do, told.to) == (200, "dial", BUSINESS)
            assert (await carrier.dialled_ended("busy", told.result_url)).do == "hang_up"
        assert said(house) == []
        house.doors._tick(NOW)
        counts = [(record.reason, record.count) for record in house.records() if isinstance(record, Dropped)]
        assert counts == [("disk_full", 2)]

    run(tmp_path, name, story)


def test_an_event_is_durable_before_its_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    really = os.fdatasync

    def note(descriptor: int) -> None:
        really(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fdatasync", note)

    async def story(house: House, carrier: Carrier) -> None:
        await carrier.ask()
        (segment,) = (house.config.spools / "doors-1").glob("*.seg")
        assert synced
        assert max(synced) == segment.stat().st_size

    run(tmp_path, "sandbox", story)


def test_a_replay_of_an_old_request_is_refused(tmp_path: Path) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        house.clock.now -= 301
        stale = carrier.question()
        body_time = house.clock.now
        house.clock.now = NOW

        class Late(SandboxCarrier):
            async def post(self, path: str, fields: dict[str, Any]) -> Told:
                self.headers = {"x-sandbox-timestamp": str(int(body_time))}
                return await super().post(path, fields)

        told = await Late(house).post(f"/voice/sandbox/{carrier.connection}/call", stale)
        only_counted(house, told, 403, "bad_signature", 1)

    run(tmp_path, "sandbox", story)


@each_carrier
def test_a_restarted_door_takes_the_next_question_of_any_call(tmp_path: Path, name: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            told = await CARRIERS[name](house).ask()
            await house.crash()
        async with open_doors(tmp_path) as house:
            then = await CARRIERS[name](house).dialled_ended("no-answer", told.result_url)
            assert (then.do, then.text) == ("hang_up", FLOW.apology)
            first, second = said(house)
            assert first.call == second.call

    asyncio.run(story())


@pytest.mark.parametrize(
    ("peer", "headers", "signed_as", "status"),
    [
        (
            "10.0.0.1",
            {"x-forwarded-proto": "https", "x-forwarded-host": "calls.shop.example"},
            "https://calls.shop.example",
            200,
        ),
        ("10.0.0.1", {"x-forwarded-proto": "https"}, "https://10.0.0.9:8001", 200),
        ("10.0.0.1", {"x-forwarded-host": "calls.shop.example:8443"}, "http://calls.shop.example:8443", 200),
        ("10.0.0.1", {}, "http://10.0.0.9:8001", 200),
        ("10.0.0.1", {"x-forwarded-proto": "https", "x-forwarded-host": "evil/path"}, "https://10.0.0.9:8001", 200),
        (
            "8.8.8.8",
            {"x-forwarded-proto": "https", "x-forwarded-host": "calls.shop.example"},
            "https://calls.shop.example",
            403,
        ),
        (
            "8.8.8.8",
            {"x-forwarded-proto": "https", "x-forwarded-host": "calls.shop.example"},
            "http://10.0.0.9:8001",
            200,
        ),
    ],
    ids=str,
)
@each_carrier
def test_the_address_that_is_signed_is_the_public_one(
    tmp_path: Path, name: str, peer: str, headers: dict[str, str], signed_as: str, status: int
) -> None:
    """Behind a reverse proxy that asks the door at its inner address, and is believed only where it is trusted."""

    async def story() -> None:
        async with open_doors(tmp_path, peer=peer, CALLSPRING_TRUSTED_PROXIES="10.0.0.0/8") as house:
            house.client.base_url = "http://10.0.0.9:8001"
            publish_all(house.config)
            carrier = CARRIERS[name](house, signed_as=signed_as, headers=headers)
            assert (await carrier.ask()).status == (status if carrier.address_is_signed else 200)

    asyncio.run(story())
