from __future__ import annotations
import pytest
from django.conf import settings
from tests.browser.chromium import assert_accessible, assert_fits
from tests.console.test_page_chosen import PageChosen
from callspring.accounts.models import Account
from callspring.numbers.models import Connection
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

@pytest.mark.parametrize("size", ["wide", "phone"])
def test_look(visitor, live_server, transactional_db, size):
    PageChosen.setUpTestData()
    story = PageChosen(); story.setUp()
    page = visitor(viewport={"wide": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}[size])
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    other = story.campaign(title="Kazan")
    tagging = story.tagging(story.numbers(1)[0])
    def shoot(name):
        page.wait_for_timeout(700)
        page.screenshot(path=f"/tmp/w10/{name}-{size}.png", full_page=True)
        try:
            assert_fits(page); assert_accessible(page)
        except AssertionError as e:
            print(name, size, e)
    page.goto(live_server.url + tagging); 
    page.get_by_label("Aliases").fill(f"moscow\n{other.pk}")
    page.get_by_label("Replace").fill("")
    page.get_by_role("button", name="Continue").click()
    shoot("tagging")
    users = story.numbers_step("users")
    search = story.numbers_step("campaign")
    Account.objects.update(mode="own_carrier")
    Connection.objects.filter(company=story.company).update(carrier="twilio")
    page.goto(live_server.url + "/tracking-numbers/new/"); shoot("new")
    page.goto(live_server.url + users.replace("/numbers/", "/tracking/")); shoot("users")
    page.goto(live_server.url + "/tracking-numbers/size/?peak=40&accuracy=90"); shoot("calculator")
    page.goto(live_server.url + search + ""); shoot("numbers")
    story.empty_books()
