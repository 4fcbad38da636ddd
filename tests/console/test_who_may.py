"""Every address of the console, tried by a stranger, an outsider, and people of each role.

`TABLE` says who may see and who may act at each; an address that is not in it fails the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.test import Client

import callspring.console
from callspring.accounts.roles import Role, Verb, permits
from callspring.console.headers import POLICY
from callspring.console.urls import urlpatterns
from tests.console.everything_story import Everything
from tests.console.pages import Pages, text
from tests.ownership import record_of


@dataclass(frozen=True)
class May:
    """What it takes to GET and to POST an address; None where that is no use. `form` is what is POSTed."""

    see: Verb | None = None
    act: Verb | None = None
    form: dict[str, str] = field(default_factory=dict)
    leads: bool = False  # GET leads to another page


CALLS, INBOX, REPORTS = Verb.SEE_CALLS, Verb.ACT_IN_INBOX, Verb.SEE_REPORTS
SETUP, CHANGE, PEOPLE = Verb.SEE_SETUP, Verb.CHANGE_SETUP, Verb.MANAGE_PEOPLE
MONEY = Verb.MONEY
OPEN = {"sign_in", "sign_in_link", "sign_out", "join", "forgot", "new_password", "stripe_webhook"}
OWN = {"switch_company", "profile", "change_password"}  # about the person, not about a company: for every role
TABLE: dict[str, May] = {
    "dashboard": May(REPORTS),
    "put_away_alert": May(None, REPORTS, {"episode": "x"}),
    "inbox": May(CALLS),
    "inbox_unread": May(CALLS),
    "thread": May(CALLS),
    "thread_reply": May(None, INBOX, {"body": "Evil"}),
    "thread_note": May(None, INBOX, {"body": "Evil"}),
    "thread_name": May(None, INBOX, {"name": "Evil"}),
    "thread_assign": May(None, INBOX, {"person": ""}),
    "thread_flag": May(None, INBOX, {"flag": "spam"}),
    "thread_unread": May(None, CALLS),
    "thread_retry": May(None, INBOX),
    "calls": May(CALLS),
    "export_calls": May(REPORTS),
    "new_view": May(None, CALLS, {"name": "Evil"}),
    "change_view": May(None, CALLS, {"do": "all"}),
    "call_columns": May(None, CALLS),
    "call": May(CALLS),
    "call_thread": May(CALLS, leads=True),
    "call_flag": May(None, INBOX, {"flag": "spam"}),
    "call_credit": May(None, INBOX, {"say": "nobody"}),
    "call_lead": May(None, INBOX, {"lead-note": "Evil"}),
    "tag_calls": May(None, INBOX, {"tags": "Evil"}),
    "recording": May(CALLS),
    "fetch_recording_again": May(None, INBOX),
    "call_settings": May(SETUP),
    "block_caller": May(None, CHANGE, {"block-pattern": "+1900*", "block-way": "reject"}),
    "unblock_caller": May(None, CHANGE),
    "screen_calls": May(None, CHANGE),
    "new_missed_alert": May(None, CHANGE),
    "drop_missed_alert": May(None, CHANGE),
    "keep_recordings": May(None, CHANGE, {"keep-keep": "30"}),
    "tracking_numbers": May(REPORTS),
    "switch": May(None, CHANGE, {"enabled": "no"}),
    "scenario_order": May(None, CHANGE, {"ids": "1,2"}),
    "delete_scenario": May(CHANGE, CHANGE),
    "restore_scenario": May(None, CHANGE),
    "scenario_numbers": May(CHANGE, CHANGE),
    "calculator": May(REPORTS),
    "pool_accuracy": May(REPORTS),
    "pool_maintenance": May(REPORTS),
    "set_maintenance": May(None, CHANGE, {"enabled": "yes"}),
    "pool_sizing": May(REPORTS),
    "handing_out": May(CHANGE, CHANGE, {"policy": "next_in_line", "hold": "60", "overflow": "leave"}),
    "start_replay": May(None, CHANGE),
    "replay_progress": May(REPORTS),
    "scenario_routing": May(CHANGE, CHANGE, {"destination": "+13125550123", "ring_seconds": "20"}),
    "import_settings": May(CHANGE, CHANGE),
    "settings_import": May(CHANGE, CHANGE, {"go": "create", "destination": "+13125550123"}),
    "undo_import": May(None, CHANGE),
    "old_number_settings": May(CHANGE, leads=True),
    "scenario_flow": May(SETUP),
    "change_scenario_flow": May(None, CHANGE, {"state": "0.0", "do": "delete", "step": "2"}),
    "publish_scenario_flow": May(None, CHANGE, {"state": "0.0"}),
    "try_scenario_flow": May(SETUP),
    "flow_sound": May(SETUP),
    "new": May(CHANGE),
    "new_campaign": May(CHANGE, leads=True),
    "new_users": May(CHANGE, leads=True),
    "new_offline": May(CHANGE, leads=True),
    "new_scenario": May(CHANGE, leads=True),
    "edit_scenario": May(CHANGE, leads=True),
    "draft": May(CHANGE, leads=True),
    "step": May(CHANGE, CHANGE, {"title": "Evil", "go": "keep"}),
    "discard_draft": May(None, CHANGE),
    "preview": May(CHANGE),
    "target_check": May(CHANGE),
    "approve": May(CHANGE, CHANGE, {"go": "enable"}, leads=True),
    "purchase": May(SETUP),
    "retry_purchase": May(None, CHANGE),
    "purchase_others": May(None, CHANGE),
    "leave_purchase": May(None, CHANGE),
    "visit_why": May(CALLS),
    "numbers": May(SETUP),
    "buy_numbers": May(CHANGE, CHANGE, {"number": "+13125550123", "go": "buy"}),
    "orders": May(SETUP),
    "order": May(SETUP),
    "retry_order": May(None, CHANGE),
    "order_others": May(None, CHANGE),
    "leave_order": May(None, CHANGE),
    "rest_policy": May(None, CHANGE, {"days": "0", "after_rest": "give_back"}),
    "put_number_back": May(None, CHANGE),
    "port_ins": May(SETUP, CHANGE, {"number": "+13122020123", "losing_carrier": "Evil", "destination": "+13122020777"}),
    "port_in": May(SETUP, CHANGE, {"state": "called_off"}),
    "number_routing": May(CHANGE, CHANGE, {"destination": "+13125550123", "ring_seconds": "20"}),
    "number_flow": May(SETUP),
    "change_number_flow": May(None, CHANGE, {"state": "0.0", "do": "delete", "step": "2"}),
    "publish_number_flow": May(None, CHANGE, {"state": "0.0"}),
    "try_number_flow": May(SETUP),
    "release_number": May(CHANGE, CHANGE),
    "carriers": May(SETUP),
    "connect_carrier": May(CHANGE, CHANGE, {"carrier": "twilio", "account": "evil", "secret": "evil"}),
    "connection": May(SETUP),
    "import_numbers": May(CHANGE, CHANGE, {"number": "+13125550123", "go": "import"}),
    "test_connection": May(None, CHANGE),
    "replace_token": May(None, CHANGE, {"secret": "evil"}),
    "retry_numbers": May(None, CHANGE),
    "bring_number": May(None, CHANGE, {"number": "+13125550123"}),
    "put_back": May(None, CHANGE, {"all": "yes"}),
    "disconnect": May(CHANGE, CHANGE, {"force": "yes"}),
    "integrations": May(SETUP),
    "new_site": May(None, CHANGE, {"new-name": "Evil", "new-hosts": "evil.example"}),
    "site": May(None, CHANGE, {"name": "Evil", "hosts": "evil.example"}),
    "remove_site": May(CHANGE, CHANGE),
    "restore_site": May(None, CHANGE),
    "visitor_settings": May(None, CHANGE, {"cookie_days": "7", "newest_source": "yes"}),
    "new_api_key": May(None, CHANGE, {"label": "Evil"}),
    "revoke_api_key": May(None, CHANGE),
    "snippet_tests": May(SETUP, CHANGE, {"address": "https://evil.example/"}),
    "snippet_test": May(SETUP),
    "repeat_snippet_test": May(None, CHANGE),
    "allow_tested_host": May(None, CHANGE),
    "crediting": May(SETUP, CHANGE, {"model": "linear", "repeat_rule": "first"}),
    "credit_change": May(SETUP, CHANGE, {"do": "drop"}),
    "company": May(SETUP, CHANGE, {"name": "Evil", "zone": "UTC"}),
    "people": May(PEOPLE, PEOPLE, {"email": "evil@example.com", "role": "agent"}),
    "member_role": May(None, PEOPLE, {"role": "agent"}),
    "remove_member": May(None, PEOPLE),
    "resend_invitation": May(None, PEOPLE),
    "revoke_invitation": May(None, PEOPLE),
    "billing": May(MONEY),
    "statement": May(MONEY),
    "export_statement": May(MONEY),
    "top_up": May(None, MONEY, {"amount": "50"}),
    "by_hand": May(None, MONEY, {"kind": "adjustment", "amount": "-5", "note": "Evil", "token": str(uuid4())}),
    "balance_notice": May(None, MONEY, {"when": "never"}),
    "spending_cap": May(None, MONEY, {"which": "never"}),
    "billing_mode": May(MONEY, MONEY, {"mode": "own_carrier"}),
    "plans": May(SETUP),
    "choose_plan": May(None, MONEY, {"plan": "personal"}),
    "staff": May(SETUP),
    "new_staff_network": May(None, CHANGE, {"network": "198.51.100.0/24"}),
    "drop_staff_network": May(None, CHANGE),
    "new_staff_number": May(None, CHANGE, {"e164": "+13125550123"}),
    "drop_staff_number": May(None, CHANGE),
}
SECRETS = ("Harbor", "eve@", "dora@", "Evil is not here", "203.0.113.77", "555-0155", "555-0156")
TEMPLATES = Path(callspring.console.__file__).parent / "templates"


class EveryAddress(Everything):
    def addresses(self) -> Iterator[tuple[str, str, May, bool]]:
        """Name and address of all that is about Alice's company, who may, and whether something of hers is named."""
        for pattern in urlpatterns:
            if pattern.name not in OPEN | OWN:
                route = "/" + str(pattern.pattern)
                address = re.sub(r"<\w+:(\w+)>", lambda found: self.ids[found[1]], route)
                yield str(pattern.name), address, TABLE[str(pattern.name)], address != route

    def test_the_table_has_every_address(self) -> None:
        """Else a new page would be open to whoever its author forgot."""
        names = {pattern.name for pattern in urlpatterns}
        assert names - OPEN - OWN == TABLE.keys(), "add it to TABLE in this file, and guard the view with may(…)"

    def test_each_role_sees_what_the_table_says(self) -> None:
        for name, address, may, _ in self.addresses():
            for role, browser in self.by_role.items():
                with transaction.atomic():  # to read a thread, to take a view
                    response = browser.get(address)
                    transaction.set_rollback(True)
                said = (address, role, response.status_code)
                if may.see is None:
                    assert response.status_code == 405, said
                elif permits(role, may.see):
                    assert response.status_code == (302 if may.leads else 200), said
                elif name == "dashboard":  # where everybody begins
                    assert response.headers["Location"] == "/inbox/", said
                else:
                    assert response.status_code == 403, said

    def test_each_role_does_what_the_table_says(self) -> None:
        before = record_of(self.company)
        for _, address, may, _ in self.addresses():
            for role, browser in self.by_role.items():
                with transaction.atomic():
                    response = browser.post(address, may.form)
                    said = (address, role, response.status_code)
                    if may.act is None:
                        assert response.status_code == 405, said
                    elif permits(role, may.act):
                        assert response.status_code in (200, 204, 302), said
                    else:
                        assert response.status_code == 403, said
                        assert record_of(self.company) == before, said
                    transaction.set_rollback(True)

    def test_everybody_has_a_profile(self) -> None:
        for browser in (*self.by_role.values(), self.outsider):
            assert browser.get("/profile/").status_code == 200
        for address in ("/profile/", "/profile/password/", "/company/"):
            assert self.stranger.post(address).headers["Location"].startswith("/sign-in/?next=/")

    def test_a_stranger_is_sent_to_sign_in(self) -> None:
        for _, address, _, _ in self.addresses():
            for response in (self.stranger.get(address), self.stranger.post(address)):
                assert response.status_code in (302, 405), address
                if response.status_code == 302:
                    assert response.headers["Location"].startswith("/sign-in/?next=/"), address

    def test_a_fragment_for_a_stranger_takes_the_page_to_the_sign_in(self) -> None:
        response = self.stranger.get("/calls/", headers={"HX-Request": "true"})
        assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/sign-in/")

    def test_an_outsider_finds_nothing_of_ours(self) -> None:
        for _, address, _, ours in self.addresses():
            for response in (self.outsider.get(address), self.outsider.get(address, headers={"HX-Request": "true"})):
                if ours:
                    assert response.status_code in (404, 405), address
                content = b"".join(response)
                for secret in (*SECRETS, self.company.key):
                    assert secret.encode() not in content, (address, secret)

    def test_an_outsider_changes_nothing_of_ours(self) -> None:
        before = record_of(self.company)
        for _, address, may, ours in self.addresses():
            response = self.outsider.post(address, may.form)
            assert response.status_code in ((404, 405) if ours else (200, 204, 302, 404, 405)), address
        assert record_of(self.company) == before

    def test_nobody_is_shown_buttons_that_would_be_refused(self) -> None:
        """Forms of an htmx page count too: they have an action for browsers without it."""
        actions = {address: may.act for _, address, may, _ in self.addresses() if may.act}
        for role in (Role.ANALYST, Role.AGENT):
            for _, address, may, _ in self.addresses():
                if may.see is None or may.leads or not permits(role, may.see):
                    continue
                html = b"".join(self.by_role[role].get(address)).decode("utf-8", "replace")
                for action in re.findall(r'<form[^>]*method="post"[^>]*action="([^"?]*)', html):
                    verb = actions.get(action)
                    assert verb is None or permits(role, verb), (role, address, action)

    def test_the_menu_has_no_place_that_would_be_refused(self) -> None:
        for role, browser in self.by_role.items():
            html = browser.get("/calls/").content.decode()
            (nav,) = re.findall(r'<nav class="cs-nav".*?</nav>', html, re.DOTALL)
            for address in re.findall(r'href="([^"]*)"', nav):
                assert browser.get(address).status_code == 200, (role, address)

    def test_a_role_that_is_not_enough_says_so_politely(self) -> None:
        assert "Only owners and managers of this company" in text(self.analyst.get("/tracking-numbers/new/"))
        assert "Only owners, managers and analysts" in text(self.agent.get("/numbers/"))


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
