"""The dashboard: first steps, figures of a period, links into the call log, live pieces, alerts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callspring.calls.models import Call, CallEvent
from callspring.console.models import SeenAlert
from callspring.console.recent import MEMORY
from callspring.ids import new_id
from callspring.numbers.models import Number
from callspring.visits.models import AnonymousCount, DropCount
from tests.console.pages import Pages, text


class Dashboard(Pages):
    def test_a_new_company_is_led_to_its_first_call(self) -> None:
        page = self.page("dashboard")
        assert "Three steps to your first credited call" in page
        assert f"{settings.CONFIG.doors_url}/cs/{self.company.key}.js" in page
        assert "Visitors" not in page

    def test_visitors_without_consent_are_a_line(self) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        about = {"company": self.company, "site": self.site(), "hour": hour, "medium": "organic"}
        for source, count in (("google", 1200), ("bing", 3)):
            AnonymousCount.objects.create(**about, source=source, count=count)
        MEMORY.clear()
        page = self.page("dashboard")
        assert "1,203 visitors without consent are not among these: google / organic 1,200, bing / organic 3." in page
        self.visit(self.elsewhere, at=timezone.now())
        assert "without consent" not in self.page("dashboard", client=self.outsider)

    def test_steps_are_ticked_off(self) -> None:
        self.visit(at=timezone.now())
        self.campaign()
        page = self.page("dashboard")
        assert page.count("done") == 2
        assert "Visitors" in page
        self.call(self.numbers(1)[0], at=timezone.now())
        assert "Three steps" not in self.page("dashboard")

    def poll(self, piece: str, stamp: str) -> Any:
        return self.owner.get(f"/?period=7&seen={stamp}", headers={"HX-Request": "true", "HX-Target": piece})

    def seen(self, html: str, piece: str) -> str:
        (stamp,) = re.findall(rf'id="{piece}"[^>]*data-live\s+hx-get="[^"]*seen=(\w+)', html)
        return str(stamp)

    def test_the_latest_calls_are_live(self) -> None:
        number = self.campaign().numbers.get()
        self.call(number, at=timezone.now() - timedelta(minutes=9))
        stamp = self.seen(self.owner.get("/").content.decode(), "latest-calls")
        assert self.poll("latest-calls", stamp).status_code == 204
        call = self.call(number, at=timezone.now(), caller="+12025550111", status="ringing", duration=None)
        for change in ({"status": "ringing"}, {"status": "completed"}):
            Call.objects.filter(pk=call.pk).update(**change)
            answer = self.poll("latest-calls", stamp)
            assert answer.status_code == 200
            html = answer.content.decode()
            assert "<html" not in html
            assert "New call from (202) 555-0111" in html
            assert 'hx-get="/?period=7&amp;seen=' in html
            stamp = self.seen(html, "latest-calls")
            assert self.poll("latest-calls", stamp).status_code == 204
        assert "(202) 555-0111" in text(answer)
        other = self.outsider.get(f"/?seen={stamp}", headers={"HX-Request": "true", "HX-Target": "latest-calls"})
        assert "555-0111" not in text(other)

    def test_the_first_steps_are_live(self) -> None:
        stamp = self.seen(self.owner.get("/").content.decode(), "first-steps")
        assert self.poll("first-steps", stamp).status_code == 204
        steps: list[Callable[[], object]] = [
            lambda: self.visit(at=timezone.now()),
            self.campaign,
            lambda: self.call(Number.objects.filter(company=self.company)[0], at=timezone.now()),
        ]
        for number, do in enumerate(steps, 1):
            do()
            answer = self.poll("first-steps", stamp)
            assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")
            html = self.owner.get("/").content.decode()
            if number < len(steps):
                stamp = self.seen(html, "first-steps")
                assert self.poll("first-steps", stamp).status_code == 204
        assert "first-steps" not in html

    def test_figures_and_charts(self) -> None:
        now = timezone.now()
        for days in (0, 1, 8, 8, 8, 8):
            self.visit(at=now - timedelta(days=days, minutes=1))
        number = self.campaign().numbers.get()
        call = self.call(number, at=now - timedelta(minutes=1), answered_at=now)
        self.credit(call, self.visit(at=now - timedelta(days=40)))
        page = self.page("dashboard", query="?period=7")
        assert "Visits 2 down 50 %" in page
        assert "Answered 100 %" in page
        assert "First-time 1" in page
        assert "newsletter 2 1 1" in page
        html = self.owner.get("/?period=7").content.decode()
        (trend,) = re.findall(r'id="trend-data" type="application/json">(.*?)</script>', html)
        option = json.loads(trend)
        assert [sum(series["data"]) for series in option["series"]] == [2, 1, 0]
        assert len(option["xAxis"]["data"]) == 7
        assert "Visits 6" in self.page("dashboard", query="?period=30")
        assert "by hour" in self.page("dashboard", query="?period=today")
        assert "by day" in self.page("dashboard", query="?period=nonsense")

    def test_periods_in_the_address(self) -> None:
        number = self.campaign().numbers.get()
        for day in (1, 2, 20):
            self.call(number, at=datetime(2026, 2, day, 18, tzinfo=UTC), status="busy", duration=None)
        for query, calls, said in (
            ("?period=custom&from=2026-02-02&to=2026-02-20", 2, "2\N{EN DASH}20 February"),
            ("?from=2026-02-01&to=2026-02-01", 1, "Sunday, 1 February"),
            ("?from=2026-01-01&to=2026-07-01", 3, "by week"),
            ("?from=2024-01-01", 3, "by month"),
            ("?period=365", None, "by week"),
            ("?period=last-month", None, "by day"),
        ):
            page = self.page("dashboard", query=query)
            assert said in page, (query, page)
            if calls is not None:
                assert f"Calls {calls} " in page, (query, page)
        assert "Compared with the day before." in self.page("dashboard", query="?from=2026-02-01&to=2026-02-01")

    def test_rows_lead_to_their_calls(self) -> None:
        """Every figure's link opens a log with exactly as many calls as the figure says."""
        now = timezone.now()
        search, pool = self.campaign().numbers.get(), self.pool(1).numbers.get()
        for source, channel, medium in (("google", "paid_search", "cpc"), ("", "direct", ""), ("a&b=c #", "email", "")):
            for number in (search, pool):
                call = self.call(number, at=now - timedelta(hours=1))
                self.credit(call, self.visit(at=now), source=source, channel=channel, medium=medium)
        self.call(pool, at=now - timedelta(hours=1), status="busy", scenario=None)
        self.call(pool, at=now - timedelta(hours=1), flag="spam")
        for by in ("source", "channel", "scenario"):
            html = self.owner.get(f"/?by={by}").content.decode()
            rows = re.findall(r'<a id="row-\d+" href="([^"]*)">.*?<b>(\d+)</b>', html)
            assert len(rows) == {"source": 4, "channel": 4, "scenario": 3}[by], rows
            for address, calls in rows:
                assert re.search(rf"{calls} calls?\b", text(self.owner.get(unescape(address)))), address
            assert sum(int(calls) for _address, calls in rows) == 7
        for name, calls in (("to-calls", 7), ("to-missed", 7), ("to-answered", 0), ("to-first", 7)):
            (address,) = re.findall(rf'id="{name}" href="([^"]*)"', html)
            page = text(self.owner.get(unescape(address)))
            assert (f"{calls} calls" in page) if calls else ("No call fits" in page), (name, page)

    def test_figures_are_live(self) -> None:
        number = self.campaign().numbers.get()
        self.call(number, at=timezone.now() - timedelta(minutes=9))
        stamp = self.seen(self.owner.get("/?period=7").content.decode(), "figures")
        assert self.poll("figures", stamp).status_code == 204
        call = self.call(number, at=timezone.now() - timedelta(minutes=1), caller="+12025550111", status="busy")
        answer = self.poll("figures", stamp)
        assert "Calls 2 " in text(answer)
        assert "<html" not in answer.content.decode()
        stamp = self.seen(answer.content.decode(), "figures")
        Call.objects.filter(pk=call.pk).update(flag="spam")
        assert "Calls 1 " in text(self.poll("figures", stamp))
        other = self.outsider.get(f"/?seen={stamp}", headers={"HX-Request": "true", "HX-Target": "figures"})
        assert "Calls 0 " in text(other)

    def test_a_page_takes_few_questions_and_a_poll_fewer(self) -> None:
        number = self.campaign().numbers.get()
        for minutes in range(12):
            call = self.call(number, at=timezone.now() - timedelta(minutes=minutes))
            self.credit(call, self.visit(at=timezone.now()))
        with CaptureQueriesContext(connection) as asked:
            html = self.owner.get("/?period=7").content.decode()
        assert len(asked) <= 36, len(asked)
        with CaptureQueriesContext(connection) as asked:
            assert self.poll("figures", self.seen(html, "figures")).status_code == 204
        assert len(asked) <= 10, [query["sql"] for query in asked]


class Alerts(Pages):
    def setUp(self) -> None:
        super().setUp()
        connection_id = self.company.connections.get().pk
        self.hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        DropCount.objects.create(
            company=self.company.pk, reason="bad_signature", hour=self.hour, count=9, last_at=timezone.now(),
            host=f"https://<b>evil</b>/voice/sandbox/{connection_id}",
        )  # fmt: skip

    def away(self, client: Client, episode: str) -> Any:
        return client.post("/alerts/", {"episode": episode}, headers={"HX-Request": "true"})

    def episode(self, client: Client) -> list[str]:
        return re.findall(r'name="episode" value="([^"]*)"', client.get("/").content.decode())

    def test_one_is_shown_until_it_is_put_away_and_again_when_it_happens_again(self) -> None:
        html = self.owner.get("/").content.decode()
        assert "Calls from Sandbox are refused" in html
        assert "<b>evil</b>" not in html
        (episode,) = self.episode(self.owner)
        assert "refused" not in text(self.away(self.owner, episode))
        assert self.episode(self.owner) == []
        assert self.episode(self.analyst) == [episode]  # everybody for themselves
        call = self.call(self.campaign().numbers.get(), at=timezone.now() - timedelta(minutes=2))
        CallEvent.objects.create(  # it was well again, and then not
            id=UUID(new_id()), call=call.pk, company=self.company, leg="caller", leg_id="a", status="asked",
            at=call.started_at, received_at=call.started_at,
        )  # fmt: skip
        (again,) = self.episode(self.owner)
        assert again != episode

    def test_an_outsider_sees_none_and_puts_none_away(self) -> None:
        (episode,) = self.episode(self.owner)
        assert self.episode(self.outsider) == []
        self.away(self.outsider, episode)
        self.away(self.owner, "x" * 500)
        assert not SeenAlert.objects.exists()
        assert self.stranger.post("/alerts/", {"episode": episode}).headers["Location"].startswith("/sign-in/")
        assert self.episode(self.owner) == [episode]
