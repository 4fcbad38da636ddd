from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from callspring.demo import booking
from callspring.demo.arrivals import ARRIVALS
from callspring.demo.shop import SHOP_PAGES, Shop, make_app

from .scripted_door import BUSINESS, NUMBER, sell

DOORS = "http://127.0.0.1:9"
LINE = f'<script async src="{DOORS}/cs/ck_0f.js"></script>'
Client = httpx.AsyncClient
Story = Callable[[Client], Coroutine[Any, Any, None]]


def shop(folder: Path) -> Shop:
    books = sell(folder, DOORS)
    return make_app(doors_url=DOORS, company_key="ck_0f", business_number=BUSINESS, books=books, mails=folder / "mail")


def browse(folder: Path, story: Story, base: str = "http://127.0.0.1:8002") -> None:
    async def whole() -> None:
        async with Client(transport=httpx.ASGITransport(shop(folder)), base_url=base) as client:
            await story(client)

    asyncio.run(whole())


def test_every_page_of_the_shop_carries_the_line_once_and_shows_the_number(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        for path in SHOP_PAGES:
            response = await client.get(path)
            assert response.status_code == 200
            assert response.text.count(LINE) == 1
            assert response.text.index("/static/arrive.js") < response.text.index(LINE)
            assert "(800) 555-0199" in response.text
            assert DOORS in response.headers["content-security-policy"]

    browse(tmp_path, story)


def test_the_number_is_written_in_many_ways_beside_look_alikes(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        pages = "".join([(await client.get(path)).text for path in SHOP_PAGES])
        for spelling in (
            ">(800) 555-0199<",
            "800-555-0199",
            "+1 800 555 0199",
            "1.800.555.0199",
            "<b>800</b>-555-0199",
            'href="tel:+18005550199"',
            'href="sms:+18005550199',
            'title="Call Harbor &amp; Pine: (800) 555-0199"',
            'aria-label="Call (800) 555-0199"',
            'Something wrong in yours? Call (800) 555-0199."',
        ):
            assert spelling in pages, spelling
        for look_alike in ("2480055501990", "055-028005", "$1,800.55", "08/05/2019", "(800) 555-0198"):
            assert look_alike in pages, look_alike

    browse(tmp_path, story)


def test_the_demos_own_pages_are_no_visits(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        for path in ("/arrive", "/phone"):
            response = await client.get(path)
            assert response.status_code == 200
            assert "/cs/" not in response.text
            assert response.headers["referrer-policy"] == "no-referrer"

    browse(tmp_path, story)


def test_the_blog_lives_on_another_host_and_lets_its_address_through(tmp_path: Path) -> None:
    async def from_the_shop(client: Client) -> None:
        response = await client.get("/partner")
        assert (response.status_code, response.headers["location"]) == (303, "http://localhost:8002/partner")

    async def at_home(client: Client) -> None:
        response = await client.get("/partner")
        assert 'href="http://127.0.0.1:' in response.text
        assert response.headers["referrer-policy"] == "no-referrer-when-downgrade"
        assert "/cs/" not in response.text

    browse(tmp_path, from_the_shop)
    browse(tmp_path, at_home, base="http://localhost:8002")


def test_every_way_of_arriving_leads_somewhere_and_can_forget(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        page = (await client.get("/arrive")).text
        for way in ARRIVALS:
            assert f'data-arrive="{way.key}"' in page
            prominent = rf'<a class="button" [^>]*data-arrive-anew="{way.key}"[^>]*>Arrive as somebody new<'
            assert re.search(prominent, page), "what the welcome tells people to press"
            assert (await client.get(way.to)).status_code in {200, 303}
            anew = await client.get("/arrive/anew", params={"as": way.key})
            assert (anew.status_code, anew.headers["location"]) == (303, way.to)
            assert anew.headers["set-cookie"].startswith("callspring=; Path=/; Max-Age=0")
        elsewhere = await client.get("/arrive/anew", params={"as": "//evil.example"})
        assert elsewhere.headers["location"] == "/arrive"

    browse(tmp_path, story)


def test_forgetting_clears_the_visitors_cookie_and_nothing_of_the_console(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        response = await client.post("/forget")
        assert (response.status_code, response.headers["location"]) == (303, "/arrive?forgotten=1")
        assert response.headers["clear-site-data"] == '"storage"'

    browse(tmp_path, story)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../__init__.py",
        "/static/%2e%2e/%2e%2e/%2e%2e/py.typed",
        "/static//etc/hostname.css",
        "/static/",
        "/static/%00.css",
        "/art/../home.html",
        "/art/..%2f..%2fshop.py",
        "/nothing",
    ],
)
def test_only_files_that_are_meant_to_be_seen_are_served(tmp_path: Path, path: str) -> None:
    async def story(client: Client) -> None:
        response = await client.send(httpx.Request("GET", httpx.URL("http://127.0.0.1:8002", raw_path=path.encode())))
        assert response.status_code == 404
        assert "This pipe leads nowhere" in response.text

    browse(tmp_path, story)


def test_what_is_written_in_an_address_is_escaped(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        response = await client.get("/contact?sent=<script>alert(1)</script>")
        assert "<script>alert" not in response.text

    browse(tmp_path, story)


@pytest.mark.parametrize(
    ("body", "status", "field", "error"),
    [
        ({"to": "12"}, 422, "to", "not a telephone number"),
        ({"to": "+1 312 555 0142 ext. 5"}, 422, "to", "dialled"),
        ({"to": NUMBER, "from": "nobody"}, 422, "from", "not a telephone number"),
        ({"to": "+13125550100", "from": ""}, 404, "to", "Nobody in the sandbox's network"),
        ({"to": 5}, 400, "", "str"),
        ([], 400, "", "Not what this phone understands"),
    ],
)
def test_what_cannot_be_dialled(tmp_path: Path, body: object, status: int, field: str, error: str) -> None:
    async def story(client: Client) -> None:
        response = await client.post("/phone/calls", json=body)
        assert (response.status_code, response.json()["field"]) == (status, field)
        assert error in response.json()["error"]

    browse(tmp_path, story)


def test_only_json_of_a_sensible_length_dials(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        form = await client.post("/phone/calls", data={"to": NUMBER})
        assert form.status_code == 415
        long = await client.post("/phone/calls", json={"to": "1" * 20_000})
        assert long.status_code == 413
        assert (await client.post("/services")).status_code == 405

    browse(tmp_path, story)


def test_a_call_made_with_the_phones_buttons(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        async def press(button: str) -> httpx.Response:
            response = await client.post(f"/phone/calls/{call['id']}/press", json={"button": button})
            await asyncio.sleep(0.02)
            return response

        async def look() -> dict[str, Any]:
            shown: dict[str, Any] = (await client.get(f"/phone/calls/{call['id']}")).json()
            return shown

        placed = await client.post("/phone/calls", json={"to": "(800) 555-0199", "from": "773-555-0177"})
        assert placed.status_code == 201
        call = placed.json()
        assert (call["to"], call["from"]) == (BUSINESS, "+17735550177")
        await asyncio.sleep(0.02)
        assert (await look())["stage"] == "ringing"
        assert (await press("business_hangs_up")).status_code == 409
        assert (await press("answer")).status_code == 200
        assert (await look())["stage"] == "talking"
        assert (await press("sing")).status_code == 400
        await press("caller_hangs_up")
        ended = await look()
        assert (ended["stage"], ended["outcome"], ended["cause"]) == ("ended", "completed", "caller")
        assert ended["log"][0]["text"].startswith("(800) 555-0199 is no tracking number")
        assert (await client.get("/phone/calls/sb_none")).status_code == 404
        assert (await client.post("/phone/calls/sb_none/press", json={"button": "answer"})).status_code == 404

    browse(tmp_path, story)


def test_too_many_calls_at_once_are_refused(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        placed = [await client.post("/phone/calls", json={"to": BUSINESS}) for _ in range(21)]
        assert [response.status_code for response in placed] == [201] * 20 + [429]

    browse(tmp_path, story)


def test_books_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        (tmp_path / "exchange.json").write_text("nonsense")
        response = await client.post("/phone/calls", json={"to": NUMBER})
        assert response.status_code == 503
        assert "books cannot be read" in response.json()["error"]

    browse(tmp_path, story)


def test_the_shop_is_closed_on_sundays() -> None:
    days = booking.open_days(dt.date(2026, 5, 29))  # a Friday
    assert [day["date"] for day in days] == ["2026-05-30", "2026-06-01", "2026-06-02", "2026-06-03"]
    assert days[0]["name"] == "Saturday, May 30"
    assert all(day["windows"] for day in days)
