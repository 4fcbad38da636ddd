"""Hostile text in a real browser: on no page does any of it run, or become anything but text."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.ids import new_id
from callspring.inbox import incoming
from callspring.inbox.models import Thread
from callspring.records import TextSaid
from tests.browser.chromium import Visitor
from tests.browser.test_console import DESK, enter
from tests.console.hostile import MARKUP, mark, marked
from tests.console.hostile_outside import caller_of
from tests.console.hostile_story import HostileStory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = 6000  # milliseconds
LIVE = ("tag", "double", "template", "escaped")
ARMED = "window.evil = () => { document.title = 'evil ran'; alert('evil'); }"
EVIL = "cs-evil, [evil], [onload], [onerror], [onfocus], [onmouseover], [style*='x:y']"


class Hostile(HostileStory):
    names = [*MARKUP]


@pytest.fixture
def hostile(transactional_db: None) -> Iterator[Hostile]:  # noqa: ARG001 - the database has to be there first
    Hostile.setUpTestData()
    story = Hostile()
    story.setUp()
    yield story
    story.empty_books()
    Hostile.doClassCleanups()


def armed(page: Page) -> list[str]:
    """What a page says when something of the hostile text has run. Errors in the console fail the test anyway."""
    said: list[str] = []

    def note(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.add_init_script(ARMED)
    page.on("dialog", note)
    return said


def writes(hostile: Hostile, name: str) -> None:
    """One more text of a caller, as the ingester brings it."""
    number, about = hostile.connection.numbers.all()[0], mark("live", name)
    said = TextSaid(
        id=new_id(), received_at=timezone.now().timestamp(), company=hostile.company.pk, number=number.pk,
        connection=hostile.connection.pk, carrier_text_id=about, caller=caller_of("tag"), dialled=number.e164,
        body=marked("live", name),
    )  # fmt: skip
    incoming.text_arrived(said)


def test_nothing_runs_on_any_page(
    visitor: Visitor, live_server: LiveServer, hostile: Hostile, allowed_errors: list[str]
) -> None:
    allowed_errors.append("/favicon.ico")  # pieces of pages name no picture
    page = visitor(viewport=DESK)
    said = armed(page)
    enter(page, hostile, live_server)
    addresses = [address for address in hostile.every_address() if hostile.owner.get(address).status_code == 200]
    assert len(addresses) > 3 * len(MARKUP)
    for address in addresses:
        if address.endswith(".csv") or address.startswith("/recordings/"):
            continue
        page.goto(live_server.url + address)
        assert page.locator(EVIL).count() == 0, address
        for chart in page.locator("canvas").all():
            chart.hover()
        assert (page.title() != "evil ran", said) == (True, []), address


def test_nothing_runs_that_comes_in_live(visitor: Visitor, live_server: LiveServer, hostile: Hostile) -> None:
    page = visitor(viewport=DESK)
    said = armed(page)
    enter(page, hostile, live_server)
    page.goto(f"{live_server.url}/inbox/{Thread.objects.get(contact=caller_of('tag')).pk}/")
    for name in LIVE:
        writes(hostile, name)
        bubble = page.locator(".cs-msg.is-text_in", has_text=mark("live", name))
        expect(bubble).to_contain_text(marked("live", name), timeout=SOON)
        assert page.locator(EVIL).count() == 0
    page.locator("#reply").fill(marked("live", "tag"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cs-msg.is-text_out").last).to_contain_text(marked("live", "tag"), timeout=SOON)
    page.get_by_label("Search names, numbers and messages").fill(MARKUP["picture"])
    expect(page.locator("[data-row]")).to_have_count(1, timeout=SOON)
    assert page.locator(EVIL).count() == 0
    assert said == []


def test_nothing_runs_in_a_mail(visitor: Visitor, hostile: Hostile) -> None:  # noqa: ARG001 - it writes the mails
    page = visitor()
    said = armed(page)
    page.goto("about:blank")
    files = sorted(settings.CONFIG.mails.glob("*.eml"))
    assert len(files) > 3 * len(MARKUP)
    for file in files:
        mail = email.message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        html = mail.get_body(("html",))
        assert html
        page.set_content(html.get_content())
        page.evaluate("() => new Promise(requestAnimationFrame)")
        assert page.locator(EVIL).count() == 0, mail["Subject"]
        assert (page.title() != "evil ran", said) == (True, [])
