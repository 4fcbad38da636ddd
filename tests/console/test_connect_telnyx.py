"""A carrier of another kind through the same pages: Telnyx connected, a number brought here, and all of it undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.test import override_settings

from callspring.numbers.models import Connection
from callspring.numbers.queries import connections, numbers
from tests.carriers.telnyx_account import TelnyxAccount
from tests.console.carrier_story import FIRST, SECOND, CarrierPages, error_at
from tests.console.pages import text


class ConnectTelnyx(CarrierPages):
    def setUp(self) -> None:
        super().setUp()
        self.telnyx = TelnyxAccount()
        self.telnyx.__enter__()
        self.addCleanup(self.telnyx.__exit__, None, None, None)
        settled = override_settings(CONFIG=replace(settings.CONFIG, carrier_apis={"telnyx": self.telnyx.url}))
        settled.enable()
        self.addCleanup(settled.disable)
        self.telnyx.connections["77"] = "Office PBX"
        self.number = self.telnyx.own(FIRST, connection_id="77", connection_name="Office PBX")

    def paste(self, **changes: str) -> Any:
        key, public = self.telnyx.secret.split(":")
        said = {"carrier": "telnyx", "account": self.telnyx.account, "key": key, "public_key": public, "label": ""}
        return self.owner.post("/settings/carriers/connect/", said | changes)

    def connect_telnyx(self) -> Connection:
        assert self.paste().status_code == 302
        return connections(self.company).get()

    def test_each_part_that_cannot_be_right_is_said_where_it_stands(self) -> None:
        for name, wrong, said in (
            ("account", "AC1", "36 characters"),
            ("key", "0123", "begins with KEY"),
            ("public_key", "x=", "44 letters"),
            ("public_key", "", "paste it here"),
        ):
            assert said in error_at(self.paste(**{name: wrong}), name)
        assert self.telnyx.requests == []
        assert "does not accept this API key" in error_at(self.paste(key="KEY0123456789abcdef"), "key")
        other = "61bf923e-5e4d-4595-a110-56190ea18a1b"
        assert "does not belong to this account ID" in error_at(self.paste(account=other), "key")
        assert not connections(self.company).exists()

    def test_brought_here_and_put_back(self) -> None:
        connection = self.connect_telnyx()
        assert (connection.account, connection.secret) == (self.telnyx.account, self.telnyx.secret)
        assert "connection Office PBX" in text(self.bring(connection, FIRST, go="review"))
        self.brought(connection, FIRST)
        (application,) = self.telnyx.applications.values()
        assert application["voice_url"] == f"https://calls.example.com/voice/telnyx/{connection.pk}/call"
        assert application["voice_fallback_url"].endswith("PhoneNumber=%2B13122020777")
        assert self.number["connection_id"] == application["id"]
        (profile,) = self.telnyx.profiles.values()
        assert profile["webhook_url"] == f"https://calls.example.com/voice/telnyx/{connection.pk}/text"
        self.owner.post(self.address(connection, "disconnect/"))
        self.work()
        assert (self.number["connection_id"], self.number["messaging_profile_id"]) == ("77", None)
        assert (self.telnyx.applications, self.telnyx.profiles) == ({}, {})
        assert not numbers(self.company).exists()
        assert not connections(self.company).exists()

    def test_another_secret_of_the_same_account(self) -> None:
        connection = self.connect_telnyx()
        page = self.page("connection", connection.pk)
        assert "Replace the secret" in page
        assert "Public key" in page
        assert "Account ID" not in page
        self.telnyx.key = "KEY" + "9" * 32
        public = "B" * 43 + "="
        wrong = self.owner.post(self.address(connection, "token/"), {"key": "KEY" + "1" * 32, "public_key": public})
        assert "does not accept" in error_at(wrong, "key")
        self.owner.post(self.address(connection, "token/"), {"key": self.telnyx.key, "public_key": public})
        assert "Telnyx accepts this, and it is stored." in self.page("connection", connection.pk)
        assert self.published().connections[0].secret == f"{self.telnyx.key}:{public}"

    def test_what_each_number_can_do(self) -> None:
        self.telnyx.own(SECOND)
        self.telnyx.mute.add(SECOND)
        page = self.page("import_numbers", self.connect_telnyx().pk)
        assert "(312) 202-0001 Calls, texts Office PBX Not yet" in page
        assert "(312) 202-0002 Calls Nowhere: nobody answers Not yet" in page
