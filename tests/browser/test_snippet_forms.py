"""What visitors send with the site's forms: told where the site's owner wants it, and never what is a secret."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.snippet_fixtures import edge, site
from tests.browser.snippet_pages import US, Edge, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

FORM = """<p>800-555-0199</p><form onsubmit="return false">
  <input name=full_name value="Dana Reyes"><input type=tel name=your-phone value="(312) 555-0177">
  <textarea name=message>A leak under the sink</textarea><select name=when><option>today<option>later</select>
  <input type=checkbox name=news><input type=radio name=size value=s><input type=radio name=size value=l checked>
  <input type=password name=key value=hidden1><input type=hidden name=campaign value=hidden2>
  <input type=tel name=number value="4111 1111 1111 1111"><input name=cvv value=987><input type=file name=picture>
  <input autocomplete=cc-exp name=until value="12/31"><input data-callspring=off name=notes value=hidden3>
  <fieldset data-callspring=off><input name=more value=hidden4></fieldset><input value=nameless>
  <button name=go value=now>Send</button></form>"""
TOLD = {
    "full_name": "Dana Reyes",
    "phone": "(312) 555-0177",
    "message": "A leak under the sink",
    "when": "today",
    "size": "l",
}


def send(page: Page, url: str, edge: Edge) -> None:
    before = len(edge.events("swapped"))
    page.goto(url)
    edge.wait(lambda: len(edge.events("swapped")) > before, "the places")
    page.click("button")
    page.evaluate("callspring.event('sent')")  # what is told leaves in order
    edge.wait(lambda: edge.events("event")[-1:] == [{"kind": "event", "name": "sent", "data": {}}], "what followed")


def test_a_sent_form_is_told_without_its_secrets(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], forms=True)
    send(page, site.put("/form", document(edge, FORM)), edge)
    assert edge.events("event")[:-1] == [{"kind": "event", "name": "form", "data": TOLD}]
    assert "hidden" not in str(edge.beacons)
    assert "4111" not in str(edge.beacons)


def test_a_form_is_told_only_where_the_owner_wants_it(page: Page, site: Site, edge: Edge) -> None:
    send(page, site.put("/form", document(edge, FORM)), edge)
    assert [event["name"] for event in edge.events("event")] == ["sent"]
