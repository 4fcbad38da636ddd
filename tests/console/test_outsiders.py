"""The owner of another company with our ids in hand: in paths, in queries, in forms, and in paths of their own things.

`test_who_may` says that each page refuses them; here it is looked at what they see and what is in the record after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from callspring.accounts.models import Membership
from callspring.console.urls import urlpatterns
from callspring.inbox.models import Message
from tests.console.everything_story import Everything
from tests.console.inbox_story import TEXTER
from tests.console.test_who_may import OPEN, OWN, SECRETS, TABLE
from tests.ownership import record, record_of

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
# Under which names pages and forms read ids that are in no path, besides those that the paths have.
SAID_IN_FORMS = {
    "view": "view_id",
    "scenario": "scenario_id",
    "opened": "thread_id",
    "connection": "connection_id",
    "site": "site_id",
    "call": "call_id",
    "message": "message_id",
    "batch": "batch_id",
}


class Outsiders(Everything):
    """Charlie owns Elsewhere Roofing, has everything there too, and knows every id of Alice's company."""

    def setUp(self) -> None:
        super().setUp()
        self.outsider.get("/")  # their own "last seen" is noted now
        number = self.pool(1, self.elsewhere).numbers.get()
        self.own_call = self.call(number)

    def ours(self) -> Iterator[tuple[str, str]]:
        """Name and address of each page that names something of Alice's."""
        for pattern in urlpatterns:
            route = "/" + str(pattern.pattern)
            if "<" in route and pattern.name not in OPEN:
                yield str(pattern.name), re.sub(r"<\w+:(\w+)>", lambda found: self.ids[found[1]], route)

    def named_in_forms(self) -> dict[str, str]:
        """Alice's ids under every name that a form or a query may have for them."""
        short = {name: self.ids[named] for name, named in SAID_IN_FORMS.items()}
        person, company = str(self.dora.pk), str(self.company.pk)
        people = {"person": person, "user": person, "company": company, "copies": company}
        return {**self.ids, **short, **people, "number": self.tracked.e164}

    def test_whatever_they_ask_of_ours_is_not_there(self) -> None:
        before = record()
        for name, address in self.ours():
            form = TABLE[name].form
            for method in METHODS:
                for headers in ({}, {"HX-Request": "true"}):
                    response = getattr(self.outsider, method)(address, form, headers=headers)
                    assert response.status_code in (404, 405), (method, address, response.status_code)
                    self.assert_nothing_of_ours(address, response)
        assert record() == before

    def test_our_ids_in_a_query_show_nothing(self) -> None:
        before = record_of(self.company)
        for name, may in TABLE.items():
            address = "/" + next(str(one.pattern) for one in urlpatterns if one.name == name)
            if may.see and "<" not in address:
                for headers in ({}, {"HX-Request": "true"}):
                    response = self.outsider.get(address, self.named_in_forms(), headers=headers, follow=True)
                    assert response.status_code < 500, address
                    self.assert_nothing_of_ours(address, response)
        assert record_of(self.company) == before

    def test_our_ids_in_their_forms_change_nothing_of_ours(self) -> None:
        before = record_of(self.company)
        for name, form, address in self.their_forms():
            for fields in ({**form, **self.named_in_forms()}, {**self.named_in_forms(), **form}):
                with transaction.atomic():
                    response = self.outsider.post(address, fields, follow=True)
                    assert response.status_code < 500, (name, address)
                    self.assert_nothing_of_ours(address, response, fields)
                    assert record_of(self.company) == before, (name, address)
                    transaction.set_rollback(True)

    def their_forms(self) -> Iterator[tuple[str, dict[str, str], str]]:
        """Every form that they have, of their own things too."""
        for pattern in urlpatterns:
            name, route = str(pattern.name), "/" + str(pattern.pattern)
            form = TABLE[name].form if name in TABLE else {}
            if name not in OPEN and (name in OWN or TABLE[name].act):
                yield name, form, re.sub(r"<\w+:(\w+)>", lambda found: self.their(found[1]), route)

    def their(self, parameter: str) -> str:
        """The id of something of Charlie's own; of Alice's, where he has none of that kind."""
        own: dict[str, Any] = {
            "call_id": self.own_call.pk,
            "scenario_id": self.own_call.scenario_id,
            "own_number_id": self.own_call.number_id,
            "connection_id": self.own_call.connection_id,
            "site_id": self.site(self.elsewhere).pk,
            "member_id": Membership.objects.get(user=self.charlie).pk,
        }
        return str(own.get(parameter, self.ids[parameter]))

    def test_a_message_of_ours_is_not_in_a_thread_of_theirs(self) -> None:
        """Where an address names two things, each is looked for in the other."""
        thread = self.texts("Elsewhere", TEXTER)
        thread.pk, thread.company, thread.contact = None, self.elsewhere, "+13125550199"
        thread.save()
        Message.objects.filter(pk=self.ids["message_id"]).update(kind="text_out", state="failed")
        before = record()
        response = self.outsider.post(f"/inbox/{thread.pk}/messages/{self.ids['message_id']}/retry/")
        assert response.status_code == 404
        assert record() == before

    def test_they_cannot_step_into_our_company(self) -> None:
        self.outsider.post("/company/", {"company": self.company.pk})
        page = self.outsider.get("/calls/")
        assert "Elsewhere Roofing" in page.content.decode()
        self.assert_nothing_of_ours("/calls/", page)

    def assert_nothing_of_ours(self, address: str, response: Any, said: dict[str, str] | None = None) -> None:
        """No secret stands in the answer but what they said themselves."""
        content = b"".join(response).decode("utf-8", "replace")
        for secret in (*SECRETS, self.company.key, "Drains"):
            assert secret not in content or secret in (said or {}).values(), (address, secret)
