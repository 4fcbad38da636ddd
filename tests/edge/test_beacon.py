"""What happens on a page after it was loaded, as the snippet reports it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from callspring.records import Beat, PageViewed, Swapped, VisitorDid
from tests.doors import CHROME, NOW, OTHER_KEY, POOL_NUMBERS, POOL_SCENARIO, Answer, House, Visitor, e164, open_doors


async def send(house: House, body: object) -> Answer:
    return await house.post("/v1/beacon", json.dumps(body).encode(), {"user-agent": CHROME})


async def live(house: House, number: int) -> list[str]:
    return await house.doors.edge.leases.holders(POOL_SCENARIO, number, house.clock.now)


def test_each_kind_is_recorded(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            loaded = len(house.records())
            house.clock.now = NOW + 5
            answer = await visitor.beacon(
                {"kind": "swapped", "places": {"20": 4}},
                {"kind": "beat"},
                {"kind": "tel_click", "number": e164(201)},
                {"kind": "event", "name": "quote", "data": {"rooms": 3, "name": "Ann", "yes": True, "no": None}},
                {"kind": "leave"},
            )
            assert (answer.status, answer.body) == (204, {})
            swapped, beat, click, custom, leave = house.records()[loaded:]
            assert isinstance(swapped, Swapped)
            assert isinstance(click, VisitorDid)
            assert isinstance(custom, VisitorDid)
            assert swapped.places == {"20": 4}
            assert beat == Beat(NOW + 5, swapped.visit, swapped.visitor, visitor.page)
            assert leave == Beat(NOW + 5, swapped.visit, swapped.visitor, visitor.page, left=True)
            assert (click.kind, click.name, click.page) == ("tel_click", e164(201), visitor.page)
            assert (custom.kind, custom.name, custom.data["rooms"]) == ("custom", "quote", 3)
            assert {swapped.page, click.page} == {visitor.page}
            assert click.visitor == custom.visitor == swapped.visitor

    asyncio.run(story())


def test_another_view_gets_an_id_that_later_events_belong_to(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            answer = await visitor.beacon(
                {"kind": "beat"},
                {"kind": "view", "url": "https://pool.example/second", "title": "Second"},
                {"kind": "beat"},
            )
            assert answer.status == 200
            before, view, after = house.records()[-3:]
            assert isinstance(before, Beat)
            assert isinstance(view, PageViewed)
            assert isinstance(after, Beat)
            assert before.page == visitor.page
            assert answer.body == {"page": view.id}
            assert after.page == view.id != visitor.page
            assert (view.url, view.title, view.visit) == ("https://pool.example/second", "Second", before.visit)

    asyncio.run(story())


def test_a_lease_that_is_never_confirmed_is_free_after_15_seconds(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            house.clock.now += 10
            await visitor.beacon({"kind": "beat"}, {"kind": "swapped", "places": {"20": 0}})
            house.clock.now += 5
            assert await live(house, 201) == []

    asyncio.run(story())


@pytest.mark.parametrize("sign", ["beat", "tel_click", "leave", "event", "view"])
def test_every_sign_of_life_holds_a_shown_number(tmp_path: Path, sign: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.see()
            for _ in range(3):
                house.clock.now += 149
                await visitor.beacon({"kind": sign})
            house.clock.now += 149
            assert len(await live(house, 201)) == 1
            house.clock.now += 1
            assert await live(house, 201) == []

    asyncio.run(story())


def test_no_beacon_takes_a_number_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann, others = Visitor(house), [Visitor(house) for _ in range(3)]
            assert await ann.see() == e164(201)
            house.clock.now += 150
            assert [await other.see() for other in others] == [e164(202), e164(203), e164(201)]
            await ann.beacon({"kind": "beat"}, {"kind": "swapped", "places": {"20": 4}})
            assert len(await live(house, 201)) == 1

    asyncio.run(story())


async def lose(house: House, ann: Visitor, *, seen: bool = True) -> list[Visitor]:
    """Ann's page is hidden for longer than the hold, and all of the pool goes to others; the last has her number."""
    assert (await ann.see() if seen else (await ann.load()).number) == e164(201)
    house.clock.now += 150
    others = [Visitor(house) for _ in POOL_NUMBERS]
    assert [await other.see() for other in others] == [e164(202), e164(203), e164(201)]
    return others


SHOWING = {"kind": "beat", "places": {"20": 2}}
CLICK = {"kind": "tel_click", "number": e164(201)}


@pytest.mark.parametrize("event", [SHOWING, {"kind": "swapped", "places": {"20": 2}}], ids=lambda event: event["kind"])
@pytest.mark.parametrize("seen", [True, False])
def test_a_page_whose_number_went_to_somebody_else_is_told_to_ask(
    tmp_path: Path, event: dict[str, Any], seen: bool
) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            others = await lose(house, ann, seen=seen)
            house.clock.now += 140
            assert [(await other.beacon(SHOWING)).status for other in others[1:]] == [204] * 2
            house.clock.now += 20
            answer = await ann.beacon(event)
            assert (answer.status, answer.body) == (200, {"ask": True})
            assert await ann.see(reload=True) == e164(202), "the one that is free by now"
            assert (await ann.beacon(event)).status == 204, "asked once, told once"

    asyncio.run(story())


def test_what_happens_after_a_loss_is_recorded_as_no_sign_of_life_for_the_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            await lose(house, ann)
            before = len(house.records())
            events = (SHOWING, {"kind": "swapped", "places": {"20": 4}}, CLICK, {"kind": "event"}, {"kind": "view"})
            answer = await ann.beacon(*events)
            assert answer.body == {"ask": True, "page": house.records()[-1].id}  # type: ignore[union-attr]
            told = house.records()[before:]
            assert [type(record) for record in told] == [Beat, Swapped, VisitorDid, VisitorDid, PageViewed]
            for record in told:
                assert isinstance(record, Beat | Swapped | VisitorDid | PageViewed)
                assert record.lost == (POOL_SCENARIO,)
            assert isinstance(told[2], VisitorDid)
            assert (told[2].kind, told[2].name) == ("tel_click", e164(201))
            assert len(await live(house, 201)) == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    "events",
    [[SHOWING, {"kind": "leave"}], [{"kind": "beat"}], [{"kind": "beat", "places": {"20": 0}}], [CLICK], []],
    ids=str,
)
def test_who_leaves_or_shows_no_number_is_not_told_to_ask(tmp_path: Path, events: list[dict[str, Any]]) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            await lose(house, ann)
            assert (await ann.beacon(*events)).status == 204

    asyncio.run(story())


def test_a_hold_that_ended_goes_on_when_nobody_took_the_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            await ann.see()
            house.clock.now += 1500
            assert (await ann.beacon(SHOWING)).status == 204
            (beat,) = house.records()[-1:]
            assert isinstance(beat, Beat)
            assert beat.lost == ()
            assert len(await live(house, 201)) == 1

    asyncio.run(story())


def test_an_older_tab_with_a_number_of_the_past_is_told_to_ask(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            old = Visitor(house)
            others = await lose(house, old)
            house.clock.now += 149
            await others[2].beacon(SHOWING)
            house.clock.now += 1
            new = Visitor(house, token=old.token)
            assert await new.see() == e164(202)
            assert (await old.beacon(SHOWING)).body == {"ask": True}
            assert (await new.beacon(SHOWING)).status == 204
            assert (await old.load(reload=True)).number == e164(202)

    asyncio.run(story())


BEAT = {"kind": "beat"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key": "ck_nobody"}, "unknown_company"),
        ({"key": OTHER_KEY}, "bad_request"),
        ({"token": ""}, "bad_request"),
        ({"token": "AAAA"}, "bad_request"),
        ({"page": ""}, "bad_request"),
        ({"page": "-" * 36}, "bad_request"),
        ({"page": "0" * 36}, "bad_request"),
        ({"page": "018f0000-0000-7000-8000-00000000000'"}, "bad_request"),
        ({"page": "018f0000-0000-7000-8000-000000000000\n"}, "bad_request"),
        ({"events": [{"kind": "surprise"}]}, "bad_request"),
        ({"events": [BEAT] * 101}, "bad_request"),
        ({"events": [{"kind": "swapped", "places": {"20": -1}}]}, "bad_request"),
        ({"events": [{"kind": "swapped", "places": {"20": 10**9}}]}, "bad_request"),
        ({"events": [{"kind": "event", "data": {"a": {"deep": 1}}}]}, "bad_request"),
        ({"events": [{"kind": "event", "data": {"a": "x" * 501}}]}, "bad_request"),
        ({"padding": "x" * 40_000}, "too_large"),
    ],
    ids=lambda case: str(case)[:60],
)
def test_what_no_snippet_sends_is_refused_and_counted(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            before = house.records()
            body = {"key": visitor.key, "token": visitor.token, "page": visitor.page, "events": [BEAT], **change}
            answer = await send(house, body)
            assert (answer.status, answer.reason) == (400, reason)
            assert house.records() == before
            assert [drop.reason for drop in house.doors.drops.take(NOW)] == [reason]

    asyncio.run(story())


def test_an_event_with_too_much_to_say_is_cut(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            await visitor.beacon(
                {"kind": "event", "name": "a\x00b", "data": {f"field\x1b {n}": "x\x00y\x1bz" for n in range(90)}}
            )
            record = house.records()[-1]
            assert isinstance(record, VisitorDid)
            assert (record.name, len(record.data), record.data["field 7"]) == ("ab", 20, "xyz")

    asyncio.run(story())


def test_of_a_form_passwords_and_cards_do_not_even_reach_the_spool(tmp_path: Path) -> None:
    data = {"name": "Ann", "Pass\x00word": "hunter2", "note": "4111 1111 1111 1111", "cvc": 123, "yes": True}

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            for name in ("form", "fo\x00rm", "quote"):
                await visitor.beacon({"kind": "event", "name": name, "data": data})
            form, disguised, quote = house.records()[-3:]
            assert isinstance(form, VisitorDid)
            assert isinstance(disguised, VisitorDid)
            assert isinstance(quote, VisitorDid)
            assert form.data == disguised.data == {"name": "Ann", "yes": True}
            assert len(quote.data) == len(data), "what the site's own code reports is its own business"

    asyncio.run(story())


def test_an_empty_beacon_says_that_somebody_is_there(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.see()
            count = len(house.records())
            house.clock.now += 100
            assert (await visitor.beacon()).status == 204
            assert len(house.records()) == count

    asyncio.run(story())


def test_who_has_left_is_shared_with_first_also_after_a_kill(tmp_path: Path) -> None:
    """Of three of the same source, one has left the page: a fourth takes that number."""

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitors = [Visitor(house) for _ in POOL_NUMBERS]
            numbers = [await visitor.see() for visitor in visitors]
            house.clock.now += 10
            await visitors[1].beacon({"kind": "leave"})
            view = house.doors.edge.view.state(POOL_SCENARIO)
            assert [lease.left for lease in view.of_visitor.values()] == [None, NOW + 10, None]
            await house.crash()
        async with open_doors(tmp_path) as house:
            house.clock.now = NOW + 20
            view = house.doors.edge.view.state(POOL_SCENARIO)
            assert [lease.left for lease in view.of_visitor.values()] == [None, NOW + 10, None]
            assert (await Visitor(house).load()).number == numbers[1]
            visitors[1].house = house
            await visitors[1].beacon({"kind": "beat"})
            assert [lease.left for lease in view.of_visitor.values()][1] is None, "another page of theirs is open"

    asyncio.run(story())
