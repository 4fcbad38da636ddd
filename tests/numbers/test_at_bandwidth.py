"""An account at Bandwidth from its connection to its end: numbers, a past call, a voicemail."""

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
from tests.carriers.bandwidth_account import BandwidthAccount
from tests.carriers.bandwidth_requests import iso, pair
from tests.numbers.at_carrier import AtCarrierStory

DOORS = "https://calls.example.com"
FIRST, SECOND, CALLER, BUSINESS = "+13122020001", "+13122020002", "+17735550177", "+18005550199"


class AtBandwidth(AtCarrierStory):
    def setUp(self) -> None:
        super().setUp()
        self.account = BandwidthAccount()
        self.account.looks = 0  # orders are filled by the time that they are first looked at
        self.account.__enter__()
        self.addCleanup(self.account.__exit__, None, None, None)
        config = replace(settings.CONFIG, carrier_apis={"bandwidth": self.account.url}, doors_url=DOORS)
        settled = override_settings(CONFIG=config)
        settled.enable()
        self.addCleanup(settled.disable)

    def connect(self, secret: str = "") -> Connection:
        ours = self.account.credentials
        return connecting.connect(self.company, "bandwidth", ours.account, secret or ours.secret)

    def test_numbers_come_here_and_go_back_exactly(self) -> None:
        self.account.numbers = {FIRST[2:]: "500001", SECOND[2:]: "500001"}
        connection = self.connect()
        assert connection.label == "Harbor & Pine"
        outcomes = connecting.import_numbers(connection, [FIRST, SECOND])
        assert [outcome.problem for outcome in outcomes] == ["", ""]
        base = f"{DOORS}/voice/bandwidth/{connection.pk}"
        told = {
            one.findtext(name)
            for one in self.account.applications.values()
            for name in ("CallInitiatedCallbackUrl", "CallStatusCallbackUrl", "InboundCallbackUrl")
        }
        assert told - {None} == {f"{base}/call", f"{base}/events", f"{base}/text"}
        assert [one.points_here for one in connecting.importable(connection)] == [True, True]
        connecting.disconnect(connection)
        assert self.account.numbers == {FIRST[2:]: "500001", SECOND[2:]: "500001"}
        assert (list(self.account.peers), self.account.applications) == (["500001"], {})
        assert not Number.objects.filter(connection=connection).exclude(state=Number.State.RELEASED).exists()

    def test_after_a_replaced_password_a_number_says_so_until_it_is_pointed_here_again(self) -> None:
        self.account.numbers = {FIRST[2:]: "500001"}
        connecting.import_numbers(self.connect(), [FIRST])
        self.account.password = "another"
        connection = self.connect()
        assert [one.points_here for one in connecting.importable(connection)] == [False]
        assert connecting.import_numbers(connection, [FIRST])[0].problem == ""
        assert [one.points_here for one in connecting.importable(connection)] == [True]
        users = {one.findtext(".//UserId") for one in self.account.applications.values()}
        assert users == {pair(connection.secret)[0]}
        connecting.disconnect(connection)
        assert self.account.numbers == {FIRST[2:]: "500001"}

    def test_a_wrong_password_connects_nothing(self) -> None:
        with pytest.raises(Denied):
            self.connect("api-user:wrong")
        assert not Connection.objects.filter(carrier="bandwidth").exists()

    def test_a_call_that_the_door_did_not_hear_comes_from_the_list_and_once(self) -> None:
        self.account.numbers = {FIRST[2:]: "500001"}
        connection = self.connect()
        connecting.import_numbers(connection, [FIRST])
        now = time.time()
        Number.objects.filter(connection=connection).update(bought_at=moment(now - 86_400))
        began = now - 1_800
        over = {"endTime": iso(began + 90), "disconnectCause": "hangup"}
        call = self.account.call(CALLER, FIRST, began, answerTime=iso(began), **over)
        leg = {"parentCallId": call, "direction": "outbound", "answerTime": iso(began + 30)}
        self.account.call(CALLER, BUSINESS, began + 5, **leg, **over)
        for _ in range(2):
            take_in(connection, now - 3_600, now, now)
        (known,) = Call.objects.filter(connection=connection)
        assert (known.status, known.caller, known.dialled, known.duration) == ("completed", CALLER, FIRST, 60)
        assert (known.carrier_call_id, abs(known.started_at.timestamp() - began) < 1) == (call, True)
        assert CallEvent.objects.filter(call=known.pk).count() == 3

    def test_a_voicemail_is_fetched_whole_and_then_deleted_there(self) -> None:
        self.is_fetched_whole_and_then_deleted_there()
