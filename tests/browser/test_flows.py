"""The call flow editor in a real browser: by keyboard, by dragging, on a phone, with a recorded greeting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.flows.flow import Flow, read
from callspring.flows.steps import (
    Destination,
    Dial,
    HangUp,
    Hours,
    Match,
    Menu,
    MenuKey,
    Opening,
    Prompt,
    Say,
    TextBack,
    Voicemail,
)
from callspring.scenarios.models import Scenario, Sound
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
SHOTS = os.environ.get("SHOTS", "")
WEEK = (Opening(("mon", "tue", "wed", "thu", "fri"), "08:00", "18:00"), Opening(("sat",), "09:00", "13:00"))


def _dial(step: int, *to: str, **more: Any) -> Dial:
    return Dial(step, tuple(map(Destination, to)), **more)


MENU = Menu(
    5,
    Prompt("For a new job, press 1. For a job under way, press 2."),
    (
        MenuKey("1", (_dial(6, "+13122020101", "+13122020102", order="round_robin", sticky=True),)),
        MenuKey("2", (_dial(7, "+13122020103", whisper=Prompt("A call from the website."), accept_key="1"),)),
    ),
)
RICH = Flow(
    (
        Match(1, ("+19005550142", "+1900*"), True, (HangUp(2, Prompt("This number takes no such calls.")),), "Blocked"),
        Say(3, Prompt("Thank you for calling Harbor and Pine Plumbing.")),
        Hours(
            4, "America/Chicago", WEEK, ("12-25", "2026-11-26"), open=(MENU, TextBack(8, "Sorry that we missed you.")),
            closed=(_dial(9, "+13122020109", ring_seconds=15),),
        ),
        Voicemail(10, Prompt("Please leave your name, your number and what is wrong.")),
    )
)  # fmt: skip


class Plumber(Pages):
    def fill(self) -> None:
        self.scenario = self.campaign()
        self.rich = self.campaign(title="Everyone else")
        Scenario.objects.filter(pk=self.rich.pk).update(flow=msgspec.to_builtins(RICH))

    def live(self) -> Any:
        return read(Scenario.objects.get(pk=self.scenario.pk).flow)


@pytest.fixture
def story(transactional_db: None) -> Iterator[Plumber]:  # noqa: ARG001 - the database has to be there first
    Plumber.setUpTestData()
    story = Plumber()
    story.setUp()
    story.fill()
    yield story
    story.empty_books()


def enter(page: Page, story: Plumber, server: LiveServer, scenario: Scenario) -> None:
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
    page.goto(f"{server.url}/tracking-numbers/{scenario.pk}/flow/")


def looks_right(page: Page, name: str) -> None:
    assert_fits(page)
    assert_accessible(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_fit_and_are_accessible(
    visitor: Visitor, live_server: LiveServer, story: Plumber, size: dict[str, int]
) -> None:
    page = visitor(viewport=size)
    enter(page, story, live_server, story.rich)
    page.locator("#flow-versions summary").click()
    looks_right(page, "flow")
    page.locator("#add-0-0-3").click()
    expect(page.get_by_role("heading", name="Which step?")).to_be_visible()
    looks_right(page, "flow-picker")
    for step, name in ((7, "dial"), (5, "menu"), (4, "hours"), (1, "match")):
        page.goto(f"{live_server.url}/tracking-numbers/{story.rich.pk}/flow/?edit={step}")
        expect(page.locator(".cs-flow-form")).to_be_visible()
        looks_right(page, f"flow-{name}")


def test_a_menu_is_built_tried_and_published_by_keyboard(page: Page, live_server: LiveServer, story: Plumber) -> None:
    enter(page, story, live_server, story.scenario)
    page.evaluate("window.notReloaded = true")
    page.locator("#add-0-0-1").press("Enter")
    expect(page.get_by_role("link", name="Ring somebody One phone")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the menu
    question = page.get_by_label("The question, with what each key is for")
    expect(question).to_be_focused()
    question.fill("For sales, press 1. For service, press 2.")
    question.press("Tab")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    card = page.get_by_role("region", name="Menu")
    expect(card).to_be_focused()
    expect(page.locator("#tried")).to_contain_text("has 6 seconds to press a key")  # the dry run has followed
    page.locator("#add-3-0-0").press("Enter")
    page.get_by_role("link", name="Ring somebody One phone").press("Enter")
    first = page.get_by_label("Number or SIP address")
    expect(first).to_be_focused()
    first.fill("12")
    first.press("Enter")
    expect(page.locator("#id_rows-0-to_error")).to_be_visible()
    page.get_by_label("Number or SIP address").fill("312 202 0101")
    page.get_by_role("button", name="Add another").press("Enter")
    page.keyboard.type("312 202 0102")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Menu: Key 1")).to_contain_text("(312) 202-0102")
    page.get_by_label("Presses").fill("1")
    expect(page.locator("#tried")).to_contain_text("(312) 202-0101 and (312) 202-0102 ring for 25 seconds")
    page.get_by_label("Who answers").select_option("+13122020102")
    expect(page.locator("#tried")).to_contain_text("(312) 202-0102 answers, and they talk")
    page.locator("#up-1").press("Enter")  # the dial below, into the menu's second key
    expect(page.get_by_role("group", name="Menu: Key 2")).to_contain_text("(800) 555-0199")
    expect(page.locator("#up-1")).to_be_focused()
    page.get_by_role("button", name="Delete Hang up").press("Enter")
    expect(page.locator("#call-flow")).to_contain_text("the call ends in silence")
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("the call ends in silence")
    page.locator("#flow-undo").press("Enter")
    expect(page.get_by_role("button", name="Delete Hang up")).to_be_visible()
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.locator("#call-flow")).to_contain_text("Version 2 is published")
    looks_right(page, "flow-published")
    flow = story.live()
    assert [type(step).__name__ for step in flow.steps] == ["Menu", "HangUp"]
    assert [one.to for one in flow.steps[0].keys[0].steps[0].to] == ["+13122020101", "+13122020102"]
    assert page.evaluate("window.notReloaded")


def test_a_card_is_dragged_and_escape_closes_a_form(page: Page, live_server: LiveServer, story: Plumber) -> None:
    enter(page, story, live_server, story.scenario)
    page.locator("#step-2 .cs-grip").drag_to(page.locator("#add-0-0-1"))
    expect(page.locator(".cs-flow-card").first).to_have_attribute("id", "step-2")
    page.get_by_role("link", name="Edit Hang up").click()
    expect(page.get_by_label("The last sentence")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".cs-flow-form")).to_have_count(0)
    page.get_by_role("button", name="Delete Hang up").click()
    expect(page.locator(".cs-flow-card")).to_have_count(1)
    page.locator(".cs-undo").get_by_role("button", name="Undo").click()
    expect(page.locator(".cs-flow-card")).to_have_count(2)


def test_a_greeting_is_recorded_here(chromium: Browser, live_server: LiveServer, story: Plumber) -> None:
    """With a microphone that the browser makes up; what it wrote is a WAV file that carriers play."""
    kind = chromium.browser_type
    arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    browser = kind.launch(executable_path=os.environ.get("CALLSPRING_CHROMIUM", "/usr/bin/chromium"), args=arguments)
    page = browser.new_page()
    try:
        enter(page, story, live_server, story.scenario)
        page.locator("#add-0-0-1").click()
        page.get_by_role("link", name="Say something").click()
        page.get_by_role("button", name="Record here").click()
        expect(page.locator(".cs-recorder [role=status]")).to_have_text("0:01")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".cs-recorder [role=status]")).to_contain_text("Recorded.")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("audio")).to_be_visible()
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / "flow-recorded.png", full_page=True)
        sound = Sound.objects.get()
        assert sound.name.endswith(".wav")
        assert 0.9 < sound.seconds < 10
        length = page.evaluate("""async () => {
          const audio = document.querySelector('audio');
          audio.preload = 'metadata'; audio.load();
          await new Promise((found) => audio.addEventListener('loadedmetadata', found));
          return audio.duration; }""")
        assert abs(length - sound.seconds) < 0.05
    finally:
        browser.close()
