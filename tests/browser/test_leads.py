"""Leads, tags, recordings and Settings → Calls in a real browser: by mouse and keyboard, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from callspring.accounts.models import BlockedCaller
from callspring.calls.models import Call, Recording
from callspring.demo.tone import voice
from callspring.ids import new_id
from callspring.inbox.models import MissedCallAlert
from callspring.stores.blobs.files import FileBlobs
from tests.browser.chromium import assert_accessible, assert_fits
from tests.browser.test_console import enter
from tests.console.inbox_story import CALLER, InboxPages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK: ViewportSize = {"width": 1280, "height": 900}
PLAYS = """(audio) => new Promise((done) => {
  audio.muted = true;
  audio.addEventListener("timeupdate", () => audio.currentTime > 0 && done(true));
  audio.play();
})"""
LONG = "a-very-long-word-without-any-break-" * 6


@pytest.fixture
def story(transactional_db: None) -> Iterator[InboxPages]:  # noqa: ARG001 - the database has to be there first
    InboxPages.setUpTestData()
    story = InboxPages()
    story.setUp()
    yield story
    story.empty_books()


def recorded(call: Call) -> Recording:
    """Nine seconds of talk that lie here."""
    key = f"recordings/{call.company_id}/{call.pk}"
    sound = voice(9)
    FileBlobs(settings.CONFIG.blobs).put(key, [sound])
    return Recording.objects.create(
        id=UUID(new_id()), company=call.company, connection=call.connection, call=call.pk, kind="call", state="stored",
        carrier_recording_id="r", recorded_at=call.started_at, duration=9, blob=key, content_type="audio/wav",
        size=len(sound),
    )  # fmt: skip


def test_a_call_as_a_lead(page: Page, live_server: LiveServer, story: InboxPages) -> None:
    call = story.dials(CALLER, minutes_ago=60)
    recorded(call)
    page.set_viewport_size(DESK)
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/calls/{call.pk}/")
    # The waveform: drawn under the strict policy (an error in the console fails the test), and the player beside it.
    expect(page.locator(".cs-waveform[data-ready]")).to_be_visible()
    assert page.locator("audio").evaluate("(audio) => Math.round(audio.duration)") == 9
    assert page.locator("audio").evaluate(PLAYS)
    assert page.get_by_role("link", name="Download the recording").get_attribute("download") is not None
    page.locator("body").press("t")
    page.keyboard.type("VIP, boiler")
    page.keyboard.press("Escape")
    page.get_by_label("Qualified lead").select_option("yes")
    page.get_by_label("Value", exact=True).fill("1,250.50")
    page.get_by_label("Note").fill("Wants a boiler. " + LONG)
    page.locator("#lead-save").click()
    expect(page.locator("#lead-body")).to_contain_text("Saved.")
    page.get_by_text("Who changed what").click()
    expect(page.locator("#lead-changes")).to_contain_text("Alice: Value none → 1250.50 USD")
    assert_accessible(page)
    assert_fits(page)
    # What one types is not lost when the page draws itself anew.
    page.get_by_label("Note").fill("Still typing")
    page.locator("#flag-test").click()
    expect(page.locator(".cs-flagged")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Still typing")


def test_several_calls_are_tagged_by_keyboard(page: Page, live_server: LiveServer, story: InboxPages) -> None:
    first, second = story.dials("+13125550101", minutes_ago=9), story.dials("+13125550102", minutes_ago=8)
    page.set_viewport_size(DESK)
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/calls/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-ticked-count]")).to_have_text("1")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-ticked-count]")).to_have_text("2")
    third = story.dials("+13125550103", minutes_ago=1)
    expect(page.locator(f"#call-{third.pk}")).to_be_visible(timeout=8_000)
    expect(page.locator(f"#tick-{first.pk}")).to_be_checked()
    expect(page.locator(f"#tick-{third.pk}")).not_to_be_checked()
    page.locator(f"#tick-{third.pk}").click()  # by mouse, and not through to the row's link
    expect(page.locator("[data-ticked-count]")).to_have_text("3")
    page.locator(f"#tick-{third.pk}").click()
    assert_accessible(page)
    assert_fits(page)
    page.locator("h1").click()
    page.keyboard.press("t")
    page.keyboard.type("lawyer, " + LONG[:30])
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 calls changed.")).to_be_visible()
    assert [tag.name for tag in second.tags.all()] == [LONG[:30], "lawyer"]
    page.goto(f"{live_server.url}/calls/?tag=lawyer")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_settings_of_calls(page: Page, live_server: LiveServer, story: InboxPages) -> None:
    BlockedCaller.objects.create(company=story.company, pattern="+13125550177", label=LONG[:80])
    MissedCallAlert.objects.create(
        company=story.company, user=story.alice, text_to="+17735550199", days=["mon", "tue"], start="08:00"
    )
    page.set_viewport_size(DESK)
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/settings/calls/")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_label("Caller", exact=True).fill("+1 (900) *")
    page.get_by_role("button", name="Block", exact=True).click()
    expect(page.get_by_text("+1900* is blocked.")).to_be_visible()
    page.get_by_label("Recordings and voicemails are kept").select_option("other")
    page.get_by_label("Days", exact=True).fill("45")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#save-keep").click()
    expect(page.get_by_text("Older recordings are deleted")).to_be_visible()
    expect(page.get_by_label("Days", exact=True)).to_have_value("45")
    assert re.search(r"/settings/calls/$", page.url)


def test_a_recording_in_the_inbox_is_drawn_while_it_plays(
    page: Page, live_server: LiveServer, story: InboxPages
) -> None:
    recorded(story.dials(CALLER, minutes_ago=60))
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/inbox/{story.thread(CALLER).pk}/")
    expect(page.locator("audio")).to_be_visible()
    assert page.locator(".cs-waveform").count() == 0, "nothing is fetched that nobody listens to"
    assert page.locator("audio").evaluate(PLAYS)
    expect(page.locator(".cs-waveform[data-ready]")).to_be_visible()
    assert page.locator("audio").evaluate("(audio) => !audio.paused"), "drawing does not interrupt it"
    assert_fits(page)
