"""Pages about pools in a real browser: the slider, the charts, on a desk and on a phone, with and without figures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.jobs.run import run_due
from callspring.maintenance.actions import set_maintained
from callspring.maintenance.queries import maintenance
from callspring.maintenance.replaying import ask
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import Pages
from tests.maintenance.world import a_month, calls_of, decided

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}
PICTURES = os.environ.get("POOL_PICTURES")  # a folder, for whoever wants to look at the pages


@pytest.fixture
def story(transactional_db: None) -> Iterator[Pages]:  # noqa: ARG001 - the database has to be there first
    Pages.setUpTestData()
    story = Pages()
    story.setUp()
    yield story
    story.empty_books()


def enter(page: Page, story: Pages, server: LiveServer) -> None:
    """Alice's session, as if she had signed in before."""
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(600)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_is_accessible(visitor: Visitor, live_server: LiveServer, story: Pages, size: str) -> None:
    page = visitor(viewport=SIZES[size])
    enter(page, story, live_server)
    scenario = story.pool(6)
    for state in ("empty", "full"):
        if state == "full":
            calls_of(story, scenario, a_month(story, scenario, 34, days=12))
            decided(scenario, "buy", "too_low", 3, exclusive=346, count=2, from_rest=1, e164s=["+13125550142"] * 2)
            decided(scenario, "nothing", "in_range", 2, exclusive=400)
            decided(scenario, "release", "more_than_needed", 1, numbers=22, count=2, e164s=["+13125550143"] * 2)
            decided(scenario, "nothing", "no_money", 4, exclusive=346, rent=75, funds=10)
            fell = {"shows": 4120, "exclusive": 3870, "lately_shows": 412, "lately_exclusive": 309}
            decided(scenario, "nothing", "in_range", 0, **fell)
            set_maintained(scenario, True)
            ask(scenario)
            run_due()
        for view in ("accuracy", "maintenance", "size", "handing-out"):
            page.goto(f"{live_server.url}/tracking-numbers/{scenario.pk}/{view}/")
            picture(page, f"{view}-{state}-{size}")
            assert_fits(page)
            assert_accessible(page)
    for address in ("", "size/", "size/?peak=0", "size/?peak=20000&visit=7200"):
        page.goto(f"{live_server.url}/tracking-numbers/{address}")
        picture(page, f"table-{address[:4]}{len(address)}-{size}".replace("/", ""))
        assert_fits(page)
        assert_accessible(page)


def test_the_slider_and_typing(visitor: Visitor, live_server: LiveServer, story: Pages) -> None:
    page = visitor()
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/tracking-numbers/size/")
    page.get_by_label("Visitors in the busiest hour").fill("100")
    page.get_by_label("Seconds a visitor stays").fill("140")
    answer = page.locator("#answer")
    target = page.get_by_label("Accuracy you want, in %")
    target.fill("99")
    expect(answer).to_contain_text("16 numbers for 99 % accuracy")
    slider = page.get_by_role("slider")
    expect(slider).to_have_value("99")
    slider.fill("80")
    expect(target).to_have_value("80")
    expect(answer).to_contain_text("for 80 % accuracy")
    assert page.locator("#answer canvas").count() == 1


def test_a_press_switches_maintenance(visitor: Visitor, live_server: LiveServer, story: Pages) -> None:
    page = visitor()
    enter(page, story, live_server)
    scenario = story.pool(2)
    page.goto(f"{live_server.url}/tracking-numbers/{scenario.pk}/maintenance/")
    switch = page.get_by_role("switch", name="Automatic maintenance")
    switch.click()
    expect(page.get_by_role("status")).to_contain_text("is looked after once a day")
    expect(page.get_by_role("switch", name="Automatic maintenance")).to_have_attribute("aria-checked", "true")
    assert maintenance(scenario).enabled
