"""A story whose people use the console in Django's test client."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from callspring.accounts.models import User
from tests.stories import Story

PASSWORD = "a long enough password"


class Pages(Story):
    """`self.owner`, `self.analyst`, `self.outsider` and `self.stranger` are browsers."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.alice.set_password(PASSWORD)
        cls.alice.save()

    def setUp(self) -> None:
        super().setUp()
        cache.clear()
        self.owner, self.analyst, self.outsider = (self.browser(who) for who in (self.alice, self.bob, self.charlie))
        self.stranger = Client()

    def browser(self, user: User) -> Client:
        client = Client(enforce_csrf_checks=False)
        client.force_login(user)
        return client

    def page(self, view: str, *args: Any, query: str = "", client: Client | None = None, **headers: Any) -> str:
        """The text of a page, which has to be there; the owner's browser unless another is named."""
        response = (client or self.owner).get(reverse(f"console:{view}", args=args) + query, headers=headers)
        assert response.status_code == 200, response.status_code
        return text(response)


def text(response: Any) -> str:
    """What a person reads: tags gone, white space made single."""
    html = re.sub(r"<(script|svg|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
