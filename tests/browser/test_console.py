"""The console in a real browser: every page on a desk and on a phone, what moves, and what a keyboard can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.accounts.actions import create_company, sign_in_link
from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, CallEvent
from callspring.ids import new_id
from callspring.jobs.run import run_due
from callspring.sites.models import Site
from callspring.visits.models import DropCount, PageView
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import PASSWORD, Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}


class Shop(Pages):
    """A company with a week of visits and calls of every sort."""

    answered: Call
    doubtful: Call

    def fill(self) -> None:
        self.now = timezone.now().replace(microsecond=0)
        self.static, self.users = self.campaign(), self.pool(3)
        self.numbers(1)
        pool = self.users.numbers.all()
        for hour in range(0, 160, 5):
            self.landing(hour * 60, pool[hour % 3].pk)
        self.answered = self.dial(self.static.numbers.get().e164, 3, "completed")
        for minutes in (2, 1):
            self.landing(minutes, pool[0].pk, source="a-very-long-source-name-" * 6)
        self.doubtful = self.dial(pool[0].e164, 0, "completed")
        self.dial(pool[1].e164, 500, "no-answer")
        this_hour = self.now.replace(minute=0, second=0)
        DropCount.objects.create(
            company=self.company.pk, reason="unknown_host", host="x.example", hour=this_hour, count=7
        )

    def landing(self, minutes_ago: int, number: int, **changes: Any) -> None:
        at = self.now - timedelta(minutes=minutes_ago)
        source: dict[str, Any] = {
            "source": "google",
            "medium": "cpc",
            "campaign": "drains",
            "channel": "paid_search",
        } | changes
        visit = self.visit(at=at, ip="192.0.2.7", city="Oak Park", stored_source=source, **source)
        shown = next(one for one in self.users.numbers.all() if one.pk == number)
        self.show(visit, shown, seconds=600)
        PageView.objects.create(
            id=UUID(new_id()), company=self.company, visit=visit.pk, url="https://shop.example/" + "drains" * 40,
            title="Drains", started_at=at, last_active_at=at + timedelta(seconds=90),
        )  # fmt: skip

    def dial(self, e164: str, minutes_ago: int, status: str) -> Call:
        number = next(one for one in self.company.numbers.all() if one.e164 == e164)
        at = self.now - timedelta(minutes=minutes_ago)
        ended = at + timedelta(seconds=70) if status not in ("ringing", "answered") else None
        answered = at + timedelta(seconds=9) if status in ("completed", "answered") else None
        call = self.call(number, at=at, status=status, ended_at=ended, answered_at=answered, destination="+18005550199")
        for leg, said in (("caller", "asked"), ("business", "ringing"), ("business", status)):
            CallEvent.objects.create(
                id=UUID(new_id()), call=call.pk, company=self.company, leg=leg, leg_id=leg, status=said, at=at,
                received_at=at, cause="no cause given",
            )  # fmt: skip
        credit_call(call, final=True)
        return call


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:  # noqa: ARG001 - the database has to be there first
    Shop.setUpTestData()
    story = Shop()
    story.setUp()
    story.fill()
    yield story
    story.empty_books()


def enter(page: Page, story: Pages, server: LiveServer) -> None:
    """Alice's session, as if she had signed in before."""
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def addresses(shop: Shop) -> list[str]:
    return [
        "/", "/?period=today", "/?period=365&by=scenario", "/calls/", "/calls/?status=busy",
        "/calls/?source=google&period=7&sort=longest",
        f"/calls/{shop.answered.pk}/", f"/calls/{shop.doubtful.pk}/", "/tracking-numbers/", "/tracking-numbers/new/",
        "/tracking-numbers/new/campaign/", "/tracking-numbers/new/users/", "/tracking-numbers/new/offline/",
        "/tracking-numbers/new/scenario/", f"/tracking-numbers/{shop.users.pk}/edit/", "/visits/1/why/", "/numbers/",
        "/settings/integrations/", "/settings/company/",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    visitor: Visitor, live_server: LiveServer, shop: Shop, size: dict[str, int]
) -> None:
    page = visitor(viewport=size)
    page.goto(live_server.url + "/sign-in/")
    assert_fits(page)
    assert_accessible(page)
    enter(page, shop, live_server)
    for address in addresses(shop):
        page.goto(live_server.url + address)
        assert_fits(page)
        assert_accessible(page)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_empty_pages_too(visitor: Visitor, live_server: LiveServer, shop: Shop, size: dict[str, int]) -> None:
    create_company(shop.company.account, "Aaa Fresh", owner=shop.alice)  # the first by name is the one that is shown
    page = visitor(viewport=size)
    enter(page, shop, live_server)
    for address in ("/", "/calls/", "/tracking-numbers/", "/tracking-numbers/new/campaign/", "/numbers/",
                    "/settings/integrations/"):  # fmt: skip
        page.goto(live_server.url + address)
        expect(page.locator(".cs-person-text b")).to_have_text("Aaa Fresh")
        assert_fits(page)
        assert_accessible(page)


def test_an_error_page(visitor: Visitor, live_server: LiveServer, shop: Shop, allowed_errors: list[str]) -> None:
    allowed_errors.append("404")
    page = visitor()
    enter(page, shop, live_server)
    page.goto(live_server.url + "/nothing/")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("link", name="To the first page").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def test_signing_in_with_password_and_link(page: Page, live_server: LiveServer, shop: Shop) -> None:
    page.goto(live_server.url + "/calls/")
    page.get_by_label("E-mail").fill("alice@example.com")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(live_server.url + "/calls/")
    page.locator(".cs-person > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{live_server.url}/sign-in/link/{sign_in_link(shop.alice, 5)}/")  # one click in a terminal is enough
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def test_calls_appear_and_change_without_reload(page: Page, live_server: LiveServer, shop: Shop) -> None:
    enter(page, shop, live_server)
    page.goto(live_server.url + "/calls/")
    page.evaluate("window.notReloaded = true")
    rows = page.locator(".cs-calls tbody tr")
    expect(rows).to_have_count(3)
    page.locator(f"#call-{shop.answered.pk}").focus()
    shop.now += timedelta(seconds=1)
    new = shop.dial(shop.users.numbers.all()[2].e164, 0, "ringing")
    expect(rows).to_have_count(4, timeout=6000)
    expect(rows.first).to_contain_text("Ringing")
    expect(page.locator("#said")).to_have_text(re.compile("New call from"))
    assert page.evaluate("document.activeElement.id") == f"call-{shop.answered.pk}"
    for status, said in (("answered", "In progress"), ("completed", "Answered")):
        Call.objects.filter(pk=new.pk).update(status=status, answered_at=shop.now)
        expect(rows.first).to_contain_text(said, timeout=6000)
    assert page.evaluate("window.notReloaded")


def test_calls_appear_on_the_dashboard(page: Page, live_server: LiveServer, shop: Shop) -> None:
    enter(page, shop, live_server)
    page.goto(live_server.url + "/")
    page.evaluate("window.notReloaded = true")
    rows = page.locator("#latest-calls li")
    expect(rows).to_have_count(3)
    page.locator(f"#latest-{shop.answered.pk}").focus()
    shop.now += timedelta(seconds=1)
    shop.dial(shop.users.numbers.all()[2].e164, 0, "ringing")
    expect(rows).to_have_count(4, timeout=6000)
    expect(rows.first).to_contain_text("Ringing")
    expect(page.locator("#said")).to_have_text(re.compile("New call from"))
    assert page.evaluate("document.activeElement.id") == f"latest-{shop.answered.pk}"
    assert page.evaluate("window.notReloaded")


def test_the_first_steps_tick_themselves_off(page: Page, live_server: LiveServer, shop: Shop) -> None:
    fresh = create_company(shop.company.account, "Aaa Fresh", owner=shop.alice)
    enter(page, shop, live_server)
    page.goto(live_server.url + "/")
    expect(page.locator("#first-steps .is-done")).to_have_count(0)
    Site.objects.create(company=fresh, name="Fresh", hosts=["fresh.example"])
    shop.visit(fresh, at=shop.now)
    expect(page.locator("#first-steps .is-done")).to_have_count(1, timeout=6000)
    expect(page.locator("#latest-calls")).to_contain_text("No calls yet")


def test_a_call_in_progress_is_followed_on_its_page(page: Page, live_server: LiveServer, shop: Shop) -> None:
    call = shop.dial(shop.users.numbers.all()[2].e164, 0, "answered")
    enter(page, shop, live_server)
    page.goto(f"{live_server.url}/calls/{call.pk}/")
    expect(page.locator("[data-since]")).to_have_text(re.compile(r"\d+:\d\d"))
    Call.objects.filter(pk=call.pk).update(status="completed", ended_at=timezone.now(), duration=33)
    expect(page.locator(".cs-call-state")).to_contain_text("33 s", timeout=6000)


def test_when_the_server_is_out_of_reach_the_page_says_so(
    page: Page, live_server: LiveServer, shop: Shop, allowed_errors: list[str]
) -> None:
    allowed_errors += ["net::ERR", "htmx:sendError", "htmx:afterRequest"]  # htmx says that it got no answer
    enter(page, shop, live_server)
    page.goto(live_server.url + "/calls/")
    page.route("**/calls/*", lambda route: route.abort())
    expect(page.locator(".cs-live[data-lost]")).to_have_count(1, timeout=6000)
    page.unroute("**/calls/*")
    expect(page.locator(".cs-live[data-lost]")).to_have_count(0, timeout=6000)


def test_new_tracking_number_with_the_keyboard(page: Page, live_server: LiveServer, shop: Shop) -> None:
    enter(page, shop, live_server)
    page.goto(live_server.url + "/tracking-numbers/new/users/")
    page.get_by_label("Title").fill("All visitors")
    page.get_by_label("Visits in your busiest hour").press_sequentially("9")
    expect(page.get_by_label("Numbers to create")).to_have_value("3")
    expect(page.locator("#wizard-aside .is-chosen")).to_contain_text("$2.25")  # without leaving the page
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="3 numbers to be added")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_label("Ring for, seconds").fill("40")
    page.get_by_role("button", name=re.compile("What is tracked")).click()
    expect(page.get_by_label("Title")).to_have_value("All visitors")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Ring for, seconds")).to_have_value("40")
    page.get_by_role("button", name="Save and enable").click()
    expect(page.get_by_role("row", name=re.compile("Charged now"))).to_contain_text("$2.25")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Connect and enable").click()
    expect(page.get_by_text("3 are still being asked for")).to_be_visible()
    while run_due(1):  # the order, and telling the carrier
        pass
    expect(page.get_by_role("heading", name="3 of 3 numbers are yours.")).to_be_visible(timeout=6000)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("link", name="To the tracking numbers").click()
    page.get_by_role("switch", name="All visitors", exact=True).click()
    expect(page.get_by_role("switch", name="All visitors", exact=True)).to_have_attribute("aria-checked", "false")


def test_the_six_steps_of_a_scenario(page: Page, live_server: LiveServer, shop: Shop) -> None:
    def step(name: str) -> None:
        expect(page.locator("[aria-current=step]")).to_contain_text(name)
        assert_fits(page)
        assert_accessible(page)

    enter(page, shop, live_server)
    page.goto(live_server.url + "/tracking-numbers/new/scenario/")
    step("Numbers")
    page.get_by_label("Title").fill("Boston")
    page.get_by_label("How many").fill("2")
    page.keyboard.press("Enter")  # adds, and does not go on
    expect(page.get_by_text("2 numbers to be added")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    step("Forwarding")
    page.get_by_role("button", name="Continue").click()
    step("Tagging and format")
    page.get_by_label("Mask").fill("XXX.XXX.XXXX")
    expect(page.locator("#wizard-aside")).to_contain_text(re.compile(r"In text\s*312\.555\.\d{4}"))
    page.get_by_role("button", name="Continue").click()
    step("Channels")
    page.get_by_label("Channel", exact=True).select_option("landing_page")
    page.get_by_label("Which").fill("boilers")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Which")).to_be_focused()  # what is wrong has the cursor
    page.get_by_label("Which").fill("/boilers")
    page.get_by_role("button", name="Continue").click()
    step("Integrations")
    page.get_by_role("button", name="Continue").click()
    step("Terms of activation")
    page.get_by_label("On your page").fill("/boilers")
    expect(page.locator("#preview")).to_contain_text("because they landed on /boilers")
    page.get_by_label("Landing pages").fill("/jobs")
    page.get_by_role("button", name=re.compile("Tagging and format")).click()
    expect(page.get_by_label("Mask")).to_have_value("XXX.XXX.XXXX")
    page.get_by_role("button", name=re.compile("Terms of activation")).click()
    expect(page.get_by_label("Landing pages")).to_have_value("/jobs")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").last).to_contain_text("“Boston” is saved and off. Nothing was bought.")
    page.get_by_role("link", name="Edit Boston").click()
    expect(page.get_by_role("heading", name="Edit “Boston”")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)


def test_a_draft_waits_without_being_sent(page: Page, live_server: LiveServer, shop: Shop) -> None:
    enter(page, shop, live_server)
    page.goto(live_server.url + "/tracking-numbers/new/campaign/")
    page.get_by_label("Title").fill("Half done")
    expect(page.get_by_text("What you type is kept as a draft.")).to_be_visible()
    page.goto(live_server.url + "/tracking-numbers/new/")
    page.get_by_role("link", name="Continue Half done").click()
    expect(page.get_by_label("Title")).to_have_value("Half done")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard draft").click()
    expect(page.get_by_role("status").first).to_contain_text("The draft is discarded")


def test_a_strategy_shows_its_own_fields(page: Page, live_server: LiveServer, shop: Shop) -> None:
    enter(page, shop, live_server)
    page.goto(live_server.url + "/tracking-numbers/new/campaign/")
    page.get_by_label("Strategy").select_option("url_parameter")
    expect(page.get_by_label("Parameter")).to_be_visible()
    page.get_by_label("Strategy").select_option("landing_page")
    expect(page.get_by_label("Landing page", exact=True)).to_be_visible()
    expect(page.get_by_label("Parameter")).to_be_hidden()
    page.get_by_label("Strategy").select_option("direct")
    expect(page.get_by_label("Landing page", exact=True)).to_be_hidden()


def test_the_menu_and_the_copy_button(visitor: Visitor, live_server: LiveServer, shop: Shop) -> None:
    page = visitor(permissions=["clipboard-read", "clipboard-write"])
    enter(page, shop, live_server)
    page.goto(live_server.url + "/settings/integrations/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet").text_content()
    page.locator(".cs-person > summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
