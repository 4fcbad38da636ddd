"""People in a real browser: an owner invites, somebody new joins and finds the inbox and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.accounts.models import Membership, StaffNetwork
from callspring.accounts.people import reset_path
from callspring.jobs.models import Job
from callspring.scenarios.staff import add_staff_network
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long enough password of Eve"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}


@pytest.fixture
def story(transactional_db: None) -> Iterator[Pages]:  # noqa: ARG001 - the database has to be there first
    Pages.setUpTestData()
    story = Pages()
    story.setUp()
    yield story
    story.empty_books()


def enter(page: Page, story: Pages, server: LiveServer) -> None:
    """Alice's session, as if she had signed in before."""
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def invite(page: Page, server: LiveServer, email: str, role: str) -> str:
    """The address of the link that the inviter is shown."""
    page.goto(server.url + "/settings/people/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.locator("#join-link").text_content() or ""
    return link.replace(settings.CONFIG.console_url, server.url)


def test_invite_join_and_see_the_inbox_only(visitor: Visitor, live_server: LiveServer, story: Pages) -> None:
    owner, eve = visitor(), visitor()
    enter(owner, story, live_server)
    link = invite(owner, live_server, "eve@example.com", "Agent")
    mailed = Job.objects.get(kind="mail.send").payload
    assert link.removeprefix(live_server.url) in mailed["html"]
    expect(owner.get_by_role("status")).to_contain_text("is on its way by e-mail")

    eve.goto(link)
    expect(eve.get_by_role("heading", name="Join Harbor & Pine")).to_be_visible()
    eve.get_by_label("Your name").fill("Eve")
    eve.get_by_label("Choose a password").fill("short")
    eve.get_by_role("button", name="Join").click()
    expect(eve.get_by_text("too short")).to_be_visible()
    eve.get_by_label("Choose a password").fill(PASSWORD)
    eve.keyboard.press("Enter")
    expect(eve.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(eve.locator(".cs-nav a")).to_have_text([re.compile("Inbox"), re.compile("Calls")])

    owner.goto(live_server.url + "/settings/people/")
    row = owner.get_by_role("row", name=re.compile("Eve"))
    expect(row).to_contain_text("Today")
    owner.once("dialog", lambda dialog: dialog.dismiss())
    row.get_by_role("button", name="Remove Eve").click()
    assert Membership.objects.filter(user__email="eve@example.com").exists()
    owner.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Remove Eve").click()
    expect(owner.get_by_role("status")).to_contain_text("Eve is no longer a member of Harbor & Pine")


def test_after_removal_the_next_click_shows_nothing(
    visitor: Visitor, live_server: LiveServer, story: Pages, allowed_errors: list[str]
) -> None:
    allowed_errors += ["403", "htmx:responseError"]
    page = visitor()
    enter(page, story, live_server)
    page.goto(live_server.url + "/calls/")
    Membership.objects.filter(user=story.alice).delete()
    page.goto(live_server.url + "/calls/")
    expect(page.get_by_role("heading", name="You belong to no company yet")).to_be_visible()
    assert_accessible(page)


def test_staff_addresses(page: Page, live_server: LiveServer, story: Pages) -> None:
    enter(page, story, live_server)
    page.goto(live_server.url + "/settings/staff/")
    page.get_by_role("button", name="Add my current address").click()
    expect(page.get_by_role("status")).to_contain_text("127.0.0.1/32 is listed")
    page.get_by_label("IP address or network").fill("10.0.0.0/8")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is very wide")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove 10.0.0.0/8").click()
    expect(page.get_by_role("status")).to_contain_text("count again")
    assert [one.network for one in StaffNetwork.objects.all()] == ["127.0.0.1/32"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    visitor: Visitor, live_server: LiveServer, story: Pages, size: dict[str, int]
) -> None:
    outside, page = visitor(viewport=size), visitor(viewport=size)
    enter(page, story, live_server)
    link = invite(page, live_server, "a-very-long-address-of-somebody-who-is-invited@department.example.com", "Manager")
    assert_fits(page)
    assert_accessible(page)
    from ipaddress import ip_network

    add_staff_network(story.company, ip_network("2001:db8:1111:2222:3333:4444:5555:0/112"), "Head office, second floor")
    for address in ("/settings/people/", "/settings/staff/", "/profile/"):
        page.goto(live_server.url + address)
        assert_fits(page)
        assert_accessible(page)
    who, token = reset_path(story.bob)
    outside.goto(live_server.url + "/password/forgot/")
    assert_fits(outside)
    assert_accessible(outside)
    outside.get_by_label("E-mail").fill("bob@example.com")
    outside.keyboard.press("Enter")
    expect(outside.get_by_role("heading", name="Look into your mail")).to_be_visible()
    for address in (f"{live_server.url}/password/new/{who}/{token}/", link):
        outside.goto(address)
        assert_fits(outside)
        assert_accessible(outside)
