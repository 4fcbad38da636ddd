"""Why a call is credited as it is, on its page: each grade at a glance, and a person's word."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from callspring.calls import learning
from callspring.calls.correcting import say
from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Correction, CreditSettings
from callspring.jobs.run import run_due
from callspring.scenarios.models import Scenario
from callspring.visits.models import Show
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.calls.credit_story import DIRECT, GOOGLE, MAIL, CreditStory
from tests.console.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
NOW = timezone.now().replace(microsecond=0) - timedelta(hours=1)
PICTURES = os.environ.get("CALL_PICTURES")  # a folder, for whoever wants to look at the pages


class CallStory(Pages, CreditStory):
    """Calls of every sort."""


@pytest.fixture
def story(transactional_db: None) -> Iterator[CallStory]:  # noqa: ARG001 - the database has to be there first
    CallStory.setUpTestData()
    story = CallStory()
    story.setUp()
    yield story
    story.empty_books()


def certain(story: CallStory) -> Call:
    story.sees(NOW - timedelta(seconds=90), 120, tapped=True, country="US", region="Illinois", city="Chicago")
    return story.calls_in(NOW + timedelta(seconds=33))


def viewing(story: CallStory) -> Call:
    story.sees(NOW - timedelta(seconds=900), 120, source=MAIL)
    story.sees(NOW - timedelta(seconds=90), 120, device="desktop")
    return story.calls_in(NOW)


def likely(story: CallStory) -> Call:
    story.sees(NOW - timedelta(seconds=1400), 100, source=MAIL)
    story.sees(NOW - timedelta(seconds=400), 100)
    return story.calls_in(NOW)


def ambiguous(story: CallStory) -> Call:
    story.sees(NOW - timedelta(seconds=100), 300)
    story.sees(NOW - timedelta(seconds=60), 300, source=MAIL)
    story.sees(NOW - timedelta(seconds=20), 300)
    return story.calls_in(NOW)


def unknown(story: CallStory) -> Call:
    story.sees(NOW - timedelta(days=2), 100, source=MAIL)
    return story.calls_in(NOW)


def static(story: CallStory) -> Call:
    call = story.call(story.campaign(target="+18005550123").numbers.get(), at=NOW)
    credit_call(call, final=True)
    return call


def repeat(story: CallStory) -> Call:
    story.sees(NOW - timedelta(days=9), 100, source=MAIL, tapped=True)
    story.calls_in(NOW - timedelta(days=9) + timedelta(seconds=100))
    story.sees(NOW - timedelta(seconds=90), 120)
    return story.calls_in(NOW)


def corrected(story: CallStory) -> Call:
    call = ambiguous(story)
    say(call, story.bob, None)
    say(call, story.alice, story_visit(call, 2))
    return call


def shared(story: CallStory) -> Call:
    CreditSettings.objects.create(company=story.company, model="linear")
    visitor = uuid4()
    story.sees(NOW - timedelta(days=5), visitor=visitor, source=GOOGLE)
    story.sees(NOW - timedelta(days=2), visitor=visitor, source=MAIL, first=GOOGLE)
    story.sees(NOW - timedelta(seconds=90), 120, visitor=visitor, source=DIRECT, first=GOOGLE)
    return story.calls_in(NOW)


def overflowed(story: CallStory) -> Call:
    """Three came while all other numbers were held, and saw the overflow number: the likeliest by a newsletter, the
    others by a search, which together are likelier."""
    Scenario.objects.filter(pk=story.scenario.pk).update(overflow="number", overflow_number=story.number)
    for ago, source in ((300, GOOGLE), (290, GOOGLE), (100, MAIL)):
        visit = story.sees(NOW - timedelta(seconds=ago), 150 if ago > 200 else 400, source=source)
        Show.objects.filter(visit=visit.pk).update(reason="overflow_number", overflow=True)
    return story.calls_in(NOW)


def provisional(story: CallStory) -> Call:
    story.sees(NOW - timedelta(seconds=90), 120)
    return story.calls_in(NOW, final=False)


def many(story: CallStory) -> Call:
    """Nine visitors of three sources, none of them any likelier than the others."""
    for place in range(9):
        story.sees(NOW - timedelta(seconds=900 - 60 * place), 30, source=(GOOGLE, MAIL, DIRECT)[place % 3])
    return story.calls_in(NOW)


def nobody(story: CallStory) -> Call:
    return story.calls_in(NOW)


def saved(story: CallStory) -> Call:
    """Who calls again days later, without a visit meanwhile that anybody could have seen."""
    story.sees(NOW - timedelta(days=9), 100, source=MAIL, tapped=True)
    story.calls_in(NOW - timedelta(days=9) + timedelta(seconds=100))
    return story.calls_in(NOW)


def unused(story: CallStory) -> Call:
    """The number belonged to no scenario."""
    return story.calls_in(NOW, scenario=None)


def story_visit(call: Call, place: int) -> UUID:
    return UUID(call.credits.get(current=True).candidates[place]["visit"])


EXPECTED: dict[Callable[[CallStory], Call], tuple[str, str]] = {
    certain: ("Certain", "pressed the phone link"),
    viewing: ("Certain", "was looking at this number when the call came, and nobody else had this number"),
    likely: ("Likely", "most likely made this call"),
    ambiguous: ("Ambiguous", "cannot be told for sure"),
    unknown: ("Unknown", "saved it in their phone"),
    static: ("Certain", "is shown for"),
    repeat: ("Certain", "A repeat call"),
    corrected: ("Certain", "Alice said on"),
    shared: ("Certain", "shared between the ways they came"),
    overflowed: ("Ambiguous", "Added up by source"),
    provisional: ("Provisional", "becomes final"),
    many: ("Ambiguous", "cannot be told for sure"),
    nobody: ("Unknown", "Nobody is known to have seen this number lately"),
    saved: ("Certain", "A repeat call"),
    unused: ("Unknown", "No scenario used this number"),
}


def enter(page: Page, story: Pages, server: LiveServer) -> None:
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
def test_every_grade_is_told_at_a_glance(
    visitor: Visitor, live_server: LiveServer, story: CallStory, make: Callable[[CallStory], Call]
) -> None:
    call = make(story)
    page = visitor(viewport=DESK)
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/calls/{call.pk}/")
    told = page.get_by_role("region", name="Where this call came from")
    picture(page, f"{make.__name__}-wide")
    page.set_viewport_size(PHONE)
    picture(page, f"{make.__name__}-phone")
    page.set_viewport_size(DESK)
    for said in EXPECTED[make]:
        expect(told).to_contain_text(said)
    assert_fits(page)
    assert_accessible(page)
    page.set_viewport_size(PHONE)
    assert_accessible(page)


def test_a_person_says_whose_call_it_was(visitor: Visitor, live_server: LiveServer, story: CallStory) -> None:
    call = ambiguous(story)
    page = visitor(viewport=DESK)
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/calls/{call.pk}/")
    page.get_by_role("button", name="It was this one").first.click()
    told = page.get_by_role("region", name="Where this call came from")
    expect(told).to_contain_text("What people said")
    expect(told).to_contain_text("Alice said on")
    assert Correction.objects.get().by == story.alice
    page.get_by_role("button", name="Undo").click()
    expect(told).to_contain_text("Taken back on")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_settings_fit_and_change(
    visitor: Visitor, live_server: LiveServer, story: CallStory, size: ViewportSize
) -> None:
    call = likely(story)
    say(call, story.alice, story_visit(call, 0))
    ambiguous(story)
    learning.learn_all()
    page = visitor(viewport=size)
    enter(page, story, live_server)
    page.goto(f"{live_server.url}/settings/credit/")
    expect(page.locator("canvas").first).to_be_visible()
    picture(page, f"crediting-{size['width']}")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_label("Last touch that was not direct").check()
    page.get_by_label("Each call for itself").check()
    page.get_by_role("button", name="Show what this would change").click()
    expect(page.get_by_text("calls are worked out")).to_be_visible()
    run_due()
    apply = page.get_by_role("button", name="Apply to all calls")
    expect(apply).to_be_visible()
    picture(page, f"change-{size['width']}")
    assert_fits(page)
    assert_accessible(page)
    apply.click()
    expect(page.get_by_text("credited the new way")).to_be_visible()
    run_due()
    expect(page.get_by_role("button", name="Undo: credit as before")).to_be_visible()
    assert CreditSettings.objects.get().repeat_rule == "none"
