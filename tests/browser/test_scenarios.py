"""The table of scenarios in a real browser: by keyboard, by dragging, on a phone; and the numbers of one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.console.scenario_table import PAGE
from callspring.maintenance.hours import rebuild, work_out
from callspring.numbers.models import Connection, NumberOrder
from callspring.numbers.queries import numbers
from callspring.scenarios import membership
from callspring.scenarios.models import Scenario, WantedNumber
from callspring.scenarios.queries import scenarios
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
SHOTS = os.environ.get("SHOTS", "")


class Table(Pages):
    def fill(self) -> None:
        self.everyone = self.pool(8, title="Everyone else")
        self.search = self.campaign(title="Google search")
        self.ads = self.campaign(title="Google Ads", strategy="url_parameter", name="gclid")
        self.flyer = self.campaign(title="Flyer QR code", strategy="landing_page", value="/flyer", enabled=False)
        self.again = self.campaign(title="Search engines, a second one with a rather long name")
        for number in self.everyone.numbers.all()[:3]:
            now = timezone.now() - timedelta(hours=1)
            visit = self.visit(at=now)
            self.show(visit, number)
            self.credit(self.call(number, at=now), visit)
        rebuild()
        work_out()
        membership.take_out(self.everyone, list(self.everyone.numbers.all()[6:]))
        self.numbers(1)
        self.wait()

    def wait(self) -> None:
        """One number waits for approval, and one could not be had."""
        rule, sandbox = self.again.rules.get(), Connection.objects.get(company=self.company)
        WantedNumber.objects.create(scenario=self.again, rule=rule, connection=sandbox, e164="+13125550198")
        about = {"company": self.company, "connection": sandbox, "rule": rule, "scenario": self.again}
        NumberOrder.objects.create(e164="+13125550197", state=NumberOrder.State.FAILED, **about)

    def many(self) -> None:
        """More than fit on a page of the table."""
        about = {"company": self.company, "flow": self.again.flow}
        Scenario.objects.bulk_create(Scenario(name=f"S{at}", position=10 + at, **about) for at in range(PAGE))

    def order(self) -> list[str]:
        return [one.name for one in scenarios(self.company)]


@pytest.fixture
def story(transactional_db: None) -> Iterator[Table]:  # noqa: ARG001 - the database has to be there first
    Table.setUpTestData()
    story = Table()
    story.setUp()
    story.fill()
    yield story
    story.empty_books()


def enter(page: Page, story: Pages, server: LiveServer, path: str = "/tracking-numbers/") -> None:
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
    page.goto(server.url + path)


def looks_right(page: Page, name: str) -> None:
    assert_fits(page)
    assert_accessible(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def titles(page: Page) -> list[str]:
    return page.locator(".cs-scenarios tbody .is-name > b").all_inner_texts()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_fit_and_are_accessible(
    visitor: Visitor, live_server: LiveServer, story: Table, size: dict[str, int]
) -> None:
    page = visitor(viewport=size)
    enter(page, story, live_server)
    looks_right(page, "table")
    for unfold in page.locator(".cs-scenarios tr").nth(2).locator("summary").all():
        unfold.click()
    looks_right(page, "table-open")
    pool = story.everyone.pk
    for path, name in (
        (f"/tracking-numbers/{pool}/numbers/", "numbers-of"),
        (f"/tracking-numbers/{pool}/delete/", "delete"),
        ("/numbers/", "numbers"),
        ("/numbers/port-ins/", "port-ins"),
        ("/settings/billing/", "billing"),
    ):
        page.goto(live_server.url + path)
        looks_right(page, name)


def test_sorting_searching_and_totals_by_keyboard(page: Page, live_server: LiveServer, story: Table) -> None:
    enter(page, story, live_server)
    page.evaluate("window.notReloaded = true")
    page.get_by_role("link", name="Calls", exact=True).nth(1).press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Calls")
    assert titles(page)[0] == "Everyone else"
    expect(page.locator("tfoot")).to_contain_text("5 scenarios")
    page.keyboard.press("/")
    page.keyboard.type("google")
    expect(page.locator("tfoot")).to_contain_text("2 scenarios")
    expect(page).to_have_url(re.compile(r"q=google"))
    assert set(titles(page)) == {"Google search", "Google Ads"}
    expect(page.get_by_role("button", name="Move Google Ads up")).to_have_count(0)  # only the whole order is arranged
    page.get_by_label("Search scenarios").fill("no such thing")
    expect(page.get_by_role("heading", name="No such scenario")).to_be_visible()
    assert page.evaluate("window.notReloaded")


def test_the_order_by_keyboard_and_by_dragging(page: Page, live_server: LiveServer, story: Table) -> None:
    enter(page, story, live_server)
    assert titles(page) == story.order()
    up = page.get_by_role("button", name="Move Search engines, a second one with a rather long name up")
    up.press("Enter")
    expect(page.locator(".cs-scenarios tbody .is-name > b").nth(3)).to_contain_text("Search engines")
    assert page.evaluate("document.activeElement.id") == f"up-{story.again.pk}"
    page.keyboard.press("Enter")
    expect(page.locator(".cs-scenarios tbody .is-name > b").nth(2)).to_contain_text("Search engines")
    grips = page.locator(".cs-grip")
    grips.nth(0).drag_to(page.locator(".cs-scenarios tbody tr").nth(3), target_position={"x": 200, "y": 70})
    expect(page.locator(".cs-scenarios tbody .is-name > b").nth(3)).to_have_text("Everyone else")
    expect(page.locator(".is-dragged")).to_have_count(0)
    page.reload()
    assert titles(page) == story.order()
    assert story.order().index("Everyone else") == 3
    first = page.locator("tr", has=page.get_by_text("Google Ads", exact=True))
    expect(first.locator("summary").first).to_have_text("Goes first of 4")


def test_more_than_a_page_is_put_into_order(page: Page, live_server: LiveServer, story: Table) -> None:
    story.many()
    enter(page, story, live_server, "/tracking-numbers/?page=1")
    looks_right(page, "table-second-page")
    assert titles(page) == story.order()[PAGE:]
    page.evaluate("window.notReloaded = true")
    place = page.get_by_label(re.compile("^Place of S99:"))
    place.fill("2")
    place.press("Enter")
    expect(page.get_by_label(re.compile("^Place of S99:"))).to_have_count(0)  # it is on the first page now
    assert story.order()[1] == "S99"
    page.get_by_role("button", name="Move S95 down").press("Enter")
    expect(page.locator(".cs-scenarios tbody .is-name > b").first).to_have_text("S94")
    expect(page.locator(".cs-scenarios tbody .is-name > b").nth(2)).to_have_text("S95")
    assert titles(page) == story.order()[PAGE:]
    assert page.evaluate("window.notReloaded")


def test_switching_deleting_and_bringing_back(page: Page, live_server: LiveServer, story: Table) -> None:
    enter(page, story, live_server)
    page.get_by_role("switch", name="Flyer QR code").press("Space")
    expect(page.get_by_role("switch", name="Flyer QR code")).to_have_attribute("aria-checked", "true")
    page.get_by_role("link", name="Delete Flyer QR code").press("Enter")
    expect(page.get_by_text("it is enough to turn it off")).to_be_visible()
    page.get_by_role("button", name="Delete it").press("Enter")
    expect(page.get_by_text("“Flyer QR code” is deleted. Its number rests.")).to_be_visible()
    looks_right(page, "deleted")
    assert "Flyer QR code" not in titles(page)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("“Flyer QR code” is there again, with 1 number.")).to_be_visible()
    expect(page.get_by_role("switch", name="Flyer QR code")).to_have_attribute("aria-checked", "false")
    assert story.flyer.numbers.count() == 1


def test_a_larger_pool_takes_what_rests_and_buys_the_rest(page: Page, live_server: LiveServer, story: Table) -> None:
    enter(page, story, live_server, f"/tracking-numbers/{story.everyone.pk}/numbers/")
    page.get_by_label("Numbers in the pool").fill("10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 numbers come back from their rest")).to_be_visible()
    expect(page.get_by_role("heading", name="1 free number goes in")).to_be_visible()
    looks_right(page, "pool-size")
    page.get_by_role("button", name="Buy 1 number for $0.75").press("Enter")
    expect(page.get_by_text("0 of 1 number is yours.")).to_be_visible()
    assert story.everyone.numbers.count() == 9
    page.goto(f"{live_server.url}/tracking-numbers/{story.everyone.pk}/numbers/")
    page.get_by_label("Numbers in the pool").fill("5")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("heading", name="5 numbers rest for 14 days")).to_be_visible()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("5 numbers rest.")).to_be_visible()
    assert numbers(story.company).filter(state="resting").count() == 5
