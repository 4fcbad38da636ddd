"""The call log as a file: read back as a program and a spreadsheet would."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.leads import Lead, set_lead
from callspring.calls.models import Flag
from callspring.console import call_log
from callspring.console.call_csv import safe
from callspring.console.log_query import LogQuery
from callspring.console.spans import Span
from callspring.visits.models import PageView
from tests.console.pages import Pages

AT = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 01:30 in Chicago; half an hour later the clock jumps
HOSTILE = ("=cmd|' /C calc'!A0", "+1+cmd()", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", 'a","b\r\nc', "<script>")


class Export(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.campaign(title='@Home, "sweet" home').numbers.get()

    def rows(self, query: str = "") -> list[dict[str, str]]:
        response = self.owner.get(f"/calls/export.csv{query}")
        assert response.status_code == 200
        return list(csv.DictReader(io.StringIO(self.content(response), newline="")))

    def content(self, response: Any) -> str:
        return b"".join(response.streaming_content).decode("utf-8")

    def test_a_row_has_everything(self) -> None:
        call = self.call(
            self.number, at=AT, duration=125, answered_at=AT + timedelta(seconds=9), ended_at=AT + timedelta(hours=1),
            caller_name="Ann", destination="+18005550199",
        )  # fmt: skip
        visit = self.visit(
            landing_url="https://shop.example/?gclid=x", referrer="https://google.com/", click_ids={"gclid": "x"},
            country="US", region="Illinois", city="Oak Park", device="phone", os="iOS", browser="Safari",
        )  # fmt: skip
        page = PageView.objects.create(
            id=visit.pk, company=self.company, visit=visit.pk, url="https://shop.example/drains", title="Drains",
            started_at=AT, last_active_at=AT,
        )  # fmt: skip
        self.credit(call, visit, medium="cpc", campaign="drains", keyword="plumber", page_view=page.pk)
        set_lead(call, self.alice, Lead(("VIP",), "=SUM(A1)", Decimal("1250.50"), "USD", qualified=True))
        (row,) = self.rows()
        assert row == {
            "call id": str(call.pk),
            "started (America/Chicago)": "2026-03-08T01:30:00-06:00",
            "started (UTC)": "2026-03-08T07:30:00+00:00",
            "answered (local time)": "2026-03-08T01:30:09-06:00",
            "ended (local time)": "2026-03-08T03:30:00-05:00",
            "caller": "+13125550177", "caller name": "Ann", "dialled number": self.number.e164,
            "scenario": "'@Home, \"sweet\" home", "destination": "+18005550199", "status": "Answered",
            "answered": "yes", "seconds talked": "125", "first-time caller": "yes", "flag": "Counts",
            "tags": "VIP", "qualified lead": "yes", "value": "1250.50", "currency": "USD", "note": "'=SUM(A1)",
            "source": "newsletter", "medium": "cpc", "campaign": "drains", "keyword": "plumber", "channel": "Email",
            "grade": "Certain", "probability": "0.950", "credited on": "The visitor who held the number",
            "final": "no", "visit number": "1",
            "landing page": "https://shop.example/?gclid=x", "referrer": "https://google.com/", "click ids": "gclid=x",
            "country": "US", "region": "Illinois", "city": "Oak Park", "device": "phone", "os": "iOS",
            "browser": "Safari", "page when calling": "https://shop.example/drains", "page title": "Drains",
        }  # fmt: skip

    def test_what_strangers_write_runs_in_no_spreadsheet(self) -> None:
        for number, text in enumerate(HOSTILE):
            call = self.call(self.number, at=AT + timedelta(minutes=number), caller_name=text)
            visit = self.visit(landing_url=text, referrer=text, city=text)
            self.credit(call, visit, source=text, campaign=text, keyword=text)
        rows = self.rows("?sort=oldest")
        assert len(rows) == len(HOSTILE)
        for text, row in zip(HOSTILE, rows, strict=True):
            for column in ("caller name", "source", "campaign", "keyword", "landing page", "referrer", "city"):
                assert row[column].removeprefix("'") == text
                assert row[column][0] not in "=+-@\t\r＝"
            assert row["caller"] == "+13125550177"

    def test_it_is_exactly_what_is_filtered(self) -> None:
        for number, flag in enumerate((Flag.NONE, Flag.NONE, Flag.SPAM)):
            self.call(self.number, at=AT + timedelta(hours=number), flag=flag, status="busy" if number else "completed")
        self.call(self.numbers(1, self.elsewhere)[0], at=AT)
        assert [row["status"] for row in self.rows()] == ["Busy", "Answered"]
        assert [row["status"] for row in self.rows("?status=busy")] == ["Busy"]
        assert [row["flag"] for row in self.rows("?status=busy&flag=all&sort=oldest")] == ["Counts", "Spam"]
        assert self.rows("?from=2026-03-01&to=2026-03-07") == []
        assert len(self.rows("?sort=longest")) == 2
        response = self.outsider.get("/calls/export.csv")
        assert self.content(response).count("\r\n") == 2  # the header, and their own call

    def test_its_name_says_whose_and_when(self) -> None:
        named = {
            "": r'attachment; filename="calls-harbor-pine-',
            "?from=2026-03-01&to=2026-03-07": '"calls-harbor-pine-2026-03-01-to-2026-03-07.csv"',
            "?from=2026-03-01&to=2026-03-01": '"calls-harbor-pine-2026-03-01.csv"',
        }
        for query, name in named.items():
            assert name in self.owner.get(f"/calls/export.csv{query}").headers["Content-Disposition"]
        self.company.name = 'Ж" \r\nSet-Cookie: x'
        self.company.save()
        header = self.owner.get("/calls/export.csv").headers["Content-Disposition"]
        assert header.startswith("attachment; filename*=utf-8''calls-%D0%B6-set-cookie-x-")

    def test_a_mark_for_excel(self) -> None:
        plain, excel = (self.content(self.owner.get(f"/calls/export.csv{query}")) for query in ("", "?for=excel"))
        assert excel == "\N{ZERO WIDTH NO-BREAK SPACE}" + plain

    def test_it_is_read_piece_by_piece(self) -> None:
        """Each piece asks for its own calls and nothing of the others: memory does not grow with the log."""
        for number in range(25):
            self.call(self.number, at=AT + timedelta(seconds=number // 2))
        asked = LogQuery(Span(""), ())
        with CaptureQueriesContext(connection) as queries:
            pieces = call_log.each(self.company, asked, 10)
            assert len(queries) == 0
            assert len(next(pieces)) == 10
            once = len(queries)
            rest = [row for piece in pieces for row in piece]
        assert once <= 4
        assert len(queries) <= 4 * once
        assert len(rest) == 15
        assert len({row.call.pk for row in rest}) == 15


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula_unless_it_is_a_telephone_number(text: str) -> None:
    cell = safe(text)
    assert cell.removeprefix("'").endswith(text.replace("\0", "").removeprefix("'"))
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
        assert cell[1:].isascii()
        assert cell[1:].isdigit()
