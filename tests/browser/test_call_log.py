"""The call log and the dashboard in a real browser: keyboard, filters without losing the place, views, live figures,
what a phone shows, and what is said when the server is out of reach."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.calls.models import Call
from callspring.console.log_columns import COLUMNS
from callspring.console.models import PageChoice, SavedView
from callspring.visits.models import DropCount
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.browser.test_console import DESK, PHONE, Shop, enter, shop

__all__ = ["shop"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def open_log(page: Page, shop: Shop, server: LiveServer, query: str = "") -> None:
    enter(page, shop, server)
    page.goto(f"{server.url}/calls/{query}")
    page.evaluate("window.notReloaded = true")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_by_keyboard_alone(page: Page, live_server: LiveServer, shop: Shop) -> None:
    open_log(page, shop, live_server)
    first, second = (f"call-{call.pk}" for call in Call.objects.order_by("-started_at")[:2])
    for key, at in (("j", first), ("j", second), ("k", first), ("j", second)):
        page.keyboard.press(key)
        assert focused(page) == at
    page.keyboard.press("/")
    assert focused(page) == "caller"
    page.keyboard.type("jf?k999")  # a field takes what is typed
    expect(page.get_by_label("Caller's number")).to_have_value("jf?k999")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#f-source")).to_be_visible()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("j")  # nothing behind the dialog
    dialog.get_by_label("Single keys do this").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator(f"#{first}").focus()
    page.keyboard.press("j")
    assert focused(page) == first
    page.keyboard.press("?")  # and back on
    dialog.get_by_label("Single keys do this").check()
    page.keyboard.press("Escape")
    page.locator(f"#{first}").focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/calls/{second.removeprefix('call-')}/")


def test_filters_are_in_the_address_and_nobody_loses_their_place(
    page: Page, live_server: LiveServer, shop: Shop
) -> None:
    open_log(page, shop, live_server)
    rows = page.locator(".cs-calls tbody tr")
    expect(rows).to_have_count(3)
    page.locator("#filter-fold > summary").click()
    page.locator("#f-status").focus()
    page.locator("#f-status").select_option("no-answer")
    expect(page).to_have_url(f"{live_server.url}/calls/?status=no-answer")
    expect(rows).to_have_count(1)
    expect(page.locator("#f-source")).to_be_visible()  # the panel is still open
    assert focused(page) == "f-status"
    page.locator("#f-status").select_option("completed")
    expect(page).to_have_url(f"{live_server.url}/calls/?status=no-answer&status=completed")
    expect(rows).to_have_count(3)
    page.get_by_label("Caller's number").fill("555 0177")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("Caller’s number: 5550177"))).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name=re.compile("Caller’s number"))).to_have_count(0)
    expect(rows).to_have_count(3)
    page.get_by_role("link", name=re.compile("Status: Missed")).click()
    expect(rows).to_have_count(2)
    page.get_by_role("link", name=re.compile("Status: Answered")).click()
    expect(page).to_have_url(f"{live_server.url}/calls/?view=all")
    expect(rows).to_have_count(3)
    page.get_by_role("link", name="Duration").click()
    expect(page).to_have_url(f"{live_server.url}/calls/?sort=longest")
    expect(page.get_by_role("columnheader", name="Duration")).to_have_attribute("aria-sort", "descending")
    assert page.evaluate("window.notReloaded")


def test_filters_need_no_script(visitor: Visitor, live_server: LiveServer, shop: Shop) -> None:
    page = visitor(java_script_enabled=False)
    enter(page, shop, live_server)
    page.goto(f"{live_server.url}/calls/")
    page.locator("#filter-fold > summary").click()
    page.locator("#f-outcome").select_option("missed")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".cs-calls tbody tr")).to_have_count(1)


def test_a_view_is_saved_renamed_deleted_and_brought_back(page: Page, live_server: LiveServer, shop: Shop) -> None:
    open_log(page, shop, live_server, "?outcome=missed")
    menu = page.locator("#views-menu > summary")
    menu.click()
    page.get_by_label("Save these filters as").fill("Missed ones")
    page.get_by_label("Open the page with it").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Missed ones")
    page.goto(f"{live_server.url}/calls/")
    expect(page.locator(".cs-calls tbody tr")).to_have_count(1)
    menu.click()
    assert_accessible(page)
    page.get_by_label("Name", exact=True).fill("To call back")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("To call back")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Missed ones")
    page.locator("#views-menu > summary").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The view “Missed ones” is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Missed ones")
    assert SavedView.objects.get().deleted_at is None
    page.locator("#views-menu > summary").click()
    page.get_by_role("link", name="All calls").click()
    expect(page.locator(".cs-calls tbody tr")).to_have_count(3)


def test_the_export_is_what_is_shown(page: Page, live_server: LiveServer, shop: Shop, tmp_path: Path) -> None:
    open_log(page, shop, live_server)
    page.locator("#filter-fold > summary").click()
    page.locator("#f-outcome").select_option("missed")
    expect(page.locator(".cs-calls tbody tr")).to_have_count(1)
    page.locator("#export-menu > summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert re.fullmatch(r"calls-harbor-pine-[\d-]+\.csv", download.value.suggested_filename)
    download.value.save_as(file := tmp_path / "calls.csv")
    with file.open(newline="", encoding="utf-8") as opened:
        assert [row["caller"] for row in csv.DictReader(opened)] == ["+13125550177"]


@SIZES
def test_everything_open_fits_and_is_accessible(
    visitor: Visitor, live_server: LiveServer, shop: Shop, size: dict[str, int]
) -> None:
    names = [column.name for column in COLUMNS]
    PageChoice.objects.create(user=shop.alice, company=shop.company, page="calls", columns=names)
    Call.objects.filter(pk=shop.doubtful.pk).update(flag="spam", caller_name="A" * 80)
    page = visitor(viewport=size)
    open_log(page, shop, live_server, f"?flag=all&from=2026-01-01&source={'x' * 150}&source=~&source=google")
    page.locator("#filter-fold > summary").click()
    for menu in ("columns", "export", "views"):
        page.locator(f"#{menu}-menu > summary").click()
        assert_accessible(page)
        assert_fits(page)
        page.keyboard.press("Escape")
    enter(page, shop, live_server)
    page.goto(live_server.url + "/?from=2026-01-01&to=2026-06-01&by=channel")
    page.locator("#period-menu > summary").click()
    assert_accessible(page)
    assert_fits(page)


def test_a_phone_shows_cards(visitor: Visitor, live_server: LiveServer, shop: Shop) -> None:
    page = visitor(viewport=PHONE)
    open_log(page, shop, live_server)
    card = page.locator(".cs-calls tbody tr").first
    caller, when = (card.locator(part).bounding_box() for part in (".is-caller", ".is-when"))
    assert caller
    assert when
    assert when["x"] > caller["x"]
    assert when["x"] + when["width"] <= PHONE["width"]
    box = card.bounding_box()
    assert box
    assert box["height"] > 60  # several lines, not a row cut off
    card.click()
    expect(page).to_have_url(re.compile(r"/calls/[0-9a-f-]{36}/"))


def test_the_dashboards_figures_and_charts_are_live(page: Page, live_server: LiveServer, shop: Shop) -> None:
    enter(page, shop, live_server)
    page.goto(live_server.url + "/")
    page.evaluate("window.notReloaded = true")
    expect(page.locator(".cs-chart canvas")).to_have_count(3)
    expect(page.locator("#to-calls")).to_have_text("3")
    page.locator("#to-missed").focus()
    shop.now += timedelta(seconds=1)
    shop.dial(shop.users.numbers.all()[2].e164, 0, "no-answer")
    expect(page.locator("#to-calls")).to_have_text("4", timeout=9000)
    expect(page.locator(".cs-chart canvas")).to_have_count(3)
    assert focused(page) == "to-missed"
    assert page.evaluate("window.notReloaded")
    page.keyboard.press("Enter")
    expect(page.locator("#log-count")).to_have_text("2 calls")


def test_an_alert_is_put_away(page: Page, live_server: LiveServer, shop: Shop) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    DropCount.objects.create(
        company=shop.company.pk, reason="bad_signature", hour=hour, count=9, last_at=timezone.now(),
        host=f"http://127.0.0.1/voice/sandbox/{shop.answered.connection_id}",
    )  # fmt: skip
    enter(page, shop, live_server)
    page.goto(live_server.url + "/")
    expect(page.get_by_role("heading", name="Calls from Sandbox are refused")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_role("heading", name="Calls from Sandbox are refused")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", name="Calls from Sandbox are refused")).to_be_hidden()


def test_a_list_that_cannot_load_says_so_and_tries_again(
    page: Page, live_server: LiveServer, shop: Shop, allowed_errors: list[str]
) -> None:
    allowed_errors += ["503", "htmx:", "Response Status Error"]
    open_log(page, shop, live_server)
    trouble = page.locator("[data-trouble=log]")
    expect(trouble).to_be_hidden()
    page.route("**/calls/*", lambda route: route.fulfill(status=503, body="<h1>gateway</h1>"))
    expect(trouble).to_be_visible(timeout=9000)
    expect(trouble).to_contain_text(re.compile(r"\d:\d\d minutes old"))
    expect(page.locator(".cs-calls tbody tr")).to_have_count(3)  # what was there still is
    assert_fits(page)
    assert_accessible(page)
    page.unroute("**/calls/*")
    page.get_by_role("button", name="Try again").click()
    expect(trouble).to_be_hidden(timeout=9000)
