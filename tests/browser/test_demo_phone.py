"""The sandbox phone in a browser: a voicemail is left, texts go and come."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from callspring.carriers.api import Credentials
from callspring.carriers.contract import (
    Ask,
    Connect,
    Dial,
    Endpoint,
    HangUp,
    Prompt,
    RecordingKind,
    RecordingSignal,
    TextSignal,
)
from callspring.carriers.sandbox.api import SandboxApi
from tests.browser.chromium import assert_accessible, assert_fits
from tests.browser.test_demo_shop import Place, place
from tests.demo.scripted_door import BUSINESS, CALLER, NUMBER, SECRET

pytestmark = pytest.mark.browser
__all__ = ["place"]


def test_a_caller_whom_nobody_answers_leaves_a_message(place: Place, page: Page) -> None:
    place.voice.script = [place.voice.dial(ring_seconds=20), place.voice.record("Please speak.")]
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_role("button", name="Decline").click()
    expect(page.locator("#caller-state")).to_have_text("A voice says: “Please speak.”")
    finish = page.get_by_role("button", name="I have said it")
    expect(finish).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    time.sleep(1.2)
    finish.click()
    expect(page.locator("#caller-state")).to_contain_text("You left a message of")
    expect(finish).to_be_hidden()
    (report,) = place.voice.reports
    assert isinstance(report, RecordingSignal)
    assert report.available


def test_texts_go_and_come_as_they_were_written(
    place: Place, page: Page, tmp_path: Path, allowed_errors: list[str]
) -> None:
    allowed_errors.append("422")  # of the empty text
    hostile = "<img src=x onerror=alert(1)>\nDo you come on Sundays?"
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#body-error")).to_contain_text("Write something first")
    page.get_by_label("Write a text").fill(hostile)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.mine p").last).to_have_text(hostile)
    expect(page.get_by_label("Write a text")).to_have_value("")
    (text,) = place.voice.reports
    assert isinstance(text, TextSignal)
    assert text.body == hostile
    api, who = SandboxApi(tmp_path / "exchange.json"), Credentials("shop", SECRET)
    api.send_text(who, sender=NUMBER, to=CALLER, body="We do. <b>See you</b>", events=f"{place.voice.origin}/x")
    expect(page.locator(".bubble:not(.mine) p").last).to_have_text("We do. <b>See you</b>")
    assert page.locator(".bubble").count() == 2
    assert page.locator(".bubble img, .bubble b").count() == 0
    page.set_viewport_size({"width": 375, "height": 812})
    assert_fits(page)
    assert_accessible(page)


def test_every_step_of_a_flow_can_be_tried(place: Place, page: Page) -> None:
    """A menu, two phones at once, a whisper with a key to accept, and a recorded talk."""
    voice = place.voice
    base = f"{voice.origin}/voice/sandbox/1"
    whisper = f"{base}/whisper?at=2.abc"
    both = Dial(
        (BUSINESS, "+13125550101"), 20, CALLER, f"{base}/next?at=2.abc", f"{base}/events?screened=1",
        whisper_url=whisper, recording_url=f"{base}/recording",
    )  # fmt: skip
    question = Ask((Prompt("Press 1."),), 20, whisper)
    voice.script = [Ask((Prompt("Sales: 1."),), 20, f"{base}/next?at=1.abc"), both, question, Connect(), HangUp()]
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator("#caller-state")).to_have_text("Press a key of the keypad.")
    page.locator('[data-key="1"]').click()
    second = page.get_by_role("region", name="The business’s phone 2")
    expect(page.locator("#answer")).to_be_enabled()
    expect(second).to_contain_text("Ringing.")
    assert_accessible(page)
    second.get_by_role("button", name="Answer").click()
    expect(second).to_contain_text("A voice says: “Press 1.”")
    page.set_viewport_size({"width": 375, "height": 812})
    assert_fits(page)
    second.get_by_role("button", name="1", exact=True).click()
    expect(second).to_contain_text("Talking.")
    expect(page.locator("#business-state")).to_have_text("Somebody else took the call.")
    second.get_by_role("button", name="Hang up").click()
    expect(page.locator("#caller-state")).to_contain_text("Ended: completed")
    expect(page.locator("#more-phones")).to_be_hidden()
    keys = [signal.key for endpoint, signal in voice.heard if endpoint is not Endpoint.EVENTS and signal.key]
    assert keys == ["1", "1"]
    (report,) = voice.reports
    assert isinstance(report, RecordingSignal)
    assert (report.kind, report.available) == (RecordingKind.CALL, True)
