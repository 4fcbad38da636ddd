"""Real Chromium, the real processes, an account at Twilio: a missed call becomes a conversation in the inbox."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Visitor
from tests.carriers.twilio_account import TwilioAccount
from tests.journeys.at_twilio import CHARLIE, DORA, SOUND, SOUND_SECONDS, Telephone, move_in
from tests.journeys.mails import as_read, mails_to, part
from tests.journeys.running import Running, eventually
from tests.journeys.shop import ELSEWHERE, arrive, chrome, digits, from_elsewhere, shown, visit_number

pytestmark = [pytest.mark.browser, pytest.mark.system]

NUMBERS = [f"+1312203{index:04d}" for index in range(4)]
CALLER, CALLER_READ = "+13125550188", "(312) 555-0188"
SOON = 20_000  # milliseconds
RINGING = 3_000  # longer than clocks may disagree: what comes after it comes after the call
BEFORE = ("Prices · Harbor & Pine Plumbing", "Services · Harbor & Pine Plumbing", "Pressed the phone link")
AFTER = "Contact · Harbor & Pine Plumbing"


@pytest.fixture(scope="module")
def shop(running: Running, twilio: TwilioAccount) -> str:
    """The shop on a host whose numbers are the Twilio account's."""
    for e164 in NUMBERS:
        twilio.own(e164)
    host = f"plumber.localhost:{urlsplit(running.shop).port}"
    move_in(running.environment, twilio, host)
    return f"http://{host}"


def test_a_missed_call_becomes_a_conversation(
    running: Running, visitor: Visitor, twilio: TwilioAccount, shop: str
) -> None:
    inbox = opens_the_inbox(running, visitor(), DORA)
    expect(inbox.get_by_role("link", name="Settings")).to_have_count(0)  # she is an agent
    inbox.evaluate("() => { window.notReloaded = true }")

    # Somebody presses a Facebook ad, looks around, and presses the telephone number they are shown.
    page = from_elsewhere(visitor(), running.doors)
    number = f"+1{arrive(page, shop, 'facebook')}"
    assert number in NUMBERS
    page.goto(f"{shop}/services")
    assert f"+1{shown(page)}" == number
    page.locator(".button.call").click()

    # It rings out, and they leave a message.
    caller = Telephone(twilio, CALLER)
    caller.dials(number)
    page.wait_for_timeout(RINGING)
    caller.reaches_nobody()
    caller.speaks(SOUND)
    page.goto(f"{shop}/contact")

    # Dora sees it come in with everything that is known of it, and hears it; the copy in her mail says the same.
    facts = known_of(page, number)
    sees_the_call(inbox, facts)
    plays(inbox.locator(".cs-msg.is-voicemail audio"))
    eventually("the recording is deleted at Twilio", lambda: not twilio.recordings)
    has_the_copy(running, inbox, facts)

    # She answers by text, and they answer her.
    answers(inbox, twilio, number)
    caller.writes("Nine is fine, thank you.", number)
    expect(inbox.locator(".cs-msg.is-text_in")).to_contain_text("Nine is fine, thank you.", timeout=SOON)
    expect(inbox.locator(".cs-msg")).to_have_count(4)
    expect(inbox.locator("[data-row]", has_text=CALLER_READ)).to_have_count(1)
    assert inbox.evaluate("() => window.notReloaded"), "all of it came in live"

    # Whoever owns another company sees nothing of it.
    elsewhere = opens_the_inbox(running, visitor(), CHARLIE)
    expect(elsewhere.locator("[data-row]")).to_have_count(0)
    sound = inbox.locator("audio").evaluate("(audio) => audio.src")
    assert [elsewhere.request.get(address).status for address in (inbox.url, sound)] == [404, 404]
    assert inbox.request.get(sound).body() == SOUND


def opens_the_inbox(running: Running, page: Page, email: str) -> Page:
    """Somebody signs in by a link, as the operator's command prints it."""
    done = running.command("sign-in", email)
    assert done.returncode == 0, done.stderr
    page.goto(done.stdout.strip())
    page.goto(f"{running.console}/inbox/")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return page


def known_of(page: Page, number: str) -> tuple[str, ...]:
    """What I1 promises, as it is said of this visitor."""
    e164 = digits(number)
    source = ("facebook", "paid_social", "spring-drains", "Paid social")
    viewed = "Services · Harbor & Pine Plumbing"
    visitor = (ELSEWHERE, "US", "Linux", chrome(page), "desktop", str(visit_number(page)))
    return (*source, viewed, *visitor, "Every visitor", f"({e164[:3]}) {e164[3:6]}-{e164[6:]}")


def sees_the_call(inbox: Page, facts: tuple[str, ...]) -> None:
    """The thread is there by itself, and its call has all the facts and the path before and after."""
    row = inbox.locator("[data-row]", has_text=CALLER_READ)
    expect(row).to_be_visible(timeout=SOON)
    row.click()
    call = inbox.locator(".cs-msg.is-call")
    expect(call).to_contain_text("Missed")
    call.get_by_text("What they did before and after").click()
    for fact in (*facts, *BEFORE, AFTER, "l.facebook.com"):
        expect(call).to_contain_text(fact, timeout=SOON)
    in_order(call, [*BEFORE, "This call", AFTER])


def has_the_copy(running: Running, inbox: Page, facts: tuple[str, ...]) -> None:
    """The mail says the same as the thread, in both its parts, and leads there."""
    var, copied = running.environment["CALLSPRING_VAR"], f"Voicemail from {CALLER_READ}"
    (mail,) = eventually("the copy", lambda: [one for one in mails_to(DORA, var) if one["Subject"] == copied])
    for kind in ("plain", "html"):
        read = as_read(mail, kind)
        assert not [fact for fact in (*facts, *BEFORE, AFTER, "l.facebook.com") if fact not in read], read
        assert inbox.url in part(mail, kind), "a link to the thread"


def answers(inbox: Page, twilio: TwilioAccount, number: str) -> None:
    """A text leaves from the number that they called; what becomes of it is seen."""
    inbox.get_by_label("Text message to").fill("Sorry we missed you! Shall we come at nine?")
    inbox.get_by_role("button", name="Send", exact=True).click()
    (sent,) = eventually("the text at Twilio", lambda: twilio.texts)
    assert (sent["From"], sent["To"]) == (number, CALLER)
    assert sent["Body"] == "Sorry we missed you! Shall we come at nine?"
    bubble = inbox.locator(".cs-msg.is-text_out")
    expect(bubble).to_contain_text("Sent", timeout=SOON)
    assert twilio.tell(sent, "delivered").status_code == 200
    expect(bubble).to_contain_text("Delivered", timeout=SOON)


def in_order(element: Locator, texts: list[str]) -> None:
    """Each of the texts stands behind the one before."""
    read = element.locator(".cs-path").inner_text()
    places = [read.index(text) for text in texts]
    assert places == sorted(places), read


def plays(audio: Locator) -> None:
    """The browser loads the sound, knows how long it is, and plays it."""
    expect(audio).to_be_visible(timeout=SOON)
    audio.click(position={"x": 26, "y": 20})
    audio.page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2", timeout=SOON)
    assert audio.evaluate("(audio) => audio.readyState") >= 2
    assert abs(audio.evaluate("(audio) => audio.duration") - SOUND_SECONDS) < 0.2
