"""Every address of the console, tried by a stranger, an outsider, and somebody who may only look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.test import Client

import callspring.console
from callspring.accounts.actions import create_api_key
from callspring.console.headers import POLICY
from callspring.console.urls import urlpatterns
from tests.console.pages import Pages, text

OPEN = {"sign_in", "sign_in_link", "sign_out"}
OWN = {"switch_company"}  # about the person, not about a company
# Forms that change something, and what they are sent.
FORMS: dict[str, dict[str, str]] = {
    "switch": {"enabled": "no"},
    "campaign": {"title": "Mine now"},
    "users": {"title": "Mine now"},
    "review": {},
    "routing": {},
    "new_site": {"new-name": "Evil", "new-hosts": "evil.example"},
    "site": {"name": "Evil", "hosts": "evil.example"},
    "new_api_key": {"label": "Evil"},
    "revoke_api_key": {},
    "company": {"name": "Evil", "zone": "UTC"},
}
ONLY_MANAGERS_LOOK = {"new", "campaign", "users", "review", "routing"}
TEMPLATES = Path(callspring.console.__file__).parent / "templates"


class EveryAddress(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.campaign()
        self.call_made = self.call(self.scenario.numbers.get())
        self.key_made = create_api_key(self.company, "Report")[0]
        self.ids: dict[str, Any] = {
            "call_id": self.call_made.pk,
            "scenario_id": self.scenario.pk,
            "site_id": self.site().pk,
            "key_id": self.key_made.pk,
        }

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Name and address of everything but signing in, about Alice's company."""
        for pattern in urlpatterns:
            if pattern.name not in OPEN | OWN:
                assert pattern.name
                route = str(pattern.pattern)
                yield pattern.name, "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(self.ids[found[1]]), route)

    def test_a_stranger_is_sent_to_sign_in(self) -> None:
        for _name, address in self.addresses():
            for response in (self.stranger.get(address), self.stranger.post(address)):
                assert response.status_code in (302, 405), address
                if response.status_code == 302:
                    assert response.headers["Location"].startswith("/sign-in/?next=/"), address

    def test_a_fragment_for_a_stranger_takes_the_page_to_the_sign_in(self) -> None:
        response = self.stranger.get("/calls/", headers={"HX-Request": "true"})
        assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/sign-in/")

    def test_an_outsider_finds_nothing_of_ours(self) -> None:
        for _name, address in self.addresses():
            for response in (self.outsider.get(address), self.outsider.get(address, headers={"HX-Request": "true"})):
                if any(str(value) in address for value in self.ids.values()):
                    assert response.status_code in (404, 405), address
                assert b"Harbor" not in response.content, address
                assert self.company.key.encode() not in response.content, address

    def test_an_outsider_changes_nothing_of_ours(self) -> None:
        before = self.state()
        for name, address in self.addresses():
            response = self.outsider.post(address, FORMS.get(name, {}))
            assert response.status_code in (200, 302, 404, 405), address
            if any(str(value) in address for value in self.ids.values()):
                assert response.status_code in (404, 405), address
        assert self.state() == before

    def test_an_analyst_looks_and_changes_nothing(self) -> None:
        before = self.state()
        for name, address in self.addresses():
            if name in FORMS:
                assert self.analyst.post(address, FORMS[name]).status_code == 403, address
            else:
                expected = 403 if name in ONLY_MANAGERS_LOOK else 200
                assert self.analyst.get(address).status_code == expected, address
        assert self.state() == before

    def test_an_analyst_is_shown_no_buttons_that_would_be_refused(self) -> None:
        for view in ("/", "/tracking-numbers/", "/settings/integrations/", "/settings/company/"):
            html = self.analyst.get(view).content.decode()
            actions = set(re.findall(r'<form[^>]*action="([^"]*)"', html))
            assert actions <= {"/sign-out/", "/company/"}, (view, actions)

    def test_the_forms_listed_here_are_all_there_are(self) -> None:
        """Else a new form would go untried."""
        for name, address in self.addresses():
            if self.owner.post(address).status_code != 405:
                assert name in FORMS, address

    def test_a_role_that_is_not_enough_says_so_politely(self) -> None:
        response = self.analyst.get("/tracking-numbers/new/")
        assert "Only owners and managers" in text(response)

    def state(self) -> list[Any]:
        """Everything of Alice's company that forms can change."""
        self.company.refresh_from_db()
        return [
            (self.company.name, self.company.zone),
            list(self.company.scenarios.values_list("name", "enabled")),
            list(self.company.sites.values_list("name", "hosts")),
            list(self.company.api_keys.values_list("label", "revoked_at")),
            self.company.numbers.count(),
        ]


class Answers(Pages):
    def test_every_page_carries_the_policy(self) -> None:
        for client, address in ((self.owner, "/"), (Client(), "/sign-in/"), (self.owner, "/nothing-here/")):
            response = client.get(address)
            assert response.headers["Content-Security-Policy"] == POLICY, address
        assert "unsafe" not in POLICY

    def test_pages_with_peoples_data_are_not_kept_by_caches(self) -> None:
        assert self.owner.get("/calls/").headers["Cache-Control"] == "no-store, private"

    def test_an_address_that_is_not_there(self) -> None:
        for address in ("/nothing-here/", f"/calls/{uuid4()}/"):
            response = self.owner.get(address)
            assert response.status_code == 404
            assert "There is nothing at this address" in text(response)

    def test_an_error_of_ours_has_a_page_that_needs_nothing(self) -> None:
        from django.views.defaults import server_error

        request = self.owner.get("/").wsgi_request
        response = server_error(request)
        assert response.status_code == 500
        assert "on our side" in text(response)


def test_templates_run_and_style_nothing_inline() -> None:
    for file in TEMPLATES.rglob("*.html"):
        html = file.read_text()
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", html), file
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), file


def test_every_word_on_a_page_can_be_translated() -> None:
    """What is left of a template without its tags has no words but our name."""
    for file in TEMPLATES.rglob("*.html"):
        inside = r"{% blocktranslate.*?{% endblocktranslate %}|{% block body_class %}.*?{% endblock %}"
        html = re.sub(inside, "", file.read_text(), flags=re.DOTALL)
        html = re.sub(r"{%.*?%}|{{.*?}}", "", html)
        for attribute in re.findall(r'(?:aria-label|title|placeholder|alt|data-confirm|data-done)="([^"]*)"', html):
            assert not re.search(r"[A-Za-z]", attribute), (file, attribute)
        words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|&\w+;", "", html).replace("Callspring", ""))
        assert not words, (file, words)
