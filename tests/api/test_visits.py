"""`/visits`: what a visit says, which visits are found, what happened in one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from callspring.ids import new_id
from callspring.visits.models import PageView, VisitEvent
from tests.api.story import ApiStory
from tests.stories import NOON, TARGET


class Visits(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.pool(1).numbers.get()
        self.early = self.visit(ip="203.0.113.7", os="iOS", click_ids={"gclid": "x"})
        self.late = self.visit(at=NOON + timedelta(hours=1), source="", channel="direct")

    def test_everything_known_of_it(self) -> None:
        found = self.get("visits", source="newsletter")["items"]
        assert found == [
            {
                "id": str(self.early.pk),
                "number": self.early.number,
                "visitor": str(self.early.visitor),
                "is_first": True,
                "started_at": "2026-03-02T12:00:00Z",
                "last_active_at": "2026-03-02T12:00:00Z",
                "landing_url": "https://shop.example/",
                "referrer": "",
                "source": "newsletter",
                "medium": "",
                "campaign": "",
                "keyword": "",
                "channel": "email",
                "stored_source": {},
                "click_ids": {"gclid": "x"},
                "ip": "203.0.113.7",
                "country": "",
                "region": "",
                "city": "",
                "os": "iOS",
                "browser": "",
                "device": "",
                "zone": "",
            }
        ]

    def test_filters(self) -> None:
        early, late = str(self.early.pk), str(self.late.pk)
        assert self.ids("visits") == [late, early]
        assert self.ids("visits", **{"from": "2026-03-02T12:00:01Z"}) == [late]
        assert self.ids("visits", to="2026-03-02T13:00:00Z") == [early]
        assert self.ids("visits", channel="direct") == [late]
        assert self.ids("visits", visit_number=self.late.number) == [late]

    def test_by_the_number_that_was_shown(self) -> None:
        self.show(self.early, self.number)
        self.show(self.late, self.number, shown_at=None)
        assert self.ids("visits", number=self.number.e164) == [str(self.early.pk)]
        assert self.ids("visits", number=TARGET) == []

    def test_pages(self) -> None:
        first = self.get("visits", limit=1)
        second = self.get("visits", limit=1, cursor=first["next"])
        assert [first["items"][0]["id"], second["items"][0]["id"]] == [str(self.late.pk), str(self.early.pk)]
        assert second["next"] is None

    def test_the_timeline_before_and_after_the_call(self) -> None:
        page = {"company": self.company, "visit": self.early.pk, "last_active_at": NOON}
        for second, name in ((0, "home"), (40, "thanks")):
            PageView.objects.create(
                id=UUID(new_id()),
                url=f"https://shop.example/{name}",
                title=name,
                started_at=NOON + timedelta(seconds=second),
                **page,
            )
        VisitEvent.objects.create(
            id=UUID(new_id()),
            company=self.company,
            visit=self.early.pk,
            page_view=uuid4(),
            kind="tel_click",
            name=self.number.e164,
            at=NOON + timedelta(seconds=20),
        )
        self.show(self.early, self.number, shown_at=NOON + timedelta(seconds=1))
        made = self.call(self.number, NOON + timedelta(seconds=30))
        self.credit(made, self.early)
        timeline = self.get(f"visits/{self.early.pk}")["timeline"]
        assert [(moment["kind"], moment["title"] or moment["name"]) for moment in timeline] == [
            ("page_view", "home"),
            ("show", ""),
            ("tel_click", self.number.e164),
            ("call", "completed"),
            ("page_view", "thanks"),
        ]
        assert timeline[1]["number"] == self.number.pk
        assert timeline[3]["call"] == str(made.pk)

    def test_the_outsider_finds_nothing(self) -> None:
        self.show(self.early, self.number)
        assert self.get("visits", key=self.charlies)["items"] == []
        assert self.get("visits", key=self.charlies, number=self.number.e164)["items"] == []
        assert self.get("visits", key=self.charlies, visit_number=1)["items"] == []
        self.get(f"visits/{self.early.pk}", key=self.charlies, expect=404)

    def test_a_visit_that_does_not_exist(self) -> None:
        assert self.get(f"visits/{uuid4()}", expect=404) == {"detail": "There is no such visit."}
