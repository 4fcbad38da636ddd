"""An account at SignalWire from its connection to its end: the same verbs as at Twilio, with its own credentials."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.carriers.api import Denied
from callspring.numbers import connecting
from callspring.numbers.models import Connection, Number
from tests.carriers.signalwire_account import SignalWireAccount, configuration
from tests.stories import Story

DOORS = "https://calls.example.com"
FIRST, SECOND = "+13122020001", "+13122020002"


class AtSignalWire(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = SignalWireAccount()
        self.account.__enter__()
        self.addCleanup(self.account.__exit__, None, None, None)
        config = replace(settings.CONFIG, carrier_apis={"signalwire": self.account.url}, doors_url=DOORS)
        settled = override_settings(CONFIG=config)
        settled.enable()
        self.addCleanup(settled.disable)

    def connect(self, secret: str = "") -> Connection:
        return connecting.connect(self.company, "signalwire", self.account.account, secret or self.account.secret)

    def test_numbers_come_here_and_go_back_exactly(self) -> None:
        self.account.own(FIRST, voice_url="https://old.example/voice", voice_method="GET")
        self.account.own(SECOND, trunk_sid=self.account.new_id("TK"))
        first = [configuration(number) for number in self.account.numbers.values()]
        connection = self.connect()
        outcomes = connecting.import_numbers(connection, [FIRST, SECOND])
        assert [outcome.problem for outcome in outcomes] == ["", ""]
        for number in self.account.numbers.values():
            addresses = [number[name] for name in ("voice_url", "status_callback", "sms_url")]
            ours = f"{DOORS}/voice/signalwire/{connection.pk}"
            assert addresses == [f"{ours}/call", f"{ours}/events", f"{ours}/text"]
            assert not number["trunk_sid"]
        assert [one.points_here for one in connecting.importable(connection)] == [True, True]
        connecting.disconnect(connection)
        assert [configuration(number) for number in self.account.numbers.values()] == first
        assert not Number.objects.filter(connection=connection).exclude(state=Number.State.RELEASED).exists()

    def test_the_secret_has_to_have_both_parts(self) -> None:
        for secret in (self.account.token, f"{self.account.token}:", "PT0:PSK_1"):
            with pytest.raises(Denied):
                self.connect(secret)
        assert not Connection.objects.filter(carrier="signalwire").exists()
