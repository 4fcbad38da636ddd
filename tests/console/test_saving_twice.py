"""Whoever presses *Save* several times in the same moment has made one scenario."""

from __future__ import annotations

import shutil
from functools import partial

from django.conf import settings
from django.test import Client, TransactionTestCase

from callspring.accounts.models import Company, User
from callspring.carriers.sandbox.inventory import Inventory
from callspring.console.models import Draft
from callspring.numbers.models import Connection
from callspring.scenarios.models import Scenario
from callspring.sites.models import Site
from tests.races import at_once
from tests.stories import TARGET, make_company


class SavingTwice(TransactionTestCase):
    def setUp(self) -> None:
        shutil.rmtree(settings.CONFIG.sandbox_books.parent, ignore_errors=True)
        self.alice = User.objects.create_user("alice@example.com", name="Alice")
        self.company: Company = make_company("Harbor & Pine", self.alice)
        via = Connection.objects.get(company=self.company)
        books = Inventory(settings.CONFIG.sandbox_books)
        books.open_account(via.account, secret=via.secret, voice_url="http://127.0.0.1:9")

    def browser(self) -> Client:
        client = Client()
        client.force_login(self.alice)
        return client

    def test_one_is_made(self) -> None:
        client, typed = self.browser(), {"title": "Everyone", "site": Site.objects.get().pk, "target": TARGET}
        step = client.get("/tracking-numbers/new/users/").headers["Location"]
        for more in ({**typed, "peak": 8}, {"title": "Everyone", "kind": "local", "country": "US"}):
            client.get(step)
            answer = client.post(step, {**more, "go": "next"})
            assert answer.status_code == 302, answer.content
            step = answer.headers["Location"]
        routing = {"title": "Everyone", "destination": TARGET, "ring_seconds": "25", "go": "save"}
        answers = at_once([partial(one.post, step, routing) for one in (self.browser() for _ in range(4))])
        assert [getattr(one, "status_code", one) for one in answers] == [302] * 4
        assert {getattr(one, "headers", {}).get("Location") for one in answers} == {"/tracking-numbers/"}
        made = Scenario.objects.get()
        assert made.wanted.count() == 2
        assert not Draft.objects.exists()
