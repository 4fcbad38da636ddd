"""The sandbox phone in a browser: a voicemail is left, texts go and come."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from callspring.carriers.api import Credentials
from callspring.carriers.contract import RecordingSignal, TextSignal
from callspring.carriers.sandbox.api import SandboxApi
from tests.browser.chromium import assert_accessible, assert_fits
from tests.browser.test_demo_shop import Place, place
from tests.demo.scripted_door import CALLER, NUMBER, SECRET

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
