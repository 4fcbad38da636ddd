"""The call log: filters in the address, order, pages, live update, columns."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callspring.accounts.models import Membership
from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Flag, Grade
from callspring.console.call_log import PAGE
from callspring.console.models import PageChoice
from callspring.visits.models import PageView
from tests.console.pages import Pages, text

HTMX = {"HX-Request": "true"}


class Log(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.static = self.campaign()
        self.number = self.static.numbers.get()
        self.now = timezone.now().replace(microsecond=0)

    def html(self, query: str = "", **headers: str) -> str:
        response = self.owner.get(f"/calls/{query}", headers=headers)
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def callers(self, query: str = "") -> list[str]:
        return re.findall(r'data-key-item><b class="cs-number">([^<]*)', self.html(query))

    def ring(self, last: str, minutes: int = 1, **changes: Any) -> Call:
        return self.call(self.number, at=self.now - timedelta(minutes=minutes), caller=f"+1202555{last}", **changes)


class Showing(Log):
    def test_empty_says_what_to_do(self) -> None:
        assert "No calls yet" in self.page("calls")
        assert "No call fits these filters" in self.page("calls", query="?status=busy")
        self.ring("0111", flag=Flag.SPAM)
        assert "Only test and spam calls so far" in self.page("calls")

    def test_a_row_says_it_all_in_the_companys_time(self) -> None:
        at = datetime(2026, 3, 2, 18, 4, 5, tzinfo=UTC)
        call = self.call(self.number, at=at, duration=125, caller_name="ANN EXAMPLE")
        self.credit(call, self.visit(city="Oak Park"), source="google", medium="cpc", campaign="drains")
        page = self.page("calls")
        for said in ("(312) 555-0177", "ANN EXAMPLE · Oak Park · first call", "12:04:05", "google / cpc", "drains",
                     "Google search", "2 min 5 s", "Answered", "Certain", "Provisional", "Visit 1"):  # fmt: skip
            assert said in page, said

    def test_sums_are_of_the_calls_that_the_filters_let_through(self) -> None:
        self.ring("0111", 9, answered_at=self.now)
        self.ring("0111", 8, status="busy")
        self.ring("0122", 7, status="ringing", duration=None)
        self.ring("0133", 6, flag=Flag.SPAM, status="busy")
        assert "3 calls 1 answered 33 % 1 missed 2 first-time" in self.page("calls")
        assert "1 test or spam call not shown" in self.page("calls")
        assert "1 call 0 answered 0 % 1 missed 0 first-time" in self.page("calls", query="?status=busy")
        assert "4 calls" in self.page("calls", query="?flag=all")

    def test_columns_are_remembered_for_the_person_in_the_company(self) -> None:
        call = self.ring("0111")
        visit = self.visit(landing_url="https://shop.example/drains?utm=1", device="phone", os="iOS")
        self.credit(call, visit, keyword="plumber near me")
        assert "plumber near me" not in self.page("calls")
        chosen = {"column": ["keyword", "landing", "device", "nonsense"], "on": "?status=completed"}
        response = self.owner.post("/calls/columns/", chosen)
        assert (response.status_code, response.headers["Location"]) == (302, "/calls/?status=completed")
        page = self.page("calls")
        for said in ("plumber near me", "shop.example/drains", "phone · iOS"):
            assert said in page, said
        assert "Certain" not in text(self.owner.get("/calls/?status=completed")).split("Device", 2)[-1]
        assert "plumber near me" not in self.page("calls", client=self.analyst)
        self.owner.post("/calls/columns/", {"column": []})
        assert "Visit 1" in self.page("calls")
        assert PageChoice.objects.get().columns == []

    def test_what_strangers_say_is_shown_as_text(self) -> None:
        hostile = "<script>alert(1)</script>"
        call = self.ring("0111", caller_name=hostile)
        visit = self.visit(landing_url=f"https://x/{hostile}", city=hostile)
        view = PageView.objects.create(
            id=visit.pk, company=self.company, visit=visit.pk, url="https://x/", title=hostile,
            started_at=self.now, last_active_at=self.now,
        )  # fmt: skip
        self.credit(call, visit, page_view=view.pk, source=hostile, campaign=hostile, keyword=hostile)
        self.owner.post("/calls/columns/", {"column": ["source", "keyword", "landing", "page", "place"]})
        html = self.html(f"?{urlencode({'source': hostile, 'medium': hostile, 'view': hostile})}&status={hostile}")
        assert "<script>alert" not in html
        assert html.count("&lt;script&gt;alert") >= 2  # chips
        assert self.html().count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 7

    def test_a_page_takes_few_questions_however_many_calls(self) -> None:
        counts = []
        for _round in range(2):
            for number in range(5):
                call = self.ring(f"{number:04d}")
                self.credit(call, self.visit())
            with CaptureQueriesContext(
                connection,
            ) as asked:
                self.html()
            counts.append(len(asked))
        assert counts[1] <= counts[0] <= 18, counts
        stamp = re.findall(r'id="log"[^>]*seen=(\w+)', self.html(), re.DOTALL)[0]
        with CaptureQueriesContext(connection) as asked:
            assert self.owner.get(f"/calls/?seen={stamp}", headers=HTMX).status_code == 204
        assert len(asked) <= 9, [query["sql"] for query in asked]


class Filters(Log):
    def test_each_filter(self) -> None:
        busy = self.ring("0111", status="busy", duration=75, answered_at=self.now)
        visit = self.visit(source="google", channel="organic_search")
        self.credit(busy, visit, medium="organic", campaign="drains", grade=Grade.LIKELY)
        self.credit(busy, visit, version=2, current=False, source="old", grade=Grade.CERTAIN)
        other = self.pool(1).numbers.get()
        self.call(other, at=self.now - timedelta(days=20), caller="+12025550122", status="no-answer", duration=None)
        elsewhere = self.numbers(1, self.elsewhere)[0]  # another company's call is nobody's first call here
        self.call(elsewhere, at=self.now - timedelta(days=40), caller="+12025550111")
        for query in (
            "status=busy", "source=google", "medium=organic", "campaign=drains", "channel=organic_search",
            "grade=likely", "caller=550111", "caller=(202)+555-0111", "period=7", f"scenario={self.static.pk}",
            f"number=%2B{self.number.e164[1:]}", "outcome=answered", "seconds=60", "status=busy&status=failed",
            "source=google&source=bing", "source=google&status=busy&period=today&flag=all",
            f"period=custom&from={self.day(1)}&to={self.day(0)}", f"from={self.day(0)}",
        ):  # fmt: skip
            assert self.callers(f"?{query}") == ["(202) 555-0111"], query
        for query in ("outcome=missed", "source=~", "status=no-answer", f"to={self.day(5)}", "sort=oldest&source=~"):
            assert self.callers(f"?{query}") == ["(202) 555-0122"], query
        for query in ("source=old", "grade=certain", "flag=spam", "turn=repeat", "seconds=76", "period=yesterday",
                      "scenario=~", f"from={self.day(10)}&to={self.day(9)}"):  # fmt: skip
            assert self.callers(f"?{query}") == [], query
        assert self.callers() == ["(202) 555-0111", "(202) 555-0122"]

    def day(self, ago: int) -> str:
        return str(timezone.localdate(self.now, ZoneInfo("America/Chicago")) - timedelta(ago))

    def test_who_called_before(self) -> None:
        self.ring("0111", 50)
        self.ring("0111", 40)
        self.ring("0122", 30, flag=Flag.TEST)  # counts as nothing, so it is nobody's first
        self.ring("0122", 20)
        for minutes in (10, 9):
            self.call(self.number, at=self.now - timedelta(minutes=minutes), caller="")
        assert self.callers("?turn=first") == ["Withheld", "Withheld", "(202) 555-0122", "(202) 555-0111"]
        assert self.callers("?turn=repeat") == ["(202) 555-0111"]

    def test_flags(self) -> None:
        self.ring("0111", 3)
        self.ring("0122", 2, flag=Flag.TEST)
        self.ring("0133", 1, flag=Flag.SPAM)
        assert self.callers() == ["(202) 555-0111"]
        assert self.callers("?flag=test") == ["(202) 555-0122"]
        assert self.callers("?flag=spam") == ["(202) 555-0133"]
        assert self.callers("?flag=all") == ["(202) 555-0133", "(202) 555-0122", "(202) 555-0111"]
        assert "Test call" in self.page("calls", query="?flag=all")

    def test_days_are_the_companys_also_when_clocks_change(self) -> None:
        for caller, at in (
            ("0101", datetime(2026, 3, 8, 5, 59, tzinfo=UTC)),  # 23:59 on the 7th
            ("0102", datetime(2026, 3, 8, 6, 0, tzinfo=UTC)),  # midnight of the 8th, which has 23 hours
            ("0103", datetime(2026, 3, 9, 4, 59, tzinfo=UTC)),  # 23:59
            ("0104", datetime(2026, 3, 9, 5, 0, tzinfo=UTC)),
        ):
            self.call(self.number, at=at, caller=f"+1202555{caller}")
        assert self.callers("?from=2026-03-08&to=2026-03-08") == ["(202) 555-0103", "(202) 555-0102"]

    def test_chips_take_one_thing_out_each(self) -> None:
        self.ring("0111")
        html = self.html("?source=google&source=bing&period=7&turn=first")
        found = re.findall(r'<li><a href="(\?[^"]*)"><span>([^<]*)<b>([^<]*)', html)
        assert [(label, said) for _address, label, said in found] == [
            ("Period: ", "7 days"), ("Source: ", "google"), ("Source: ", "bing"), ("Caller: ", "First-time"),
        ]  # fmt: skip
        assert found[1][0] == "?period=7&amp;source=bing&amp;turn=first"
        assert found[0][0] == "?source=google&amp;source=bing&amp;turn=first"
        assert 'href="?view=all"' in self.html("?turn=first")

    def test_addresses_that_make_no_sense_show_a_page(self) -> None:
        self.ring("0111")
        for query in (
            "?scenario=x", "?before=1.2", "?after=" + "9" * 17 + "." + "f" * 32, "?period=ever", "?source=%00",
            "?caller=%00%27--", "?scenario=99999999999999999999", "?seconds=-1", "?seconds=99999999999", "?sort=random",
            "?from=0001-01-01&to=9999-12-31", "?from=x&to=2026-02-30", "?period=custom", "?view=x", "?view=999999",
            "?sort=longest&before=9.1.2", "?sort=longest&before=999999999." + "9" * 17 + "." + "f" * 32,
            "?" + "source=a&" * 900, "?flag=%00spam", "?grade=%C3%28", "?from=2026-03-08&to=2020-01-01",
        ):  # fmt: skip
            assert "Calls" in self.page("calls", query=query), query


class Order(Log):
    def test_by_length_over_pages(self) -> None:
        for number in range(PAGE + 7):
            self.ring(f"{number:04d}", number, duration=number // 3 or None)
        longest = self.callers("?sort=longest")
        after = re.findall(r'href="(\?[^"]*before=[^"]*)"', self.html("?sort=longest"))[0].replace("&amp;", "&")
        rest = self.callers(after)
        assert (len(longest), len(rest)) == (PAGE, 7)
        everybody = [*longest, *rest]
        assert len(set(everybody)) == PAGE + 7
        back = re.findall(r'href="(\?[^"]*after=[^"]*)"', self.html(after))[0].replace("&amp;", "&")
        assert self.callers(back) == longest
        lengths = [int(caller[-4:]) // 3 for caller in everybody]
        assert lengths == sorted(lengths, reverse=True)
        shortest = [int(caller[-4:]) // 3 for caller in self.callers("?sort=shortest")]
        assert shortest == sorted(shortest)
        assert self.callers("?sort=oldest")[0] == f"(202) 555-{PAGE + 6:04d}"

    def test_pages_are_not_moved_by_calls_that_come_in(self) -> None:
        for number in range(PAGE + 10):
            self.ring(f"{number:04d}", number // 2)
        first = self.callers()
        older = re.findall(r'href="(\?[^"]*before=[^"]*)"', self.html())[0].replace("&amp;", "&")
        self.call(self.number, at=self.now + timedelta(seconds=1), caller="+12025559999")
        second = self.callers(older)
        assert (len(first), len(second)) == (PAGE, 10)
        assert len({*first, *second}) == PAGE + 10
        newer = re.findall(r'href="(\?[^"]*after=[^"]*)"', self.html(older))[0].replace("&amp;", "&")
        assert self.callers(newer)[-1] == first[-1]


class Live(Log):
    def seen(self, html: str) -> str:
        (stamp,) = re.findall(r'hx-get="/calls/\?[^"]*seen=(\w+)', html)
        return str(stamp)

    def test_a_poll_is_empty_until_something_changes(self) -> None:
        call = self.ring("0100", status="ringing", duration=None)
        stamp = self.seen(self.html())
        assert self.owner.get(f"/calls/?seen={stamp}", headers=HTMX).status_code == 204
        for change in ({"status": "answered"}, {"status": "completed", "duration": 12}):
            Call.objects.filter(pk=call.pk).update(**change)
            answer = self.owner.get(f"/calls/?seen={stamp}", headers=HTMX)
            assert answer.status_code == 200
            assert b"<html" not in answer.content
            stamp = self.seen(answer.content.decode())
        credit_call(call, final=False)
        answer = self.owner.get(f"/calls/?seen={stamp}", headers=HTMX)
        assert "Provisional" in text(answer)
        credit_call(call, final=True)
        answer = self.owner.get(f"/calls/?seen={self.seen(answer.content.decode())}", headers=HTMX)
        assert "Provisional" not in text(answer)
        self.call(self.number, at=self.now + timedelta(seconds=1), caller="+12025550111")
        answer = self.owner.get(f"/calls/?seen={self.seen(answer.content.decode())}", headers=HTMX)
        assert "New call from (202) 555-0111" in answer.content.decode()
        assert "2 calls" in text(answer)

    def test_a_poll_keeps_the_filters(self) -> None:
        assert 'hx-get="/calls/?status=busy&amp;caller=555&amp;seen=' in self.html("?status=busy&caller=555")

    def test_what_htmx_takes_for_a_whole_page_is_one(self) -> None:
        for header in ("HX-Boosted", "HX-History-Restore-Request"):
            assert "<html" in self.html("?status=busy", **HTMX, **{header: "true"})

    def test_an_agent_sees_the_log_and_cannot_take_it_away(self) -> None:
        Membership.objects.filter(user=self.bob).update(role=Membership.Role.AGENT)
        self.ring("0111")
        assert "(202) 555-0111" in self.page("calls", client=self.analyst)
        assert "export.csv" not in self.analyst.get("/calls/").content.decode()
        assert self.analyst.get("/calls/export.csv").status_code == 403
