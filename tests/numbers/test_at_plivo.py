"""An account at Plivo from its connection to its end: numbers, a past call, a voicemail, a text."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.calls.models import Call, CallEvent
from callspring.carriers.api import Denied
from callspring.ingest.recovery import take_in
from callspring.ingest.visits import moment
from callspring.numbers import connecting
from callspring.numbers.models import Connection, Number
from tests.carriers.plivo_account import PlivoAccount
from tests.numbers.at_carrier import AtCarrierStory

DOORS = "https://calls.example.com"
FALLBACK = "https://static.example/{number}.xml"
FIRST, SECOND, CALLER, BUSINESS = "+13122020001", "+13122020002", "+17735550177", "+18005550199"


class AtPlivo(AtCarrierStory):
    def setUp(self) -> None:
        super().setUp()
        self.account = PlivoAccount()
        self.account.__enter__()
        self.addCleanup(self.account.__exit__, None, None, None)
        apis = {"plivo": self.account.url}
        config = replace(settings.CONFIG, carrier_apis=apis, doors_url=DOORS, fallback_url=FALLBACK)
        settled = override_settings(CONFIG=config)
        settled.enable()
        self.addCleanup(settled.disable)

    def connect(self, token: str = "") -> Connection:
        return connecting.connect(self.company, "plivo", self.account.auth_id, token or self.account.token)

    def at_carrier(self) -> dict[str, object]:
        """Every number with what it names, and every application."""
        return {**self.account.numbers, **{name: dict(one) for name, one in self.account.applications.items()}}

    def test_numbers_come_here_and_go_back_exactly(self) -> None:
        theirs = self.account.application(app_name="Main-line", answer_url="https://old.example/a", answer_method="GET")
        self.account.own(FIRST[1:], theirs)
        self.account.own(SECOND[1:])
        first = {name: dict(one) for name, one in self.account.numbers.items()}
        connection = self.connect()
        assert connection.label == "Harbor & Pine"
        outcomes = connecting.import_numbers(connection, [FIRST, SECOND])
        assert [outcome.problem for outcome in outcomes] == ["", ""]
        ours = [one for one in self.account.applications.values() if one["app_name"].startswith("callspring-")]
        base = f"{DOORS}/voice/plivo/{connection.pk}"
        names = ("answer_url", "hangup_url", "message_url")
        assert [[one[name] for name in names] for one in ours] == [
            [f"{base}/call", f"{base}/events", f"{base}/text"]
        ] * 2
        assert [one.points_here for one in connecting.importable(connection)] == [True, True]
        connecting.disconnect(connection)
        assert self.account.numbers == first
        assert list(self.account.applications) == [theirs]
        assert not Number.objects.filter(connection=connection).exclude(state=Number.State.RELEASED).exists()

    def test_a_wrong_token_connects_nothing(self) -> None:
        with pytest.raises(Denied):
            self.connect("0" * 40)
        assert not Connection.objects.filter(carrier="plivo").exists()

    def test_a_call_that_the_door_did_not_hear_comes_from_the_list_and_once(self) -> None:
        self.account.own(FIRST[1:])
        connection = self.connect()
        connecting.import_numbers(connection, [FIRST])
        now = time.time()
        Number.objects.filter(connection=connection).update(bought_at=moment(now - 86_400))
        began = now - 1_800
        times = {"initiation_time": self.account.written(began)}
        call = self.account.call(CALLER[1:], FIRST[1:], began + 90, call_duration=90, **times)
        leg = {"parent_call_uuid": call, "call_direction": "outbound", "call_duration": 60}
        self.account.call(CALLER[1:], BUSINESS[1:], began + 90, **leg, **times)
        for _ in range(2):
            take_in(connection, now - 3_600, now, now)
        (known,) = Call.objects.filter(connection=connection)
        assert (known.status, known.caller, known.dialled, known.duration) == ("completed", CALLER, FIRST, 60)
        assert (known.carrier_call_id, abs(known.started_at.timestamp() - began) < 1) == (call, True)
        assert CallEvent.objects.filter(call=known.pk).count() == 3

    def test_a_voicemail_is_fetched_whole_and_then_deleted_there(self) -> None:
        self.is_fetched_whole_and_then_deleted_there()
