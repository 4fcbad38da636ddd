"""An account at Vonage from its connection to its end: numbers, a past call, a voicemail, the fallback documents."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings
from django.test import override_settings

from callspring.calls.models import Call, CallEvent
from callspring.carriers.api import Denied
from callspring.flows.flow import Forward
from callspring.ingest.recovery import take_in
from callspring.ingest.visits import moment
from callspring.numbers import connecting, fallback_documents
from callspring.numbers.models import Connection, Number
from tests.carriers.vonage_account import VonageAccount
from tests.carriers.vonage_ncco import understood
from tests.carriers.vonage_requests import iso
from tests.numbers.at_carrier import AtCarrierStory

DOORS = "https://calls.example.com"
FALLBACK = "https://static.example/{number}.xml"
FIRST, SECOND, CALLER, BUSINESS = "+13122020001", "+13122020002", "+17735550177", "+18005550199"


class AtVonage(AtCarrierStory):
    def setUp(self) -> None:
        super().setUp()
        self.account = VonageAccount()
        self.account.__enter__()
        self.addCleanup(self.account.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        apis, var = {"vonage": self.account.url}, Path(folder.name)
        config = replace(settings.CONFIG, var=var, carrier_apis=apis, doors_url=DOORS, fallback_url=FALLBACK)
        settled = override_settings(CONFIG=config)
        settled.enable()
        self.addCleanup(settled.disable)

    def connect(self, secret: str = "") -> Connection:
        return connecting.connect(self.company, "vonage", self.account.account, secret or self.account.secret)

    def test_numbers_come_here_and_go_back_exactly(self) -> None:
        theirs = self.account.create("Front desk", answer_url="https://old.example/answer")
        self.account.own(FIRST, app_id=theirs)
        self.account.own(SECOND, voiceCallbackType="tel", voiceCallbackValue="12125550100")
        first = json.dumps([self.account.numbers, self.account.applications])
        connection = self.connect()
        outcomes = connecting.import_numbers(connection, [FIRST, SECOND])
        assert [outcome.problem for outcome in outcomes] == ["", ""]
        ours = [one for one in self.account.applications.values() if one["name"].startswith("Callspring ")]
        base = f"{DOORS}/voice/vonage/{connection.pk}"
        answered = {one["capabilities"]["voice"]["webhooks"]["answer_url"]["address"] for one in ours}
        assert (len(ours), answered) == (2, {f"{base}/call"})
        assert [one.points_here for one in connecting.importable(connection)] == [True, True]
        connecting.disconnect(connection)
        assert json.dumps([self.account.numbers, self.account.applications]) == first
        assert not Number.objects.filter(connection=connection).exclude(state=Number.State.RELEASED).exists()

    def test_a_wrong_secret_connects_nothing(self) -> None:
        with pytest.raises(Denied):
            self.connect("wrong:signature")
        assert not Connection.objects.filter(carrier="vonage").exists()

    def test_while_we_are_silent_vonage_is_given_a_document_that_it_understands(self) -> None:
        self.account.own(FIRST)
        connection = self.connect()
        connecting.import_numbers(connection, [FIRST])
        number = Number.objects.get(connection=connection)
        number.flow = msgspec.to_builtins(Forward(BUSINESS, 20))
        number.save(update_fields=["flow"])
        connecting.refresh_fallbacks(self.company)
        (ours,) = self.account.applications.values()
        assert ours["capabilities"]["voice"]["webhooks"]["fallback_answer_url"] == {
            "address": "https://static.example/%2B13122020001.json",
            "http_method": "GET",
        }
        document = json.loads(fallback_documents.documents()[f"{FIRST}.json"])
        dial = understood(document)
        assert getattr(dial, "destinations", ()) == (BUSINESS,)

    def test_a_call_that_the_door_did_not_hear_comes_from_the_list_and_once(self) -> None:
        self.account.own(FIRST)
        connection = self.connect()
        connecting.import_numbers(connection, [FIRST])
        now = time.time()
        Number.objects.filter(connection=connection).update(bought_at=moment(now - 86_400))
        began, call = now - 1_800, f"CON-{uuid4()}"
        for way, ends, seconds in (("inbound", (CALLER, FIRST), 90), ("outbound", (FIRST, BUSINESS), 60)):
            listed: Any = {
                "uuid": str(uuid4()), "conversation_uuid": call, "direction": way, "status": "completed",
                "from": {"type": "phone", "number": ends[0][1:]}, "to": {"type": "phone", "number": ends[1][1:]},
                "start_time": iso(began), "end_time": iso(began + 90), "duration": str(seconds),
                "listed": iso(began)[:19] + "Z",
            }  # fmt: skip
            self.account.calls.append(listed)
        for _ in range(2):
            take_in(connection, now - 3_600, now, now)
        (known,) = Call.objects.filter(connection=connection)
        assert (known.status, known.caller, known.dialled, known.duration) == ("completed", CALLER, FIRST, 60)
        assert (known.carrier_call_id, abs(known.started_at.timestamp() - began) < 1) == (call, True)
        assert CallEvent.objects.filter(call=known.pk).count() == 3

    def test_a_voicemail_is_fetched_whole_and_then_deleted_there(self) -> None:
        self.is_fetched_whole_and_then_deleted_there()
