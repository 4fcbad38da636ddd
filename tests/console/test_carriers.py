"""Settings → Carriers: connecting Twilio step by step, each thing that can go wrong, and the way back."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.carriers.registry import connectable, description
from callspring.console.public_address import public_address
from callspring.flows.flow import Forward
from callspring.jobs.registry import Later
from callspring.numbers import tasks
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection, Number, NumberTask
from callspring.numbers.queries import connections, numbers
from callspring.scenarios.jobs import carry_out
from tests.carriers.loopback import Answer
from tests.console.carrier_story import DESK, FIRST, OLD, RINGS, SECOND, THIRD, CarrierPages, error_at
from tests.console.pages import text

PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
HOSTILE = "</b><script>alert(1)</script>"


class Connecting(CarrierPages):
    def test_none_yet(self) -> None:
        page = self.page("carriers")
        assert "No carrier yet" in page
        assert "Connect a carrier" in page
        assert "Connect a carrier" not in self.page("carriers", client=self.analyst)

    def test_every_carrier_that_has_a_folder_is_offered_and_asks_for_what_it_describes(self) -> None:
        offered = self.page("connect_carrier")
        for name in connectable():
            described = description(name)
            assert described.title in offered
            page = self.page("connect_carrier", query=f"?carrier={name}")
            assert f"Connect {described.title}" in page
            assert all(field.label in page and field.help in page for field in described.fields)
        assert "Sandbox carrier" not in offered
        for unknown in ("sandbox", "pigeon", "../twilio", "</b>"):
            assert "This carrier is not known here." in text(self.connect(carrier=unknown))
        assert not Connection.objects.filter(company=self.company).exists()

    def test_a_carrier_with_credentials_of_other_names(self) -> None:
        """SignalWire's four parts become its account and its secret; each that cannot be right is said at its field."""
        parts = {"space": "example.signalwire.com", "project": PROJECT, "token": "PT1", "signing_key": "PSK1"}
        for name, wrong in (("space", "example.com"), ("project", "1"), ("token", "a:b"), ("signing_key", "")):
            assert error_at(self.connect(**{"carrier": "signalwire", **parts, name: wrong}), name), name
        with override_settings(CONFIG=replace(settings.CONFIG, carrier_apis={"signalwire": "http://127.0.0.1:9"})):
            answer = self.connect(carrier="signalwire", **parts)
        assert "SignalWire cannot be reached at the moment. Try again in a minute. Nothing was stored." in text(answer)
        assert "PSK1" not in answer.content.decode()

    def test_an_account_sid_of_another_form_is_not_even_tried(self) -> None:
        for account in ("", "SK" + "0" * 32, self.account.sid + "0", self.account.sid[:-1], "AC" + "g" * 32, "A" * 99):
            assert error_at(self.connect(account=account), "account"), account
        assert error_at(self.connect(secret=""), "secret") == "Auth token: paste it here."
        assert self.account.requests == []

    def test_each_error_stands_where_it_belongs_and_nothing_is_stored(self) -> None:
        assert "does not accept this account SID" in error_at(self.connect(secret="0" * 32), "secret")
        self.account.status = "suspended"
        assert "suspended or closed" in error_at(self.connect(), "account")
        self.account.misbehave(Answer(503))
        answer = text(self.connect())
        assert "Twilio cannot be reached at the moment." in answer
        assert "Nothing was stored." in answer
        assert not Connection.objects.filter(company=self.company).exists()

    def test_the_token_is_never_shown(self) -> None:
        self.account.misbehave(Answer(503))
        assert self.account.token not in self.connect().content.decode()
        self.connect()
        connection = connections(self.company).get()
        for part in ("", "numbers/", "disconnect/"):
            html = self.owner.get(self.address(connection, part)).content.decode()
            assert self.account.token not in html
        assert 'autocomplete="off"' in self.owner.get("/settings/carriers/connect/?carrier=twilio").content.decode()

    def test_connected_the_doors_know_its_secret(self) -> None:
        answer = self.connect(account=f" {self.account.sid} ")
        connection = connections(self.company).get()
        assert answer.headers["Location"] == self.address(connection, "numbers/")
        assert (connection.label, connection.secret) == ("Harbor & Pine", self.account.token)
        assert [(one.id, one.secret) for one in self.published().connections] == [(connection.pk, self.account.token)]
        page = self.page("carriers")
        assert self.account.sid in page
        assert "Connected" in page
        assert self.changed() == 0

    def test_hostile_names_are_shown_as_text(self) -> None:
        self.connect(label=HOSTILE)
        self.account.own(FIRST, friendly_name=HOSTILE, voice_url="https://user:sesame@old.example/<script>")
        connection = connections(self.company).get()
        chosen = {"number": FIRST, "go": "review", **RINGS}
        review = self.owner.post(self.address(connection, "numbers/"), chosen)
        listed = self.owner.get(self.address(connection, "numbers/"))
        for answer in (self.owner.get("/settings/carriers/"), self.owner.get(self.address(connection)), listed, review):
            assert "<script>" not in answer.content.decode()
            assert "sesame" not in answer.content.decode()
        assert HOSTILE in unescape(listed.content.decode())
        assert "https://user:…@old.example/<script>" in unescape(review.content.decode())


class Choosing(CarrierPages):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.account.own(FIRST, **OLD)
        self.account.own(SECOND, sms=False)
        self.account.own(THIRD, trunk_sid="TK" + "a" * 32)

    def choose(self, *e164s: str, **changes: str) -> Any:
        return self.owner.post(
            self.address(self.twilio, "numbers/"), {"number": list(e164s), "go": "review", **RINGS, **changes}
        )

    def test_what_each_number_can_do_and_where_its_calls_go(self) -> None:
        self.account.own("+13122020004", voice=False)
        self.account.own("+13122020005")
        adopt(Connection.objects.get(company=self.elsewhere), ["+13122020005"])
        page = self.page("import_numbers", self.twilio.pk)
        assert "The account has 5 numbers. 3 can come here." in page
        for said in (
            "(312) 202-0001 Calls, texts old.example/voice Not yet",
            "(312) 202-0002 Calls Nowhere: nobody answers Not yet",
            "(312) 202-0003 Calls, texts A SIP trunk, TKaaaa",
            "(312) 202-0004 Texts Nowhere: nobody answers It cannot receive calls.",
            "(312) 202-0005 Calls, texts Nowhere: nobody answers Another company here has it.",
        ):
            assert said in page, (said, page)
        assert self.choose("+13122020004", "+13122020005").status_code == 200
        assert "Choose at least one number." in text(self.choose("+13122020004", "+13122020005", "+19999999999", "x"))

    def test_searched_by_digits_and_by_name(self) -> None:
        self.account.number(SECOND)["friendly_name"] = "Front desk"
        for query, found in (("2020001", [FIRST]), ("front", [SECOND]), ("nothing", [])):
            html = self.owner.get(self.address(self.twilio, "numbers/"), {"q": query}).content.decode()
            assert [one for one in (FIRST, SECOND, THIRD) if f'value="{one}"' in html] == found

    def test_a_place_to_ring_is_needed(self) -> None:
        assert "Give the number that is to ring" in error_at(self.choose(FIRST, destination=""), "destination")
        assert "would go round" in error_at(self.choose(FIRST, SECOND, destination=SECOND), "destination")
        assert "at most 500 characters" in error_at(self.choose(FIRST, greeting="x" * 501), "greeting")
        assert not NumberTask.objects.exists()

    def test_a_number_that_scenarios_ring_stays_where_it_is(self) -> None:
        sandbox = Connection.objects.create(company=self.company, carrier="sandbox", account="x", secret="y")
        self.campaign(number=adopt(sandbox, ["+13125550100"])[0], destination=FIRST, title="Radio")
        assert "It is rung by “Radio”: its calls would go round." in self.page("import_numbers", self.twilio.pk)
        assert "Choose at least one number." in text(self.choose(FIRST))

    def test_what_will_change_is_said_with_every_old_value(self) -> None:
        page = text(self.choose(FIRST, THIRD))
        for old in OLD.values():
            assert old == "GET" or old in page
        assert "trunk TKaaaa" in page
        for part in ("call", "events", "text"):
            assert self.webhook(self.twilio, part) in page
        assert "https://twimlets.com/forward?PhoneNumber=%2B13122020777" in page
        assert self.changed() == 0
        assert not numbers(self.company).exists()

    def test_back_keeps_the_choice(self) -> None:
        html = self.choose(FIRST, go="back").content.decode()
        assert f'value="{FIRST}" id="n1" aria-label="(312) 202-0001" checked' in html
        assert f'value="{DESK}"' in html

    def test_an_account_that_cannot_be_read(self) -> None:
        self.account.misbehave(Answer(503))
        page = self.page("import_numbers", self.twilio.pk)
        assert "The numbers at Twilio cannot be read" in page
        assert "Try again" in page

    def test_an_address_that_twilio_cannot_reach_has_to_be_confirmed(self) -> None:
        with override_settings(CONFIG=replace(settings.CONFIG, doors_url="http://127.0.0.1:8001")):
            assert "No carrier can reach 127.0.0.1" in self.page("carriers")
            assert "Set the public address first, or tick this." in text(self.bring(self.twilio, FIRST))
            assert not NumberTask.objects.exists()
            assert self.bring(self.twilio, FIRST, anyway="on").status_code == 302
            assert NumberTask.objects.exists()


class Bringing(CarrierPages):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        for e164 in (FIRST, SECOND, THIRD):
            self.account.own(e164, **OLD)

    def test_the_doors_know_the_numbers_before_twilio_does(self) -> None:
        self.bring(self.twilio, FIRST, SECOND)
        with pytest.raises(Later, match="the doors have to know"):
            carry_out({"connection": self.twilio.pk})
        flows = {e164: route.flow for e164, route in self.published().routes.items()}
        assert flows.keys() == {FIRST, SECOND}
        for flow in flows.values():
            assert isinstance(flow, Forward)
            assert (flow.destination, flow.ring_seconds, flow.voicemail) == (DESK, 20, True)
            assert flow.voicemail_greeting == "Leave word, please."
        assert self.changed() == 0
        self.work()
        assert self.account.number(FIRST)["voice_url"] == self.webhook(self.twilio, "call")
        assert self.account.number(FIRST)["voice_fallback_url"].endswith("PhoneNumber=%2B13122020777")
        assert self.account.number(THIRD)["voice_url"] == OLD["voice_url"]

    def test_progress_and_result(self) -> None:
        self.bring(self.twilio, FIRST, SECOND)
        piece = self.page("connection", self.twilio.pk, HX_Request="true")
        assert "Bringing numbers here: 0 of 2" in piece
        assert "<html" not in piece
        assert self.asks_again()
        self.work()
        page = self.page("connection", self.twilio.pk)
        assert "2 of 2 numbers came here." in page
        assert "Ring (312) 202-0777 then voicemail Calls come here" in page
        assert not self.asks_again()

    def asks_again(self) -> bool:
        return 'hx-trigger="every 1s"' in self.owner.get(self.address(self.twilio)).content.decode()

    def test_each_failure_is_named_and_tried_again(self) -> None:
        self.account.misbehave(None, Answer(500), method="POST")
        self.bring(self.twilio, FIRST, SECOND)
        self.work()
        page = self.page("connection", self.twilio.pk)
        assert "1 of 2 numbers came here." in page
        assert "(312) 202-0002 Ring (312) 202-0777 then voicemail Failed Twilio cannot be reached" in page
        assert "Try it again" not in self.page("connection", self.twilio.pk, client=self.analyst)
        self.owner.post(self.address(self.twilio, "retry/"))
        self.work()
        assert self.account.number(SECOND)["voice_url"] == self.webhook(self.twilio, "call")
        assert "Calls come here" in self.page("connection", self.twilio.pk)
        assert not NumberTask.objects.filter(state="failed").exists()

    def test_when_every_number_fails_alike_the_others_are_not_tried(self) -> None:
        for line in range(10):
            self.account.own(f"+131220210{line:02}")
        everything = [one["phone_number"] for one in self.account.numbers.values()]
        self.bring(self.twilio, *everything)
        self.account.misbehave(*[Answer(500)] * 13, method="POST")
        self.work()
        assert self.changed() == 5
        assert NumberTask.objects.filter(state="failed").count() == 13

    def test_a_dead_token_fails_everything_at_once(self) -> None:
        self.bring(self.twilio, FIRST, SECOND)
        self.account.token = "changed"
        self.work()
        assert [task.state for task in NumberTask.objects.all()] == ["failed", "failed"]
        assert "does not accept this account" in self.page("connection", self.twilio.pk)
        assert not numbers(self.company).exists()

    def test_a_number_that_somebody_else_got_meanwhile(self) -> None:
        self.bring(self.twilio, FIRST)
        adopt(Connection.objects.get(company=self.elsewhere), [FIRST])
        self.work()
        assert "is in use here already" in self.page("connection", self.twilio.pk)
        assert Number.objects.get(e164=FIRST).company == self.elsewhere
        assert self.changed() == 0

    def test_hundreds_of_numbers_are_done_in_slices(self) -> None:
        self.account.page_limit = 100
        many = [f"+1312203{line:04}" for line in range(200)]
        for e164 in many:
            self.account.own(e164, **OLD)
        self.bring(self.twilio, *many)
        tasks.add_missing(self.twilio)
        assert tasks.carry_out(self.twilio, 0)
        done, seconds = 0, 0.2
        while not done:  # a busy machine may need longer for the first one
            assert tasks.carry_out(self.twilio, seconds)
            done, seconds = NumberTask.objects.filter(state="done").count(), 2 * seconds
        assert done < 200
        assert f"Bringing numbers here: {done} of 200" in self.page("connection", self.twilio.pk)
        self.work()
        assert numbers(self.company).filter(pointed_at__isnull=False).count() == 200
        assert self.changed() == 200
        assert "200 of 200 numbers came here." in self.page("connection", self.twilio.pk)

    def test_who_takes_over_a_dead_workers_tasks_goes_on(self) -> None:
        self.bring(self.twilio, FIRST, SECOND)
        NumberTask.objects.filter(e164=FIRST).update(taken_until="2026-01-01T00:00:00Z")
        self.work()
        assert numbers(self.company).filter(pointed_at__isnull=False).count() == 2


def test_addresses_that_carriers_can_and_cannot_reach() -> None:
    for url, hidden, plain in (
        ("https://calls.example.com", False, False),
        ("http://calls.example.com", False, True),
        ("https://8.8.8.8", False, False),
        ("http://127.0.0.1:8001", True, True),
        ("http://[::1]:8001", True, True),
        ("https://192.168.1.7", True, False),
        ("https://100.64.0.1", True, False),
        ("https://localhost:8001", True, False),
        ("https://doors", True, False),
        ("https://doors.internal", True, False),
        ("https://doors.local.", True, False),
        ("https://localhost.example.com", False, False),
    ):
        found = public_address(url)
        assert (found.hidden, found.plain) == (hidden, plain), url
