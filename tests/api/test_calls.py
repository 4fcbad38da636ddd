"""`/calls`: what a call says, which calls are found, page by page."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from callspring.calls.leads import Lead, set_lead
from callspring.calls.models import Call, Credit
from callspring.ids import new_id
from callspring.visits.models import PageView
from tests.api.story import ApiStory
from tests.stories import NOON, TARGET


class OneCall(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(1)
        self.number = self.scenario.numbers.get()
        self.seen = self.visit(
            medium="email",
            campaign="first-frost",
            keyword="boiler",
            ip="203.0.113.7",
            country="US",
            region="Illinois",
            city="Chicago",
            os="iOS",
            browser="Safari",
        )
        self.page = PageView.objects.create(
            id=UUID(new_id()),
            company=self.company,
            visit=self.seen.pk,
            url="https://shop.example/boilers",
            title="Boilers",
            started_at=NOON,
            last_active_at=NOON,
        )
        self.made = self.call(
            self.number,
            started_at=NOON,
            answered_at=NOON + timedelta(seconds=4),
            ended_at=NOON + timedelta(seconds=65),
            destination=TARGET,
        )

    def give_credit(self) -> Credit:
        candidate = {
            "visit": str(self.seen.pk),
            "visit_number": self.seen.number,
            "probability": 0.95,
            "evidence": [{"kind": "tel_click", "seconds": 3}, {"kind": "exclusive"}],
        }
        return self.credit(
            self.made,
            self.seen,
            medium="email",
            campaign="first-frost",
            keyword="boiler",
            page_view=self.page.pk,
            candidates=[candidate],
        )

    def test_everything_known_of_it(self) -> None:
        self.give_credit()
        lead = Lead(("VIP",), "Wants a boiler.", Decimal("1250.50"), "USD", qualified=True)
        set_lead(self.made, self.alice, lead)
        assert self.get(f"calls/{self.made.pk}") == {
            "id": str(self.made.pk),
            "caller": "+13125550177",
            "dialled": self.number.e164,
            "number": {"id": self.number.pk, "e164": self.number.e164},
            "scenario": {"id": self.scenario.pk, "name": "Everyone"},
            "status": "completed",
            "started_at": "2026-03-02T12:00:00Z",
            "answered_at": "2026-03-02T12:00:04Z",
            "ended_at": "2026-03-02T12:01:05Z",
            "duration": 61,
            "destination": TARGET,
            "flag": "",
            "flag_reasons": [],
            "attestation": "",
            "tags": ["VIP"],
            "note": "Wants a boiler.",
            "value": "1250.50",
            "currency": "USD",
            "qualified": True,
            "credit": {
                "stage": "provisional",
                "basis": "holder",
                "grade": "certain",
                "model": "first",
                "probability": 0.95,
                "source_probability": None,
                "stranger": None,
                "confirmed": False,
                "sources": [],
                "shares": [],
                "visit": str(self.seen.pk),
                "visit_number": self.seen.number,
                "source": "newsletter",
                "medium": "email",
                "campaign": "first-frost",
                "keyword": "boiler",
                "channel": "email",
                "page_being_viewed": {"url": "https://shop.example/boilers", "title": "Boilers"},
                "ip": "203.0.113.7",
                "country": "US",
                "region": "Illinois",
                "city": "Chicago",
                "os": "iOS",
                "browser": "Safari",
                "candidates": [
                    {
                        "visit": str(self.seen.pk),
                        "visit_number": self.seen.number,
                        "probability": 0.95,
                        "evidence": [
                            {"kind": "tel_click", "seconds": 3},
                            {"kind": "exclusive", "seconds": None},
                        ],
                    }
                ],
            },
        }

    def test_the_list_says_the_same(self) -> None:
        self.give_credit()
        assert self.get("calls")["items"] == [self.get(f"calls/{self.made.pk}")]

    def test_not_yet_credited(self) -> None:
        assert self.get(f"calls/{self.made.pk}")["credit"] is None

    def test_only_the_credit_in_force_counts(self) -> None:
        self.give_credit()
        Credit.objects.update(current=False)
        self.credit(self.made, version=2, stage="final", source="google", channel="paid_search")
        credit = self.get(f"calls/{self.made.pk}")["credit"]
        assert (credit["source"], credit["stage"], credit["visit"], credit["city"]) == ("google", "final", None, "")
        assert self.ids("calls", source="newsletter") == []
        assert self.ids("calls", source="google") == [str(self.made.pk)]

    def test_the_outsider_finds_nothing(self) -> None:
        self.give_credit()
        assert self.get("calls", key=self.charlies)["items"] == []
        for filters in ({"number": self.number.e164}, {"scenario": self.scenario.pk}, {"source": "newsletter"}):
            assert self.get("calls", key=self.charlies, **filters)["items"] == []
        self.get(f"calls/{self.made.pk}", key=self.charlies, expect=404)

    def test_a_visit_of_another_company_is_never_told(self) -> None:
        """Even if a credit named one."""
        theirs = self.visit(self.elsewhere, ip="198.51.100.1", city="Secret")
        self.credit(self.made, theirs)
        credit = self.get(f"calls/{self.made.pk}")["credit"]
        assert (credit["ip"], credit["city"]) == (None, "")

    def test_a_call_that_does_not_exist(self) -> None:
        assert self.get(f"calls/{uuid4()}", expect=404) == {"detail": "There is no such call."}


class Filters(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.one, self.other = self.pool(1), self.campaign()
        self.early = self.call(self.one.numbers.get(), NOON, caller="+13125550101")
        self.late = self.call(self.other.numbers.get(), NOON + timedelta(hours=1), caller="", status="busy")
        self.credit(self.early, self.visit())
        self.credit(self.late, source="search engines", channel="organic_search", grade="likely")

    def found(self, **query: object) -> list[str]:
        names = {str(self.early.pk): "early", str(self.late.pk): "late"}
        return [names[call] for call in self.ids("calls", **query)]

    def test_newest_first(self) -> None:
        assert self.found() == ["late", "early"]

    def test_time_from_is_included_and_to_is_not(self) -> None:
        assert self.found(**{"from": "2026-03-02T12:00:01Z"}) == ["late"]
        assert self.found(**{"from": "2026-03-02T12:00:00Z", "to": "2026-03-02T13:00:00Z"}) == ["early"]

    def test_times_have_offsets(self) -> None:
        assert self.found(to="2026-03-02T06:00:01-06:00") == ["early"]
        assert self.found(to="2026-03-02T12:00:01") == ["early"]

    def test_each_other_filter(self) -> None:
        assert self.found(source="newsletter") == ["early"]
        assert self.found(channel="organic_search") == ["late"]
        assert self.found(status="busy") == ["late"]
        assert self.found(grade="certain") == ["early"]
        assert self.found(number=self.early.dialled) == ["early"]
        assert self.found(scenario=self.other.pk) == ["late"]
        assert self.found(caller="+13125550101") == ["early"]

    def test_a_plus_that_was_not_escaped(self) -> None:
        assert self.found(caller=" 13125550101") == self.found(caller="13125550101") == ["early"]

    def test_filters_join(self) -> None:
        assert self.found(source="newsletter", grade="certain", status="completed") == ["early"]
        assert self.found(source="newsletter", grade="likely") == []

    def test_hostile_values_are_refused_with_words(self) -> None:
        for name, value in [
            ("source", "a\x00b"),
            ("source", "x" * 301),
            ("from", "yesterday"),
            ("from", "0001-01-01T00:00:00+14:00"),
            ("to", "9999-12-31T23:59:59-14:00"),
            ("scenario", "1e3"),
            ("scenario", str(2**63)),
            ("number", "' OR 1=1"),
            ("caller", "+1\x00"),
            ("status", "sleeping"),
            ("grade", "\x00"),
            ("limit", "0"),
            ("limit", "201"),
        ]:
            detail = self.get("calls", expect=422, **{name: value})["detail"]
            assert detail[0]["loc"][-1] == name, detail


class Pages(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        number = self.campaign().numbers.get()
        # Several in the same microsecond, so that only the id tells them apart.
        self.all = [self.call(number, NOON + timedelta(microseconds=i // 3)) for i in range(10)]

    def walk(self, limit: int) -> list[str]:
        seen, cursor = [], ""
        while True:
            page = self.get("calls", limit=limit, cursor=cursor)
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                return seen
            cursor = page["next"]

    def test_every_page_size_meets_each_call_once_in_one_order(self) -> None:
        whole = self.ids("calls")
        assert len(set(whole)) == 10
        for limit in (1, 2, 3, 5, 10, 11):
            assert self.walk(limit) == whole

    def test_a_full_last_page_has_no_next(self) -> None:
        assert self.get("calls", limit=10)["next"] is None
        assert self.get("calls", limit=9)["next"] is not None

    def test_what_comes_in_meanwhile_moves_nothing(self) -> None:
        first = self.get("calls", limit=4)
        self.call(self.all[0].number or self.numbers(1)[0], NOON + timedelta(hours=1))
        rest = self.get("calls", limit=50, cursor=first["next"])
        together = [item["id"] for item in first["items"] + rest["items"]]
        assert sorted(together) == sorted(str(call.pk) for call in self.all)

    def test_the_page_after_keeps_the_filter(self) -> None:
        Call.objects.filter(pk__in=[call.pk for call in self.all[::2]]).update(status="busy")
        first = self.get("calls", limit=2, status="busy")
        rest = self.get("calls", limit=50, status="busy", cursor=first["next"])
        assert len(first["items"] + rest["items"]) == 5

    def test_a_bad_cursor_is_named(self) -> None:
        def packed(text: str) -> str:
            return urlsafe_b64encode(text.encode()).decode().rstrip("=")

        for cursor in (
            "x",
            "ü",
            "!!!!",
            packed("1|2"),
            packed("1"),
            packed("|"),
            packed(f"{10**30}|{uuid4()}"),
            packed(f"-{10**17}|{uuid4()}"),
            packed(f"1e5|{uuid4()}"),
        ):
            assert "not one that the API gave" in self.get("calls", expect=400, cursor=cursor)["detail"], cursor
        self.get("numbers", expect=400, cursor=packed(f"1|{2**63}"))

    def test_the_outsider_gains_nothing_by_our_cursor(self) -> None:
        cursor = self.get("calls", limit=4)["next"]
        assert self.get("calls", key=self.charlies, cursor=cursor) == {"items": [], "next": None}

    def test_it_takes_the_same_queries_for_many(self) -> None:
        for call in self.all:
            self.credit(call, self.visit())
        with self.assertNumQueries(6):  # the key, calls, credits, shares, tags, visits; no credit names a page view
            self.get("calls", limit=50)
