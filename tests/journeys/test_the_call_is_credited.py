"""Real Chromium, the real doors, signed carriers: the call is credited to the visitor who was viewing the number."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor
from tests.journeys import twilio
from tests.journeys.running import Running, eventually
from tests.journeys.shop import ELSEWHERE, arrive, chrome, from_elsewhere, shown, visit_number

pytestmark = [pytest.mark.browser, pytest.mark.system]

UTM = "utm_source=newsletter"


@pytest.fixture(scope="module")
def account(running: Running) -> twilio.Account:
    return twilio.connect(running.environment, f"localhost:{urlsplit(running.shop).port}")


def the_call(running: Running, caller: str, stage: str = "final") -> dict[str, Any]:
    """The newest call from a caller once its credit has reached a stage."""

    def found() -> dict[str, Any] | None:
        calls = running.api("calls", caller=caller)["items"]
        return calls[0] if calls and calls[0]["credit"]["stage"] == stage else None

    call: dict[str, Any] = eventually(f"{stage} credit of the call from {caller}", found)
    return call


def signed_in(running: Running, visitor: Visitor) -> Page:
    """The console, opened by the link that `make run` printed; the link works once, so the cookie is kept."""
    page = visitor()
    if "console_cookies" not in _KEPT:
        page.goto(running.sign_in)
        page.wait_for_url(f"{running.console}/")
        _KEPT["console_cookies"] = page.context.cookies()
    page.context.add_cookies(_KEPT["console_cookies"])
    return page


_KEPT: dict[str, Any] = {}


def assert_everybody_agrees(running: Running, console: Page, call: dict[str, Any], facts: dict[str, str]) -> None:
    """The call's page, the log and the API tell the same."""
    credit = call["credit"]
    assert credit["visit_number"] == int(facts["visit"])
    assert credit["source"] == facts["source"]
    assert credit["page_being_viewed"]["url"] == facts["page"]
    assert (credit["ip"], credit["country"]) == (facts["ip"], facts["country"])
    assert (credit["os"], credit["browser"]) == (facts["os"], facts["browser"])
    console.goto(f"{running.console}/calls/{call['id']}/")
    for fact in ("visit", "source", "title", "ip", "os", "browser"):
        expect(console.locator("main")).to_contain_text(facts[fact])
    console.goto(f"{running.console}/calls/")
    row = console.get_by_role("row").filter(has=console.locator(f"a[href='/calls/{call['id']}/']"))
    expect(row).to_contain_text(facts["source"])
    expect(row).to_contain_text(facts["visit"])


def test_a_sandbox_call_to_a_pool_number(running: Running, visitor: Visitor) -> None:
    page = from_elsewhere(visitor(), running.doors)
    number = arrive(page, running.shop, "newsletter")
    page.goto(f"{running.shop}/prices")
    assert shown(page) == number
    caller = "+13125550177"
    done = running.command("sandbox", "call", "--from", caller, "--to", f"+1{number}", "--duration", "1")
    assert done.returncode == 0, done.stderr
    call = the_call(running, caller)
    assert (call["status"], call["duration"]) == ("completed", 1)
    assert (call["credit"]["basis"], call["credit"]["grade"]) == ("holder", "certain")
    facts = {
        "visit": str(visit_number(page)),
        "source": "newsletter",
        "page": f"{running.shop}/prices",
        "title": page.title(),
        "ip": ELSEWHERE,
        "country": "US",
        "os": "Linux",
        "browser": chrome(page),
    }
    assert_everybody_agrees(running, signed_in(running, visitor), call, facts)


def test_a_twilio_call_to_a_pool_number(running: Running, visitor: Visitor, account: twilio.Account) -> None:
    page = from_elsewhere(visitor(), running.doors)
    page.goto(f"http://localhost:{urlsplit(running.shop).port}/services?utm_source=radio&utm_medium=audio")
    number, caller, sid = shown(page), "+13125550166", "CA" + "1" * 32
    parent = {"CallSid": sid, "AccountSid": "AC" + "0" * 32, "From": caller, "To": f"+1{number}"}
    answer = twilio.send(running.doors, account, "call", {**parent, "CallStatus": "ringing", "Direction": "inbound"})
    dial = ElementTree.fromstring(answer.content).find("Dial")
    assert dial is not None
    assert dial.findtext("Number") == twilio.TARGET
    child = {"CallSid": "CA" + "2" * 32, "ParentCallSid": sid, "From": caller, "To": twilio.TARGET}
    for sequence, status in enumerate(("initiated", "ringing", "in-progress", "completed")):
        event = {**child, "CallStatus": status, "SequenceNumber": str(sequence), "CallDuration": "42"}
        for _twice in range(2):
            assert twilio.send(running.doors, account, "events", event).status_code == 200
    ended = {**parent, "DialCallStatus": "completed", "DialCallDuration": "42", "DialCallSid": child["CallSid"]}
    assert b"<Hangup" in twilio.post_to(dial.attrib["action"], account, {**ended, "CallStatus": "in-progress"}).content
    final = {**parent, "CallStatus": "completed", "CallDuration": "44", "SequenceNumber": "1"}
    assert twilio.send(running.doors, account, "events", final).status_code == 200
    call = the_call(running, caller)
    assert (call["status"], call["duration"]) == ("completed", 42)
    facts = {
        "visit": str(visit_number(page)),
        "source": "radio",
        "page": page.url,
        "title": page.title(),
        "ip": ELSEWHERE,
        "country": "US",
        "os": "Linux",
        "browser": chrome(page),
    }
    assert_everybody_agrees(running, signed_in(running, visitor), call, facts)


def test_a_call_one_second_after_the_page_opened(running: Running, visitor: Visitor) -> None:
    page = visitor()
    page.goto(f"{running.shop}/?{UTM}")
    opened = time.monotonic()
    number = shown(page)
    time.sleep(max(0.0, 1 - (time.monotonic() - opened)))
    caller = "+13125550155"
    running.command("sandbox", "call", "--from", caller, "--to", f"+1{number}", "--duration", "0.5")
    credit = the_call(running, caller)["credit"]
    assert credit["visit_number"] == visit_number(page)
    assert credit["source"] == "newsletter"


def test_a_repeat_call_keeps_the_first_calls_source(running: Running, visitor: Visitor) -> None:
    first, caller = visitor(), "+13125550144"
    number = arrive(first, running.shop, "google")
    for _ in range(2):
        running.command("sandbox", "call", "--from", caller, "--to", f"+1{number}", "--duration", "0.2")
        call = the_call(running, caller)
    assert (call["credit"]["basis"], call["credit"]["channel"]) == ("repeat", "organic_search")


def test_a_missed_call_is_missed(running: Running, visitor: Visitor) -> None:
    page, caller = visitor(), "+13125550133"
    number = arrive(page, running.shop, "direct")
    running.command("sandbox", "call", "--from", caller, "--to", f"+1{number}", "--busy")
    call = the_call(running, caller)
    assert call["status"] == "busy"
    assert call["credit"]["channel"] == "direct"


def test_a_wrong_signature_leaves_nothing_but_a_count(
    running: Running, visitor: Visitor, account: twilio.Account
) -> None:
    form = {"CallSid": "CA" + "9" * 32, "From": "+13125550122", "To": twilio.NUMBERS[0], "CallStatus": "ringing"}
    before = len(running.api("calls", limit="100")["items"])
    refused = twilio.send(running.doors, account, "call", form, token="not the token")
    assert (refused.status_code, refused.content) == (403, b"")
    unsigned = httpx.post(f"{running.doors}/voice/twilio/{account.connection}/call", data=form)
    assert unsigned.status_code == 403
    console = signed_in(running, visitor)

    def counted() -> bool:
        console.goto(f"{running.console}/settings/integrations/")
        return "was not signed with the connection" in console.locator("main").inner_text()

    eventually("the refusal is counted", counted)
    assert not running.api("calls", caller="+13125550122")["items"]
    assert len(running.api("calls", limit="100")["items"]) == before


def test_a_new_call_appears_in_the_log_without_reload(running: Running, visitor: Visitor) -> None:
    console = signed_in(running, visitor)
    console.goto(f"{running.console}/calls/")
    console.evaluate("() => { window.notReloaded = true }")
    page, caller = visitor(), "+13125550111"
    number = arrive(page, running.shop, "google")
    running.command("sandbox", "call", "--from", caller, "--to", f"+1{number}", "--duration", "0.2")
    expect(console.locator("main")).to_contain_text("555-0111", timeout=20_000)
    assert console.evaluate("() => window.notReloaded")
