"""Moving from another product in a real browser: the file, what it comes to, made and undone, wide and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.scenarios.models import Scenario
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
SHOTS = os.environ.get("SHOTS", "")
HEADERS = "Name,Tracking Number(s),Type,Source,Swap Target,Destination Number,Status,Company\n"


@pytest.fixture
def story(transactional_db: None) -> Iterator[Pages]:  # noqa: ARG001 - the database has to be there first
    Pages.setUpTestData()
    story = Pages()
    story.setUp()
    yield story
    story.empty_books()


def looks_right(page: Page, name: str) -> None:
    assert_fits(page)
    assert_accessible(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_a_file_to_scenarios_and_back(
    visitor: Visitor, live_server: LiveServer, story: Pages, size: dict[str, int]
) -> None:
    free = story.numbers(2)
    busy = story.campaign(title="Busy").numbers.get()
    pool = ", ".join([*(one.e164 for one in free), busy.e164, "+13122020001"])
    sheet = HEADERS + f'Website pool,"{pool}",Session,All,800-555-0199,312-555-0123,Active,Harbor\n'
    sheet += "Google Ads,(312) 202-0002,Source,Google Ads,800-555-0199,312-555-0123,Active,Harbor\n"
    sheet += "Organic,(312) 202-0003,Source,Google Organic,800-555-0199,,Active,Harbor\n"
    sheet += "Broken,(312) 20,Source,Yelp,800-555-0199,,Active,Harbor\n"
    page = visitor(viewport=size)
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/settings/numbers/")
    looks_right(page, "import")
    page.get_by_label("File").set_input_files(
        {"name": "trackers.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    )
    page.get_by_role("button", name="See what it comes to").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("6 numbers set up in 3 ways → 3 scenarios")
    looks_right(page, "import-preview")
    page.get_by_label("Ring this number").fill("")
    page.get_by_role("button", name="Look again").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("6 numbers set up in 3 ways → 2 scenarios")
    looks_right(page, "import-obstacle")
    page.get_by_role("button", name="Make 2 scenarios").press("Enter")
    expect(page.get_by_text("2 scenarios are made. They are off.")).to_be_visible()
    looks_right(page, "import-done")
    assert Scenario.objects.get(name="Website pool").numbers.count() == 2
    page.get_by_role("button", name="Undo the import").press("Enter")
    expect(page.get_by_text("2 scenarios are gone.")).to_be_visible()
    assert [one.name for one in Scenario.objects.all()] == ["Busy"]
