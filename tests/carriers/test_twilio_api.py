"""Twilio's REST API: lawful by its own specification, in our words, and harmless whatever it answers."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from callspring.carriers import exchange, registry
from callspring.carriers.api import CarrierApi, Credentials, Denied, Refused, Unreachable, Webhooks, lister
from callspring.carriers.twilio.api import TwilioApi
from callspring.config import load
from tests.carriers.api_contract import BUSINESS, CALLER, OURS
from tests.carriers.form_api_contract import FormApiContract
from tests.carriers.loopback import Answer
from tests.carriers.spec_server import SpecMissing, spec_server
from tests.carriers.twilio_account import TwilioAccount

FALLBACK = load({}).fallback_url


@pytest.fixture
def account() -> Iterator[TwilioAccount]:
    with TwilioAccount() as account:
        account.for_sale = {f"+131255501{line:02d}": ("Chicago", "IL") for line in range(30)}
        account.for_sale["+18005550101"] = ("", "")
        yield account


@pytest.fixture
def api(account: TwilioAccount) -> TwilioApi:
    return TwilioApi(account.url, FALLBACK)


@pytest.fixture
def credentials(account: TwilioAccount) -> Credentials:
    return Credentials(account.sid, account.token)


class TestTwilioApi(FormApiContract):
    taken = "+13125550142"
    beginning = "+4930"

    @pytest.fixture(autouse=True)
    def _account(self, account: TwilioAccount, api: TwilioApi, credentials: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, credentials
        account.taken.add(self.taken)


Ask = Callable[[CarrierApi, Credentials], object]
NUMBER, RECORDING = "PN" + "0" * 32, "RE" + "0" * 32


def _fetch(api: CarrierApi, credentials: Credentials) -> bytes:
    with api.fetch_recording(credentials, RECORDING) as sound:
        return b"".join(sound.chunks)


VERBS: dict[str, Ask] = {
    "check": lambda api, us: api.check(us),
    "numbers": lambda api, us: api.numbers(us),
    "search": lambda api, us: api.search(us, country="US", kind="local", area_code="312", count=3),
    "buy": lambda api, us: api.buy(us, "+13125550100", Webhooks("https://calls.example.com/call")),
    "configure": lambda api, us: api.configure(us, NUMBER, Webhooks()),
    "restore": lambda api, us: api.restore(us, NUMBER, {}),
    "release": lambda api, us: api.release(us, NUMBER),
    "send_text": lambda api, us: api.send_text(us, sender="+13125550100", to=CALLER, body="Hello", events=""),
    "fetch_recording": _fetch,
    "delete_recording": lambda api, us: api.delete_recording(us, RECORDING),
    "calls": lambda api, us: list(lister(api).calls(us, 1e9, 1e9 + 60)),
}
TROUBLE = [
    Answer(500, b"<html>oops</html>"),
    Answer(503, b'{"code": 20003}'),
    Answer(302, b"", {"Location": "http://127.0.0.1:9/"}),
    Answer(200, drop=True),
    Answer(200, b"half", {"Content-Length": "1000", "Content-Type": "application/json", "Connection": "close"}),
]
NONSENSE = [
    b"not json",
    b"[]",
    b'"text"',
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"sid": 5, "phone_number": {}, "friendly_name": [], "status": {}, "capabilities": 7}',
    b'{"incoming_phone_numbers": {"a": 1}, "available_phone_numbers": 5}',
    b'{"incoming_phone_numbers": [{"phone_number": "0", "sid": "../x"}]}',
    b'{"available_phone_numbers": [{"phone_number": "javascript:1"}]}',
    b'{"meta": {"key": 5}, "date_created": 5}',
    b'{"calls": [{"sid": "../x", "status": "completed", "direction": "inbound", "start_time": "soon"}]}',
    b'{"calls": [{"sid": "CA1", "status": "lost"}]}',
]
each_verb, READING = pytest.mark.parametrize("verb", VERBS), {"check", "numbers", "search", "fetch_recording", "calls"}


class TestWhatTheSpecificationSays:
    def test_the_stand_in_refuses_what_the_specification_forbids(self) -> None:
        """Else nothing here would mean anything."""
        account, form = "/2010-04-01/Accounts/AC" + "0" * 32, {"content-type": "application/x-www-form-urlencoded"}
        check = spec_server().check
        assert check("POST", f"{account}/Messages.json", form, b"To=%2B13125550100&Body=x") == ""
        assert "To" in check("POST", f"{account}/Messages.json", form, b"Body=x")
        assert "VoiceMethod" in check("POST", f"{account}/IncomingPhoneNumbers/{NUMBER}.json", form, b"VoiceMethod=PUT")
        assert "Colour" in check("POST", f"{account}/Messages.json", form, b"To=%2B13125550100&Colour=red")
        assert "no GET" in check("GET", f"{account}/Unheard.json", {}, b"")

    def test_without_the_specification_there_is_a_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CALLSPRING_SPECS", "/nowhere")
        with pytest.raises(SpecMissing, match="set CALLSPRING_SPECS"):
            spec_server.__wrapped__()

    def test_the_account_remembers_what_was_unlawful(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials
    ) -> None:
        wrong = api._number(credentials, account.own("+13125550100")["sid"])
        with pytest.raises(Refused):
            wrong.update(sms_method="PUT")
        (said,) = account.unlawful
        assert "SmsMethod" in said
        account.unlawful.clear()


class TestNumbers:
    def test_pages_without_end_are_nonsense(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials
    ) -> None:
        path = f"/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers.json?Page=1"
        page = json.dumps({"incoming_phone_numbers": [], "next_page_uri": path}).encode()
        account.misbehave(*[Answer(200, page)] * 100)
        with pytest.raises(Unreachable):
            api.numbers(credentials)
        assert len(account.requests) < 60

    def test_the_fallback_needs_nothing_of_ours(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials
    ) -> None:
        fallback = api.fallback("+13125550100", BUSINESS)
        assert fallback == "https://twimlets.com/forward?PhoneNumber=%2B18005550199"
        api.buy(credentials, "+13125550100", Webhooks(f"{OURS}/call", voice_fallback=fallback))
        bought = account.number("+13125550100")
        assert (bought["voice_fallback_url"], bought["voice_fallback_method"]) == (fallback, "GET")

    def test_the_fallback_is_what_the_operator_says(self) -> None:
        own = TwilioApi("http://127.0.0.1:9", "https://s.example/{number}/{destination}.xml")
        assert own.fallback("+13125550100", "+1 8&?#/") == "https://s.example/%2B13125550100/%2B1%208%26%3F%23%2F.xml"
        assert TwilioApi("http://127.0.0.1:9", "").fallback("+13125550100", BUSINESS) == ""

    @pytest.mark.parametrize(
        ("country", "digits"), [("../x", "312"), ("us", "312"), ("US", "3a"), ("US", "٣١٢"), ("DE", "%")]
    )
    def test_what_is_no_country_or_area_code_is_not_asked_for(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, country: str, digits: str
    ) -> None:
        with pytest.raises(Refused):
            api.search(credentials, country=country, kind="local", area_code=digits, count=1)
        assert account.requests == []

    def test_a_suspended_account_is_refused(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials
    ) -> None:
        account.status = "suspended"
        with pytest.raises(Refused, match="suspended"):
            api.check(credentials)


def test_the_settings_say_where_the_api_is(account: TwilioAccount, credentials: Credentials) -> None:
    config = load({"CALLSPRING_CARRIER_APIS": f"twilio={account.url}"})
    assert registry.api("twilio", config).check(credentials) == "Harbor & Pine"


class TestErrors:
    def test_what_twilio_says_is_passed_on_cleaned_and_without_the_secret(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials
    ) -> None:
        said = {"code": 21999, "message": f"<b>No\x00\n {account.token}</b>" + "!" * 1000}
        account.misbehave(Answer(400, json.dumps(said).encode()))
        with pytest.raises(Refused) as refused:
            VERBS["buy"](api, credentials)
        assert str(refused.value).startswith("Twilio says: <b>No  …</b>!!")
        assert str(refused.value).endswith("(twilio.com/docs/errors/21999)")
        assert len(str(refused.value)) < 400

    @each_verb
    def test_denied(self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, verb: str) -> None:
        for status, body in ((401, b"{}"), (403, b"no"), (400, b'{"code": 20003, "message": "Authenticate"}')):
            account.misbehave(Answer(status, body))
            with pytest.raises(Denied, match="auth token"):
                VERBS[verb](api, credentials)

    @each_verb
    def test_too_many_requests(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, verb: str
    ) -> None:
        account.misbehave(Answer(429, b"slow down", {"Retry-After": "17"}), Answer(429, b"", {"Retry-After": "-1e9"}))
        for pause in (17.0, None):
            with pytest.raises(Unreachable) as problem:
                VERBS[verb](api, credentials)
            assert (problem.value.retry_after, problem.value.perhaps_done) == (pause, False)

    @each_verb
    def test_a_carrier_in_trouble_is_unreachable(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, verb: str
    ) -> None:
        for answer in TROUBLE:
            account.misbehave(answer)
            with pytest.raises(Unreachable) as problem:
                VERBS[verb](api, credentials)
            assert problem.value.perhaps_done == (verb not in READING and answer.status != 302), answer
            assert account.token not in str(problem.value)
        assert len(account.requests) == len(TROUBLE)  # a redirect is not followed, nothing is tried twice

    @each_verb
    def test_nonsense_is_no_crash(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, verb: str
    ) -> None:
        for body in NONSENSE:
            account.misbehave(Answer(200, body))
            if verb in {"configure", "restore", "release", "delete_recording"} and body.startswith(b"{"):
                with suppress(Unreachable):  # nothing is wanted of the answer, though the SDK may stumble over it
                    VERBS[verb](api, credentials)
            else:
                with pytest.raises(Unreachable):
                    VERBS[verb](api, credentials)

    def test_an_answer_without_end_is_cut_off(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exchange, "LONGEST_ANSWER", 10_000)
        account.misbehave(Answer(200, b'{"friendly_name": "' + b"x" * 20_000 + b'"}'))
        with pytest.raises(Unreachable):
            api.check(credentials)

    def test_a_next_page_elsewhere_gets_no_credentials(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials
    ) -> None:
        with TwilioAccount() as elsewhere:
            for address in (f"{elsewhere.url}/x", f"{account.url}.evil.example/", "https://api.twilio.com@127.0.0.1/"):
                body = {"meta": {"key": "n", "next_page_url": address}, "n": []}
                account.misbehave(Answer(200, json.dumps(body).encode()))
                with pytest.raises(Unreachable):
                    api.numbers(credentials)
            assert elsewhere.requests == []

    def test_nobody_there_is_unreachable_and_nothing_was_done(self, credentials: Credentials) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = TwilioApi(f"http://127.0.0.1:{closed.getsockname()[1]}", FALLBACK)
            for verb in VERBS.values():
                with pytest.raises(Unreachable) as problem:
                    verb(nobody, credentials)
                assert not problem.value.perhaps_done

    def test_silence_ends(self, account: TwilioAccount, api: TwilioApi, credentials: Credentials) -> None:
        assert (api._transport._client.timeout.connect, api._transport._client.timeout.read) == (5.0, 15.0)
        api._transport._client.timeout = 0.2
        account.misbehave(Answer(200, b"{}", seconds=4))
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            api.check(credentials)
        assert time.monotonic() - begun < 3.5

    def test_nothing_secret_is_logged(
        self, account: TwilioAccount, api: TwilioApi, credentials: Credentials, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for verb in VERBS.values():
            account.misbehave(Answer(500))
            with pytest.raises(Unreachable):
                verb(api, credentials)
        assert account.token not in caplog.text
        assert "Basic " not in caplog.text

    def test_only_sound_is_a_recording(self, account: TwilioAccount, api: TwilioApi, credentials: Credentials) -> None:
        page = account.record(b"<html>", "text/html")
        with pytest.raises(Unreachable), api.fetch_recording(credentials, page):
            pass


def test_the_doors_load_no_carriers_rest_client() -> None:
    program = """
import sys, callspring.doors.app
heavy = {'twilio.rest', 'telnyx', 'plivo', 'bandwidth', 'httpx'}
print(sorted(heavy & set(sys.modules)), 'callspring.carriers.registry' in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["[]", "True"]
