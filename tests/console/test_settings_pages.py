"""Dashboard, numbers, integrations, company."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from callspring.accounts.queries import key_in_force
from callspring.calls.models import Call
from callspring.numbers.models import Number
from callspring.visits.models import DropCount
from tests.console.pages import Pages, text


class Dashboard(Pages):
    def test_a_new_company_is_led_to_its_first_call(self) -> None:
        page = self.page("dashboard")
        assert "Three steps to your first credited call" in page
        assert f"{settings.CONFIG.doors_url}/cs/{self.company.key}.js" in page
        assert "Visitors" not in page

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
        assert "newsletter 2 1 1" in page
        html = self.owner.get("/?period=7").content.decode()
        (trend,) = re.findall(r'id="trend-data" type="application/json">(.*?)</script>', html)
        option = json.loads(trend)
        assert [sum(series["data"]) for series in option["series"]] == [2, 1]
        assert len(option["xAxis"]["data"]) == 7
        assert "Visits 6" in self.page("dashboard", query="?period=30")
        assert "by hour" in self.page("dashboard", query="?period=today")
        assert "by day" in self.page("dashboard", query="?period=nonsense")


class Numbers(Pages):
    def test_only_those_that_no_scenario_uses(self) -> None:
        used = self.campaign().numbers.get()
        other = self.numbers(1)[0]
        page = self.page("numbers")
        assert other.e164[-4:] in page
        assert used.e164[-4:] not in page
        assert "1 more is a tracking number" in page

    def test_none(self) -> None:
        assert "No other numbers" in self.page("numbers")


class Integrations(Pages):
    def test_the_line(self) -> None:
        line = f'<script async src="{settings.CONFIG.doors_url}/cs/{self.company.key}.js"></script>'
        assert line in self.page("integrations")

    def test_hosts(self) -> None:
        site = self.site()
        address = f"/settings/integrations/sites/{site.pk}/"
        names = {"name": f"site-{site.pk}-name", "hosts": f"site-{site.pk}-hosts"}
        self.owner.post(address, {names["name"]: "Shop", names["hosts"]: "https://www.New.example/x\nshop.example"})
        assert self.site().hosts == ["new.example", "shop.example"]
        wrong = self.owner.post(address, {names["name"]: "Shop", names["hosts"]: "what is this"})
        assert "is not a host name" in text(wrong)
        assert "what is this</textarea>" in wrong.content.decode()
        assert self.site().hosts == ["new.example", "shop.example"]

    def test_another_site(self) -> None:
        self.owner.post("/settings/integrations/sites/", {"new-name": "Blog", "new-hosts": "blog.example"})
        assert "blog.example" in self.page("integrations")
        taken = self.owner.post("/settings/integrations/sites/", {"new-name": "Copy", "new-hosts": "blog.example"})
        assert "belongs to the site “Blog”" in text(taken)

    def test_drops_are_explained(self) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        DropCount.objects.create(company=self.company.pk, reason="unknown_host", host="x.example", hour=hour, count=7)
        page = self.page("integrations")
        assert "Add the host if it is yours." in page
        assert "x.example · reason unknown_host" in page
        assert "x.example" not in self.page("integrations", client=self.outsider)

    def test_a_key_is_shown_once(self) -> None:
        made = self.owner.post("/settings/integrations/api-keys/", {"label": "Report"})
        (plain,) = re.findall(r"cs_[\w-]{20,}", text(made))
        key = key_in_force(plain)
        assert key is not None
        assert key.company == self.company
        assert plain not in self.page("integrations")
        assert plain[:10] in self.page("integrations")
        self.owner.post(f"/settings/integrations/api-keys/{key.pk}/revoke/")
        assert key_in_force(plain) is None
        assert plain[:10] not in self.page("integrations")

    def test_a_key_needs_a_label(self) -> None:
        assert "This field is required." in text(self.owner.post("/settings/integrations/api-keys/", {"label": " "}))


class Company(Pages):
    def test_name_and_zone(self) -> None:
        self.owner.post("/settings/company/", {"name": "Pine", "zone": "Asia/Kathmandu"})
        self.company.refresh_from_db()
        assert (self.company.name, self.company.zone) == ("Pine", "Asia/Kathmandu")
        assert "Asia/Kathmandu" in self.page("calls")

    def test_a_zone_that_does_not_exist(self) -> None:
        answer = self.owner.post("/settings/company/", {"name": "Pine", "zone": "Mars/Olympus"})
        assert "Select a valid choice" in text(answer)
        assert "America/Chicago" in self.page("calls")
