"""Connect Twilio: tested, imported, pointed here; and all of it undone, exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.carriers.api import CarrierProblem, Denied, Refused, Unreachable
from callspring.jobs.run import run_due
from callspring.numbers import carrier, connecting
from callspring.numbers.actions import adopt, buy
from callspring.numbers.connecting import (
    StillInUse,
    connect,
    disconnect,
    import_numbers,
    importable,
    point_here,
    refresh_fallbacks,
    stale_companies,
    undo,
)
from callspring.numbers.models import Connection, Number
from callspring.numbers.queries import connections, numbers
from callspring.scenarios.jobs import check_fallbacks
from callspring.scenarios.models import Scenario
from tests.carriers.loopback import Answer
from tests.carriers.twilio_account import TwilioAccount
from tests.numbers.at_twilio import TwilioStory
from tests.stories import TARGET

OLD: dict[str, Any] = {
    "voice_url": "https://old.example/voice",
    "voice_method": "GET",
    "sms_url": "https://old.example/sms",
}
FIRST, SECOND, THIRD = "+13122020001", "+13122020002", "+13122020003"
FORWARD = "https://twimlets.com/forward?PhoneNumber="


def before(number: Number) -> dict[str, str]:
    """What is remembered of its configuration."""
    assert number.webhooks_before is not None
    return dict(number.webhooks_before)


class Connecting(TwilioStory):
    def connect(self, **changes: str) -> Connection:
        said = {"carrier": "twilio", "account": self.account.sid, "secret": self.account.token}
        return connect(self.company, **(said | changes))

    def test_an_account_is_tested_and_named(self) -> None:
        assert connecting.test_credentials("twilio", f" {self.account.sid} ", self.account.token) == "Harbor & Pine"
        connection = self.connect()
        assert (connection.label, connection.secret) == ("Harbor & Pine", self.account.token)
        assert connection.tested_at is not None
        assert connection in connections(self.company)
        assert connection not in connections(self.elsewhere)

    def test_a_wrong_secret_stores_nothing(self) -> None:
        for changes, problem in (
            ({"secret": "0" * 32}, Denied),
            ({"account": "AC" + "0" * 32}, Denied),
            ({"account": "SK" + "0" * 32}, Denied),
            ({"secret": " "}, ValueError),
            ({"secret": "a\nb"}, Denied),
            ({"secret": "a\x00b"}, ValueError),
            ({"secret": "x" * 4001}, ValueError),
            ({"carrier": "pigeon"}, carrier.NoApi),
        ):
            with pytest.raises(problem):
                self.connect(**changes)
        assert not Connection.objects.filter(carrier="twilio").exists()

    def test_the_same_account_again_renews_its_secret(self) -> None:
        first = self.connect(label="Ours")
        Connection.objects.filter(pk=first.pk).update(secret="old")
        second = self.connect()
        assert (second.pk, second.secret, second.label) == (first.pk, self.account.token, "Ours")


class Importing(TwilioStory):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.first, self.second = self.account.own(FIRST, **OLD), self.account.own(SECOND, sms=False)
        self.third = self.account.own(THIRD, trunk_sid="TK" + "a" * 32, voice_url="https://old.example/unused")

    def test_what_can_be_imported_and_where_it_points(self) -> None:
        adopt(self.twilio, [SECOND])
        theirs = Connection.objects.get(company=self.elsewhere)
        adopt(theirs, [THIRD])
        self.account.own("+13122020004", voice_url=self.webhook(self.twilio, "call"))
        found = {one.owned.e164: one for one in importable(self.twilio)}
        assert found[FIRST].owned.webhooks.voice == OLD["voice_url"]
        assert not found[SECOND].owned.can_text
        assert [one.number is not None for one in found.values()] == [False, True, False, False]
        assert [one.elsewhere for one in found.values()] == [False, False, True, False]
        assert [one.points_here for one in found.values()] == [False, False, False, True]
        assert found[THIRD].owned.webhooks.instead.startswith("trunk TK")

    def test_imported_numbers_come_here_and_what_was_before_is_remembered(self) -> None:
        assert [outcome.problem for outcome in import_numbers(self.twilio, [FIRST, SECOND, FIRST])] == ["", ""]
        first, second = numbers(self.company)
        assert (first.e164, first.carrier_number_id, first.can_text) == (FIRST, self.first["sid"], True)
        assert (second.can_text, second.kind) == (False, "local")
        assert before(first)["voice_url"] == OLD["voice_url"]
        assert self.first["voice_url"] == self.webhook(self.twilio, "call")
        assert (self.first["voice_method"], self.first["sms_url"]) == ("POST", self.webhook(self.twilio, "text"))
        assert not self.first["voice_fallback_url"]  # no scenario yet, so nobody to ring
        assert self.third["voice_url"] == "https://old.example/unused"

    def test_each_number_has_its_own_outcome(self) -> None:
        adopt(Connection.objects.get(company=self.elsewhere), [SECOND])
        self.account.own("+13122020005", voice=False)
        said = {
            one.e164: one.problem
            for one in import_numbers(self.twilio, [FIRST, SECOND, "+13122020005", "+13122029999"])
        }
        assert said == {
            FIRST: "",
            SECOND: f"{SECOND} is in use here already.",
            "+13122020005": "This number cannot receive calls.",
            "+13122029999": "The account does not have this number.",
        }
        assert [number.e164 for number in numbers(self.company)] == [FIRST]

    def test_a_number_that_could_not_be_pointed_is_pointed_later(self) -> None:
        self.account.misbehave(Answer(500), method="POST")
        assert [outcome.problem != "" for outcome in import_numbers(self.twilio, [FIRST, SECOND])] == [True, False]
        first = numbers(self.company).get(e164=FIRST)
        assert (first.pointed_at, before(first)["voice_url"]) == (None, OLD["voice_url"])
        assert point_here(first).problem == ""
        assert self.first["voice_url"] == self.webhook(self.twilio, "call")
        assert before(first)["voice_url"] == OLD["voice_url"]

    def test_when_the_answer_is_lost_what_was_before_is_not(self) -> None:
        """Twilio did as it was told; we do not know. The second try must not remember our own addresses, today's or
        those from before a move."""
        for ours in (self.webhook(self.twilio, "call"), "https://calls-until-yesterday.example.com/call"):
            self.account.misbehave(Answer(200, drop=True), method="POST")
            import_numbers(self.twilio, [FIRST])
            self.first["voice_url"] = ours
            number = numbers(self.company).get()
            assert point_here(number).problem == ""
            undo(number, remove=True)
            assert self.first["voice_url"] == OLD["voice_url"]

    def test_importing_again_remembers_the_first_state(self) -> None:
        import_numbers(self.twilio, [FIRST])
        import_numbers(self.twilio, [FIRST])
        number = numbers(self.company).get()
        assert before(number)["voice_url"] == OLD["voice_url"]

    def test_an_account_that_cannot_be_read_imports_nothing(self) -> None:
        for answer in (Answer(500), Answer(401), Answer(200, b"[]")):
            self.account.misbehave(answer)
            with pytest.raises(CarrierProblem):
                import_numbers(self.twilio, [FIRST])
        assert not numbers(self.company).exists()


class Undoing(TwilioStory):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.account.own(FIRST, **OLD)
        self.account.own(SECOND, trunk_sid="TK" + "a" * 32)
        self.account.own(THIRD, voice_application_sid="AP" + "b" * 32, sms_application_sid="AP" + "c" * 32)
        self.first_state = self.state()
        import_numbers(self.twilio, [FIRST, SECOND, THIRD])

    def state(self) -> str:
        """Everything the account has; null and "" mean the same to Twilio."""
        shown = [{name: value or "" for name, value in number.items()} for number in self.account.numbers.values()]
        return json.dumps(shown, sort_keys=True)

    def here(self) -> list[Any]:
        return [number.e164 for number in numbers(self.company)]

    def test_undone_exactly(self) -> None:
        assert self.state() != self.first_state
        assert [outcome.problem for outcome in undo(self.twilio)] == [""] * 3
        assert self.state() == self.first_state
        assert self.here() == [FIRST, SECOND, THIRD]
        before = len(self.account.requests)
        undo(self.twilio)  # there is nothing left to undo
        assert len(self.account.requests) == before

    def test_one_number_is_undone_and_leaves(self) -> None:
        number = numbers(self.company).get(e164=SECOND)
        assert [outcome.problem for outcome in undo(number, remove=True)] == [""]
        assert self.account.number(SECOND)["trunk_sid"] == "TK" + "a" * 32
        assert self.here() == [FIRST, THIRD]

    def test_what_could_not_be_undone_is_tried_again(self) -> None:
        self.account.misbehave(Answer(503), method="POST")
        assert [outcome.problem != "" for outcome in undo(self.twilio, remove=True)] == [True, False, False]
        assert self.here() == [FIRST]
        undo(self.twilio, remove=True)
        assert self.state() == self.first_state

    def test_disconnected_everything_is_as_before(self) -> None:
        assert [outcome.problem for outcome in disconnect(self.twilio)] == [""] * 3
        assert self.state() == self.first_state
        assert self.here() == []
        stored = Connection.objects.get(pk=self.twilio.pk)
        assert (stored.secret, stored.disconnected_at is not None) == ("", True)
        assert not connections(self.company).exists()
        again = connect(self.company, "twilio", self.account.sid, self.account.token)
        assert (again.pk, again.disconnected_at) == (self.twilio.pk, None)
        assert [outcome.problem for outcome in import_numbers(again, [FIRST])] == [""]

    def test_a_bought_number_stays_at_the_carrier_and_no_longer_comes_here(self) -> None:
        bought = buy(self.company, ["+13125550100"], TARGET).numbers[0]
        disconnect(self.twilio)
        assert not self.account.number(bought.e164)["voice_url"]
        assert not self.account.number(bought.e164)["voice_fallback_url"]

    def test_while_scenarios_use_it_it_stays_and_says_which(self) -> None:
        self.campaign(number=numbers(self.company).get(e164=SECOND), title="Radio")
        with pytest.raises(StillInUse, match=rf"\{SECOND} \(Radio\)") as refusal:
            disconnect(self.twilio)
        assert [number.e164 for number in refusal.value.numbers] == [SECOND]
        assert self.account.number(FIRST)["voice_url"] == self.webhook(self.twilio, "call")
        assert "scenario" in undo(numbers(self.company).get(e164=SECOND), remove=True)[0].problem

    def test_a_closed_account_can_be_left_behind(self) -> None:
        self.account.token = "changed"
        assert all("auth token" in outcome.problem for outcome in disconnect(self.twilio))
        assert Connection.objects.get(pk=self.twilio.pk).disconnected_at is None
        disconnect(self.twilio, force=True)
        assert self.here() == []
        assert not connections(self.company).exists()


class Fallbacks(TwilioStory):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.account.own(FIRST)
        import_numbers(self.twilio, [FIRST])
        self.scenario = self.campaign(number=numbers(self.company).get(), destination="+13122020777")

    def fallback(self) -> str:
        return str(self.account.number(FIRST)["voice_fallback_url"])

    def change(self, destination: str) -> None:
        Scenario.objects.filter(pk=self.scenario.pk).update(flow=self.scenario.flow | {"destination": destination})

    def test_a_new_destination_reaches_the_carrier_once(self) -> None:
        assert [outcome.problem for outcome in refresh_fallbacks(self.company)] == [""]
        assert self.fallback() == FORWARD + "%2B13122020777"
        assert refresh_fallbacks(self.company) == []
        self.change("+13122020888")
        refresh_fallbacks(self.company)
        assert self.fallback() == FORWARD + "%2B13122020888"

    def test_another_place_for_fallbacks_reaches_the_carrier(self) -> None:
        refresh_fallbacks(self.company)
        assert stale_companies() == set()
        with override_settings(CONFIG=replace(settings.CONFIG, fallback_url="https://files.example/{number}.xml")):
            assert stale_companies() == {self.company.pk}
            check_fallbacks({})
            check_fallbacks({})
            run_due()
            assert self.fallback().startswith("https://files.example/")
            assert stale_companies() == set()

    def test_a_sip_address_is_replaced_by_the_businesss_own_number(self) -> None:
        self.change("sip:desk@pbx.example")
        refresh_fallbacks(self.company)
        assert self.fallback() == FORWARD + "%2B18005550199"

    def test_a_failed_refresh_is_tried_again(self) -> None:
        self.account.misbehave(Answer(500))
        assert [outcome.problem != "" for outcome in refresh_fallbacks(self.company)] == [True]
        assert [outcome.problem for outcome in refresh_fallbacks(self.company)] == [""]

    def test_the_outsiders_refresh_changes_nothing(self) -> None:
        assert refresh_fallbacks(self.elsewhere) == []
        assert self.fallback() in ("", "None")

    def test_numbers_whose_webhooks_are_kept_are_left_alone(self) -> None:
        Number.objects.update(pointed_at=None)
        assert refresh_fallbacks(self.company) == []


class Texting(TwilioStory):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.number = buy(self.company, ["+13125550100"], TARGET).numbers[0]

    def test_a_reply_goes_out_from_the_number_they_called(self) -> None:
        sent = carrier.send_text(self.number, "+13125550177", "On our way")
        (text,) = self.account.texts
        assert (text["sid"], text["From"], text["To"]) == (sent.carrier_text_id, self.number.e164, "+13125550177")
        assert text["StatusCallback"] == self.webhook(self.twilio, "text-events")

    def test_what_cannot_be_sent_is_said(self) -> None:
        self.account.opted_out.add("+13125550177")
        with pytest.raises(Refused, match="STOP"):
            carrier.send_text(self.number, "+13125550177", "Hello?")

    def test_a_voicemail_is_fetched_and_deleted_there(self) -> None:
        recording = self.account.record(b"beep")
        with carrier.fetch_recording(self.twilio, recording) as sound:
            assert (sound.content_type, b"".join(sound.chunks)) == ("audio/mpeg", b"beep")
        carrier.delete_recording(self.twilio, recording)
        assert self.account.recordings == {}

    def test_another_accounts_recording_is_not_to_be_had(self) -> None:
        with TwilioAccount() as elsewhere:
            theirs = elsewhere.record(b"secret")
            with pytest.raises(Refused), carrier.fetch_recording(self.twilio, theirs):
                pass
            assert elsewhere.requests == []

    def test_a_lost_answer_may_have_been_sent(self) -> None:
        self.account.misbehave(Answer(200, drop=True))
        with pytest.raises(Unreachable) as problem:
            carrier.send_text(self.number, "+13125550177", "Hello?")
        assert problem.value.perhaps_done
