"""The inbox in a real browser: two panes on a desk and one on a phone, by mouse, by keyboard, and live."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.inbox.models import Message, Thread
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.browser.test_console import DESK, PHONE, enter
from tests.console.inbox_story import CALLER, SILENT, TEXTER, InboxPages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = 6000  # milliseconds: three times what a piece of the page waits before it asks again
LONG = "a-very-long-word-without-any-break-" * 8


class Inbox(InboxPages):
    """Three callers: one with everything in their thread, one who writes, one who withholds the number."""

    def fill(self) -> None:
        self.visits_and_dials(minutes_ago=3000, status="no-answer", page_title="Drains " + LONG)
        self.leaves_voicemail(self.dials(CALLER, minutes_ago=1500, status="no-answer"))
        self.call_made = self.visits_and_dials(minutes_ago=60)
        self.texts(
            "Thank you! See you on Tuesday. " + LONG, caller=CALLER, minutes_ago=50, media=("https://m.example/1",)
        )
        self.sends_form(
            {"name": "Ann Oakley", "phone": CALLER, "message": "Do you do boilers?\n" + LONG}, minutes_ago=40
        )
        self.texts("Are you open on Sunday?", caller=TEXTER, minutes_ago=20)
        self.dials("", minutes_ago=30, status="busy")
        self.dials(SILENT, minutes_ago=45, status="no-answer")
        self.ann, self.texter = self.thread(CALLER), self.thread(TEXTER)
        for state, body in (("delivered", "We do, from 9 to 5."), ("failed", "Shall I book you in?")):
            self.owner.post(f"/inbox/{self.ann.pk}/reply/", {"body": body})
            error = "30003 Unreachable destination handset" if state == "failed" else ""
            Message.objects.filter(body=body).update(state=state, error=error)
        self.owner.post(f"/inbox/{self.ann.pk}/note/", {"body": "Prefers mornings. " + LONG})


@pytest.fixture
def inbox(transactional_db: None) -> Iterator[Inbox]:  # noqa: ARG001 - the database has to be there first
    Inbox.setUpTestData()
    story = Inbox()
    story.setUp()
    story.fill()
    yield story
    story.empty_books()


def arrive(page: Page, story: InboxPages, server: LiveServer, path: str = "/inbox/") -> None:
    enter(page, story, server)
    page.goto(server.url + path)


def play(page: Page) -> None:
    """Press the left end of the browser's own player."""
    page.locator("audio").click(position={"x": 26, "y": 20})


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    visitor: Visitor, live_server: LiveServer, inbox: Inbox, size: dict[str, int]
) -> None:
    page = visitor(viewport=size)
    enter(page, inbox, live_server)
    alone = Thread.objects.get(contact="")
    paths = ["", f"{inbox.ann.pk}/", f"{inbox.texter.pk}/", f"{alone.pk}/", "?folder=spam", "?q=nothing"]
    for path in [*(f"/inbox/{path}" for path in paths), f"/calls/{inbox.call_made.pk}/"]:
        page.goto(live_server.url + path)
        for fold in page.locator(".cs-fold > summary").all():
            fold.click()
        assert_fits(page)
        assert_accessible(page)


def test_threads_open_beside_the_list_and_the_way_back_works(
    visitor: Visitor, live_server: LiveServer, inbox: Inbox
) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server)
    page.evaluate("window.notReloaded = true")
    expect(page.locator("[data-row]")).to_have_count(4)
    page.get_by_role("link", name=re.compile("Ann Oakley")).click()
    expect(page.locator("#thread-title")).to_have_text("Ann Oakley")
    expect(page).to_have_url(f"{live_server.url}/inbox/{inbox.ann.pk}/")
    expect(page).to_have_title("Ann Oakley · Callspring")
    expect(page.locator("[data-row][aria-current]")).to_contain_text("Ann Oakley")
    assert page.evaluate("window.notReloaded")
    page.get_by_role("link", name=re.compile("0188")).click()
    expect(page.locator("#thread-title")).to_have_text("(312) 555-0188")
    page.go_back()
    expect(page.locator("#thread-title")).to_have_text("Ann Oakley")
    expect(page.locator("[data-row][aria-current]")).to_contain_text("Ann Oakley")
    page.go_back()
    expect(page.get_by_text("Choose a thread to read it here.")).to_be_visible()


def test_on_a_phone_a_thread_takes_the_place_of_the_list(
    visitor: Visitor, live_server: LiveServer, inbox: Inbox
) -> None:
    page = visitor(viewport=PHONE)
    arrive(page, inbox, live_server)
    page.get_by_role("link", name=re.compile("Ann Oakley")).click()
    expect(page.locator("#thread-title")).to_be_focused()
    expect(page.locator(".cs-inbox-list")).to_be_hidden()
    expect(page.locator("#reply")).to_be_in_viewport()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("[data-row]")).to_have_count(4)
    expect(page.locator(".cs-inbox-pane")).to_be_hidden()


def test_the_keyboard_alone(visitor: Visitor, live_server: LiveServer, inbox: Inbox) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server)
    names = ["Ann Oakley", "(312) 555-0188", "Withheld"]
    for name in names:
        page.keyboard.press("j")
        expect(page.locator("#thread-title")).to_have_text(name)
    page.keyboard.press("k")
    expect(page.locator("#thread-title")).to_have_text(names[1])
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.type("junk?")  # letters are letters in a field
    expect(page.locator("#reply")).to_have_value("junk?")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("Open until six")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cs-msg.is-note")).to_contain_text("Open until six", timeout=SOON)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Single keys do this").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#thread-title")).to_have_text(names[1])
    page.keyboard.press("?")
    page.get_by_label("Single keys do this").check()
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(page.get_by_text("Choose a thread to read it here.")).to_be_visible()
    expect(page.locator("[data-row].is-unread", has_text="0188")).to_be_visible(timeout=SOON)
    expect(page).to_have_url(f"{live_server.url}/inbox/")


def test_a_reply_appears_at_once_and_what_becomes_of_it_live(
    visitor: Visitor, live_server: LiveServer, inbox: Inbox
) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server, f"/inbox/{inbox.texter.pk}/")
    page.locator("#reply").fill("We are open from 9 to 5 — always")
    expect(page.locator("#reply-count")).to_have_text("32 characters")
    page.keyboard.press("Control+Enter")
    sent = page.locator(".cs-msg.is-text_out")
    expect(sent).to_contain_text("Being sent", timeout=SOON)
    expect(page.locator("#reply")).to_have_value("")
    for state, said in (("delivered", "Delivered"), ("failed", "Not delivered")):
        Message.objects.filter(kind="text_out", thread=inbox.texter).update(state=state, error="30003 Unreachable")
        expect(sent).to_contain_text(said, timeout=SOON)
    sent.get_by_role("button", name="Retry").click()
    expect(sent).to_contain_text("Being sent", timeout=SOON)


def test_the_counter_cuts_as_the_network_does(visitor: Visitor, live_server: LiveServer, inbox: Inbox) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server, f"/inbox/{inbox.texter.pk}/")
    for text, said in (
        ("a" * 160, "160 characters"),
        ("a" * 161, "161 characters, 2 texts"),
        ("€" * 80, "80 characters"),  # two places each
        ("€" * 81, "81 characters, 2 texts"),
        ("a" * 307, "307 characters, 3 texts"),
        ("ж" * 70, "70 characters"),
        ("ж" * 71, "71 characters, 2 texts"),
        ("😀" * 35, "35 characters"),  # two places each there
        ("😀" * 36, "36 characters, 2 texts"),
        ("ж" * 135, "135 characters, 3 texts"),
    ):
        page.locator("#reply").fill(text)
        expect(page.locator("#reply-count")).to_have_text(said)


def test_a_draft_survives_a_reload_and_a_look_elsewhere(
    visitor: Visitor, live_server: LiveServer, inbox: Inbox
) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server, f"/inbox/{inbox.texter.pk}/")
    page.locator("#reply").fill("Half a sentence")
    page.reload()
    expect(page.locator("#reply")).to_have_value("Half a sentence")
    page.get_by_role("link", name=re.compile("Ann Oakley")).click()
    expect(page.locator("#reply")).to_have_value("")
    page.get_by_role("link", name=re.compile("0188")).click()
    expect(page.locator("#reply")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#reply")).to_have_value("")
    page.reload()
    expect(page.locator("#reply")).to_have_value("")


def test_what_comes_in_disturbs_nothing(visitor: Visitor, live_server: LiveServer, inbox: Inbox) -> None:
    """A voicemail goes on playing, an open path stays open, and a reader who is not at the end stays where they are."""
    page = visitor(viewport={"width": 1280, "height": 600})
    arrive(page, inbox, live_server, f"/inbox/{inbox.ann.pk}/")
    page.locator(".cs-fold > summary").first.click()
    page.locator("audio").evaluate("(audio) => { audio.loop = true; }")
    play(page)
    expect(page.locator("audio")).to_have_js_property("paused", False)
    page.locator("#scroll").evaluate("(scroll) => (scroll.scrollTop = 300)")
    page.evaluate("window.player = document.querySelector('audio')")
    before = page.locator("#scroll").evaluate("(scroll) => scroll.scrollTop")
    inbox.texts("One more thing", caller=CALLER, minutes_ago=-1)
    expect(page.locator(".cs-msg.is-text_in", has_text="One more thing")).to_have_count(1, timeout=SOON)
    assert page.evaluate("[player.isConnected, player.paused, player.played.length > 0]") == [True, False, True]
    expect(page.locator(".cs-fold[open]")).to_have_count(1)
    assert page.locator("#scroll").evaluate("(scroll) => scroll.scrollTop") == before
    play(page)  # the controls still obey: this stops it
    expect(page.locator("audio")).to_have_js_property("paused", True)
    page.get_by_role("button", name="New messages").click()
    expect(page.locator(".cs-msg", has_text="One more thing")).to_be_in_viewport()
    expect(page.get_by_role("button", name="New messages")).to_be_hidden()
    inbox.texts("And another", caller=CALLER, minutes_ago=-2)  # now at the end, which is followed
    expect(page.locator(".cs-msg", has_text="And another")).to_be_in_viewport(timeout=SOON)


def test_the_list_and_the_menu_follow(visitor: Visitor, live_server: LiveServer, inbox: Inbox) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server)
    expect(page.locator("#inbox-unread")).to_have_text(re.compile(r"^4"))
    page.locator(f"#thread-{inbox.ann.pk}").focus()
    inbox.texts("A stranger writes", caller="+13125550155", minutes_ago=-1)
    expect(page.locator("[data-row]").first).to_contain_text("A stranger writes", timeout=SOON)
    expect(page.locator("#said")).to_contain_text("(312) 555-0155: A stranger writes")
    assert page.evaluate("document.activeElement.id") == f"thread-{inbox.ann.pk}"
    expect(page.locator("#inbox-unread")).to_have_text(re.compile(r"^5"), timeout=SOON)
    page.locator("[data-row]").first.click()
    expect(page.locator("#inbox-unread")).to_have_text(re.compile(r"^4"), timeout=SOON)


def test_searching_as_one_types(visitor: Visitor, live_server: LiveServer, inbox: Inbox) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server, f"/inbox/{inbox.ann.pk}/")
    page.get_by_label("Search names, numbers and messages").press_sequentially("sunday")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).to_have_url(f"{live_server.url}/inbox/{inbox.ann.pk}/?q=sunday")
    expect(page.locator("#thread-title")).to_have_text("Ann Oakley")
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_naming_assigning_and_spam_with_its_undo(visitor: Visitor, live_server: LiveServer, inbox: Inbox) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server, f"/inbox/{inbox.texter.pk}/")
    page.locator(".cs-rename > summary").click()
    page.get_by_label("Name of the caller").fill("Mr. Ash")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Mr. Ash")
    page.get_by_label("Assigned to").select_option("Dora")
    expect(page.locator("[data-row][aria-current]")).to_contain_text("Dora", timeout=SOON)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".cs-menu > summary").click()
    page.get_by_role("button", name="Mark as spam").click()
    expect(page.get_by_role("status").filter(has_text="Spam:")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(3, timeout=SOON)
    assert_accessible(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-row]")).to_have_count(4, timeout=SOON)


def test_a_call_is_flagged_on_its_page_and_leads_to_the_inbox(
    visitor: Visitor, live_server: LiveServer, inbox: Inbox
) -> None:
    page = visitor(viewport=DESK)
    arrive(page, inbox, live_server, f"/calls/{inbox.call_made.pk}/")
    page.get_by_role("button", name="Test call").click()
    expect(page.get_by_text("Test call: it counts in no report.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Spam")).to_be_visible()
    page.get_by_role("link", name="Show in the inbox").click()
    expect(page.locator(".cs-msg.is-call").last).to_be_in_viewport()
    expect(page.locator("#thread-title")).to_have_text("Ann Oakley")
