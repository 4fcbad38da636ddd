"""Vonage's REST APIs: our requests as its documents have them, its answers in our words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callspring.carriers import registry
from callspring.carriers.api import Credentials, Denied, NotOffered, Refused, Unreachable, Webhooks
from callspring.carriers.vonage import api as vonage_api
from callspring.carriers.vonage import keys
from callspring.carriers.vonage.api import VonageApi
from callspring.config import load
from tests.carriers.api_contract import BUSINESS, CALLER, OURS, CarrierApiContract
from tests.carriers.call_list_contract import BEGAN, NUMBER, CallListContract, PastCall
from tests.carriers.loopback import Answer
from tests.carriers.vonage_account import VonageAccount
from tests.carriers.vonage_requests import iso

FALLBACK = "https://static.example/{number}/{destination}.xml"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its key is made once: that takes a moment."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def account() -> Iterator[VonageAccount]:
    with VonageAccount() as account:
        account.for_sale = {f"+131255501{line:02d}": ("", "") for line in range(30)}
        account.for_sale["+18005550101"] = ("", "")
        yield account


@pytest.fixture
def api(account: VonageAccount, var: Path) -> VonageApi:
    return VonageApi(account.url, FALLBACK, var)


@pytest.fixture
def us(account: VonageAccount) -> Credentials:
    return Credentials(account.account, account.secret)


class TestVonageApi(CarrierApiContract):
    taken = "+13125550142"

    @pytest.fixture(autouse=True)
    def _account(self, account: VonageAccount, api: VonageApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us
        account.taken.add(self.taken)

    def keep_recording(self, sound: bytes) -> str:
        return self.account.record(sound)

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        return [(f"+{one['from']}", f"+{one['to']}", one["text"], one["webhook_url"]) for one in self.account.texts]


class TestVonageCalls(CallListContract):
    @pytest.fixture(autouse=True)
    def _account(self, account: VonageAccount, api: VonageApi, us: Credentials) -> None:
        self.account, self.api, self.credentials, self._count = account, api, us, 0
        # Two of our numbers, and a key that somebody lost.
        for line in (1, 2):
            account._application({"name": f"Callspring 131255501{line:02d}", "keys": {"public_key": "old"}})

    def happened(self, call: PastCall) -> str:
        self._count += 1
        name = f"CON-{self._count:08d}-0000-4000-8000-000000000000"
        caller = call.caller.lstrip("+") or "anonymous"
        self._leg(f"in-{self._count}", name, "inbound", call.status, call.began, call.seconds, caller, NUMBER)
        for place, leg in enumerate(call.rung):
            began, ends = call.began + leg.after, (NUMBER, leg.destination)
            self._leg(f"out-{self._count}-{place}", name, "outbound", leg.status, began, leg.seconds, *ends)
        return name

    def _leg(
        self, leg: str, call: str, way: str, status: str, began: float, seconds: int, caller: str, dialled: str
    ) -> None:
        words = {"in-progress": "answered", "no-answer": "unanswered", "canceled": "cancelled"}
        over, answered = status != "in-progress", status == "completed" or way == "inbound"
        found: dict[str, Any] = {
            "uuid": leg,
            "conversation_uuid": call,
            "direction": way,
            "status": words.get(status, status),
            "from": {"type": "phone", "number": caller.lstrip("+")},
            "to": {"type": "phone", "number": dialled.lstrip("+")},
            "start_time": iso(began),
            "end_time": iso(began + seconds) if over else None,
            "duration": str(seconds) if over and answered else None,
            "listed": iso(began)[:19] + "Z",
        }
        self.account.calls.append(found)

    def test_every_page_is_read_and_no_call_is_told_twice(self) -> None:
        calls = [self.happened(PastCall(BEGAN + index)) for index in range(120)]
        listed = [one.carrier_call_id for one in self.listed() if one.status == "asked"]
        assert listed == calls

    def test_calls_that_somebody_placed_are_none_of_ours(self) -> None:
        self._leg("out-1", "CON-1", "outbound", "completed", BEGAN, 30, NUMBER, BUSINESS)
        assert self.listed() == []

    def test_with_very_many_numbers_the_list_is_not_offered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vonage_api, "_MOST_APPLICATIONS", 1)
        with pytest.raises(NotOffered, match="too many numbers"):
            self.listed()


class TestWhoAsks:
    def test_the_settings_say_where_the_api_is(self, account: VonageAccount, us: Credentials, tmp_path: Path) -> None:
        config = load({"CALLSPRING_CARRIER_APIS": f"vonage={account.url}", "CALLSPRING_VAR": str(tmp_path)})
        assert registry.api("vonage", config).check(us) == us.account

    @pytest.mark.parametrize("secret", ["api", ":signature", "api:", "a b:c", "a:b:c"])
    def test_both_secrets_are_asked_for(self, api: VonageApi, us: Credentials, secret: str) -> None:
        with pytest.raises(Denied, match="signature secret"):
            api.check(Credentials(us.account, secret))

    def test_the_key_is_made_once_and_for_nobody_else_to_read(self, tmp_path: Path) -> None:
        made = keys.private_key(tmp_path)
        assert keys.private_key(tmp_path) == made
        assert (tmp_path / "vonage.pem").stat().st_mode & 0o077 == 0
        assert [file.name for file in tmp_path.iterdir()] == ["vonage.pem"]


class TestNumbers:
    def test_every_page_is_read(self, account: VonageAccount, api: VonageApi, us: Credentials) -> None:
        owned = ["+" + account.own(f"+1312202{index:04d}")["msisdn"] for index in range(250)]
        assert [number.e164 for number in api.numbers(us)] == owned

    def test_a_number_that_points_here_has_an_application_of_its_own(
        self, account: VonageAccount, api: VonageApi, us: Credentials
    ) -> None:
        account.own("+13122020001")
        (number,) = api.numbers(us)
        fallback = api.fallback(number.e164, BUSINESS)
        assert fallback == "https://static.example/%2B13122020001/%2B18005550199.json"
        api.configure(
            us, number.carrier_number_id, Webhooks(f"{OURS}/call", fallback, f"{OURS}/events", f"{OURS}/text")
        )
        (ours,) = account.applications.values()
        voice = ours["capabilities"]["voice"]
        assert (ours["name"], voice["signed_callbacks"]) == ("Callspring 13122020001", True)
        assert voice["webhooks"]["fallback_answer_url"] == {"address": fallback, "http_method": "GET"}
        assert voice["webhooks"]["answer_url"] == {"address": f"{OURS}/call", "http_method": "POST"}
        assert account.numbers["13122020001"]["app_id"] == ours["id"]
        api.configure(us, number.carrier_number_id, Webhooks(f"{OURS}/other"))
        assert list(account.applications) == [ours["id"]], "it is changed, and no second one is made"
        api.release(us, number.carrier_number_id)
        assert account.applications == {}

    @pytest.mark.parametrize("sent", ["application", "sip", "tel", "text"])
    def test_what_handles_the_calls_instead_is_left_alone_and_comes_back(
        self, account: VonageAccount, api: VonageApi, us: Credentials, sent: str
    ) -> None:
        theirs = account.create("Front desk", answer_url="https://old.example/answer")
        before: dict[str, Any] = {
            "application": {"app_id": theirs},
            "sip": {"voiceCallbackType": "sip", "voiceCallbackValue": "sip:a@b.example", "app_id": theirs},
            "tel": {"voiceCallbackType": "tel", "voiceCallbackValue": "12125550100"},
            "text": {"moHttpUrl": "https://old.example/sms"},
        }[sent]
        account.own("+13122020001", **before)
        was, kept = dict(account.numbers["13122020001"]), json.dumps(account.applications)
        (number,) = api.numbers(us)
        named = {"application": "application Front desk", "sip": "sip sip:a@b.example", "tel": "tel 12125550100"}
        assert number.webhooks.instead == named.get(sent, "")
        api.configure(us, number.carrier_number_id, Webhooks(f"{OURS}/call", text=f"{OURS}/text"))
        (ours,) = (one for one in account.applications.values() if one["id"] != theirs)
        assert account.numbers["13122020001"]["app_id"] == ours["id"]
        assert "voiceCallbackType" not in account.numbers["13122020001"], "it would go before the application"
        api.restore(us, number.carrier_number_id, number.before)
        assert account.numbers["13122020001"] == was
        assert json.dumps(account.applications) == kept

    def test_an_application_that_cannot_be_linked_is_not_left_behind(
        self, account: VonageAccount, api: VonageApi, us: Credentials
    ) -> None:
        account.own("+13122020001")
        account.misbehave(None, Answer(420, b'{"error-code": "420", "error-code-label": "no"}'), method="POST")
        with pytest.raises(Refused):
            api.configure(us, "US13122020001", Webhooks(f"{OURS}/call"))
        assert account.applications == {}

    def test_what_was_bought_and_not_set_up_is_perhaps_ours(
        self, account: VonageAccount, api: VonageApi, us: Credentials
    ) -> None:
        account.misbehave(None, Answer(500), method="POST")
        with pytest.raises(Unreachable) as problem:
            api.buy(us, "+13125550100", Webhooks(f"{OURS}/call"))
        assert problem.value.perhaps_done
        assert [number.e164 for number in api.numbers(us)] == ["+13125550100"]

    def test_the_twilio_document_that_is_the_default_is_no_fallback(self, var: Path) -> None:
        assert VonageApi("", load({}).fallback_url, var).fallback("+13125550100", BUSINESS) == ""
        assert VonageApi("", "", var).fallback("+13125550100", BUSINESS) == ""


class TestRecordings:
    def test_an_application_gets_our_key_before_its_recordings_are_opened(
        self, account: VonageAccount, api: VonageApi, us: Credentials, var: Path
    ) -> None:
        name = account.record(b"sound", "application/octet-stream")
        with api.fetch_recording(us, name) as sound:
            assert (sound.content_type, b"".join(sound.chunks)) == ("audio/mpeg", b"sound")
        (application,) = account.applications.values()
        assert application["keys"]["public_key"] == keys.public_key(keys.private_key(var))

    def test_an_application_that_is_not_ours_is_not_touched(
        self, account: VonageAccount, api: VonageApi, us: Credentials
    ) -> None:
        name = account.record(b"sound")
        (application,) = account.applications.values()
        application["name"] = "Front desk"
        with pytest.raises(Refused):
            api.fetch_recording(us, name).__enter__()
        assert application["keys"]["public_key"] == "an older one"


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (422, {"type": "x", "title": "1420", "detail": "Invalid sender"}, r"says: Invalid sender \(1420\)\.$"),
            (402, {"title": "1120", "detail": "x"}, "balance at Vonage"),
            (422, {"title": "Bad", "detail": "Bad things."}, "^Vonage says: Bad things.$"),
            (422, {}, "does not say why"),
            (422, [], "does not say why"),
            (422, {"title": 7, "detail": []}, "does not say why"),
        ],
    )
    def test_its_ways_to_say_no_are_understood(
        self, account: VonageAccount, api: VonageApi, us: Credentials, status: int, body: object, said: str
    ) -> None:
        account.misbehave(Answer(status, json.dumps(body).encode()))
        with pytest.raises(Refused, match=said):
            api.send_text(us, sender="+13125550100", to=CALLER, body="Hello", events="")

    def test_a_text_of_more_than_a_thousand_characters_is_refused(self, api: VonageApi, us: Credentials) -> None:
        with pytest.raises(Refused, match="1,000"):
            api.send_text(us, sender="+13125550100", to=CALLER, body="x" * 1_001, events="")

    def test_a_carrier_in_trouble_is_unreachable_and_named(
        self, account: VonageAccount, api: VonageApi, us: Credentials
    ) -> None:
        hostile = [
            Answer(500),
            Answer(200, b"[]"),
            Answer(200, b'{"_embedded": 7}'),
            Answer(302, b"", {"Location": "/"}),
        ]
        account.misbehave(*hostile)
        for _ in hostile:
            with pytest.raises(Unreachable, match="Vonage") as problem:
                api.numbers(us)
            assert account.token not in str(problem.value)

    def test_the_stand_in_refuses_what_the_documents_do_not_have(self, account: VonageAccount) -> None:
        """Else nothing here would mean anything."""
        lawful = {"country": "US", "msisdn": "13125550100"}
        assert account._unlawful("POST", "/number/buy", {}, lawful) == ""
        for wrong in ({"country": "US"}, {**lawful, "msisdn": "+13125550100"}, {**lawful, "colour": "red"}):
            assert account._unlawful("POST", "/number/buy", {}, wrong)
        assert account._unlawful(
            "POST", "/v2/applications", {}, {"name": "x", "capabilities": {"voice": {"webhooks": {}}}}
        )
        assert account._unlawful("GET", "/v1/calls", {"page_size": "500"}, {})
        assert account._unlawful("GET", "/v1/unheard", {}, {})
