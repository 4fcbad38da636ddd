"""Connect Twilio in a real browser: pasted, tested, chosen, said, brought here by the jobs' runner, and put back."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.jobs.run import Runner
from callspring.numbers.models import Connection
from callspring.numbers.queries import connections, numbers
from tests.browser.chromium import assert_accessible, assert_fits
from tests.carriers.loopback import Answer
from tests.console.carrier_story import OLD, CarrierPages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
E164S = [f"+131220200{line:02}" for line in range(12)]


@pytest.fixture
def story(transactional_db: None) -> Iterator[CarrierPages]:  # noqa: ARG001 - the database has to be there first
    CarrierPages.setUpTestData()
    story = CarrierPages()
    story.setUp()
    for e164 in E164S:
        story.account.own(e164, **OLD, friendly_name="<b>Front</b> desk, a rather long name of a number")
    yield story
    story.doCleanups()
    story.empty_books()


@pytest.fixture
def runner(story: CarrierPages) -> Iterator[None]:  # noqa: ARG001 - it works for the story
    jobs = Runner(workers=1)
    thread = threading.Thread(target=jobs.run, daemon=True)
    thread.start()
    yield
    jobs.stop()
    thread.join(20)
    assert not thread.is_alive()


def enter(page: Page, story: CarrierPages, server: LiveServer, path: str) -> None:
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
    page.goto(server.url + path)


def looks_right(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.usefixtures("runner")
def test_connect_choose_bring_and_put_back(page: Page, live_server: LiveServer, story: CarrierPages) -> None:
    account = story.account
    enter(page, story, live_server, "/settings/carriers/")
    looks_right(page)
    page.get_by_role("link", name="Connect a carrier").click()
    looks_right(page)
    page.get_by_role("link", name="Twilio").click()
    expect(page.get_by_role("heading", name="Connect Twilio")).to_be_visible()
    page.get_by_label("Account SID").fill(account.sid)
    page.get_by_label("Auth token").fill("0" * 32)
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_text("does not accept this account SID and auth token")).to_be_visible()
    expect(page.get_by_label("Auth token")).to_have_value("")
    expect(page.get_by_label("Account SID")).to_have_value(account.sid)
    looks_right(page)
    page.get_by_label("Auth token").fill(account.token)
    page.keyboard.press("Enter")

    expect(page.get_by_text("The account has 12 numbers. 12 can come here.")).to_be_visible()
    looks_right(page)
    page.get_by_label("Choose all").check()
    page.get_by_label("(312) 202-0011", exact=True).uncheck()
    assert page.get_by_label("Choose all").evaluate("box => box.indeterminate")
    page.get_by_label("Ring this number").fill("(312) 202-0777")
    expect(page.get_by_label("Greeting")).to_be_hidden()
    page.get_by_label("Voicemail").check()
    page.get_by_label("Greeting").fill("Please leave a message.")
    page.get_by_role("button", name="See what will change").click()

    expect(page.get_by_role("heading", name="What will change at Twilio")).to_be_visible()
    expect(page.get_by_text("https://old.example/voice").first).to_be_visible()
    looks_right(page)
    assert story.changed() == 0
    account.misbehave(None, Answer(500), method="POST")
    page.get_by_role("button", name="Bring 11 numbers here").click()
    expect(page.get_by_text(re.compile(r"Bringing numbers here: \d+ of 11"))).to_be_visible()
    looks_right(page)
    expect(page.get_by_text("10 of 11 numbers came here.")).to_be_visible(timeout=20_000)
    looks_right(page)
    page.get_by_role("button", name="Try it again").click()
    expect(page.get_by_text("1 of 1 number came here.")).to_be_visible(timeout=20_000)
    assert numbers(story.company).filter(pointed_at__isnull=False).count() == 11
    twilio = connections(story.company).get()
    assert {account.number(e164)["voice_url"] for e164 in E164S[:11]} == {story.webhook(twilio, "call")}

    put_all_back(page, story)
    disconnect(page, twilio)


def put_all_back(page: Page, story: CarrierPages) -> None:
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Put back (312) 202-0000").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Put everything back as it was at Twilio").click()
    expect(page.get_by_text("11 of 11 numbers are put back.")).to_be_visible(timeout=20_000)
    assert all(story.account.number(e164)[name] == value for e164 in E164S for name, value in OLD.items())
    assert not numbers(story.company).exists()


def disconnect(page: Page, twilio: Connection) -> None:
    page.get_by_role("link", name="Disconnect").click()
    looks_right(page)
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("heading", name="No carrier yet")).to_be_visible(timeout=20_000)
    twilio.refresh_from_db()
    assert (twilio.secret, twilio.disconnected_at is not None) == ("", True)


@pytest.mark.usefixtures("runner")
def test_buy_route_and_release(page: Page, live_server: LiveServer, story: CarrierPages) -> None:
    story.connected()
    story.account.taken = {"+13125550101"}
    enter(page, story, live_server, "/numbers/buy/")
    page.get_by_label("Area code").fill("312")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("$0.75 each for 7 days")).to_be_visible()
    looks_right(page)
    for line in ("0100", "0101", "0102"):
        page.get_by_label(f"(312) 555-{line}", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Ring this number").fill("(312) 202-0777")
    looks_right(page)
    page.get_by_role("button", name="Buy 3 numbers for $2.25").click()
    expect(page.get_by_role("heading", name="2 of 3 numbers are yours.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 number could not be had and was not charged.")).to_be_visible()
    looks_right(page)

    page.goto(live_server.url + "/numbers/")
    looks_right(page)
    page.get_by_role("link", name="Routing of (312) 555-0100").click()
    looks_right(page)
    page.get_by_label("Voicemail").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("then voicemail")).to_have_count(1)
    page.get_by_role("link", name="Release (312) 555-0102").click()
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Release it for good").click()
    expect(page.get_by_role("status")).to_contain_text("is given back")
    assert [one["phone_number"] for one in story.account.numbers.values() if "555" in one["phone_number"]] == [
        "+13125550100"
    ]
