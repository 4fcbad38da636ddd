"""SignalWire's compatibility API: our requests as its documentation has them, its answers in our words."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from callspring.carriers import registry
from callspring.carriers.api import Credentials, Denied, Refused
from callspring.carriers.signalwire.api import SignalWireApi
from callspring.config import load
from tests.carriers.form_api_contract import FormApiContract
from tests.carriers.loopback import Answer
from tests.carriers.signalwire_account import SignalWireAccount

FALLBACK = load({}).fallback_url
PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"


@pytest.fixture
def account() -> Iterator[SignalWireAccount]:
    with SignalWireAccount() as account:
        account.for_sale = {f"+131255501{line:02d}": ("Chicago", "IL") for line in range(30)}
        account.for_sale["+18005550101"] = ("", "")
        yield account


@pytest.fixture
def api(account: SignalWireAccount) -> SignalWireApi:
    return SignalWireApi(account.url, FALLBACK)


@pytest.fixture
def us(account: SignalWireAccount) -> Credentials:
    return Credentials(account.account, account.secret)


class TestSignalWireApi(FormApiContract):
    taken = "+13125550142"
    beginning = "4930"

    @pytest.fixture(autouse=True)
    def _account(self, account: SignalWireAccount, api: SignalWireApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us
        account.taken.add(self.taken)


class TestWhoAsks:
    def test_the_settings_say_where_the_api_is(self, account: SignalWireAccount, us: Credentials) -> None:
        config = load({"CALLSPRING_CARRIER_APIS": f"signalwire={account.url}"})
        assert registry.api("signalwire", config).check(us) == "Harbor & Pine"

    @pytest.mark.parametrize("account", [f"acme/{PROJECT}", f"https://Acme.SignalWire.com/{PROJECT.upper()}/"])
    def test_the_token_goes_to_the_accounts_own_space(self, account: str) -> None:
        transport, project, token = SignalWireApi("", FALLBACK)._login(Credentials(account, "PT1:PSK_1"))
        assert transport._here("https://api.twilio.com/x") == "https://acme.signalwire.com/api/laml/x"
        assert (project, token) == (PROJECT, "PT1")

    @pytest.mark.parametrize(
        "account",
        [
            f"evil.example/{PROJECT}",
            f"acme.signalwire.com.evil.example/{PROJECT}",
            f"evil.example#.signalwire.com/{PROJECT}",
            f"a@evil.example/{PROJECT}",
            f"http://acme.signalwire.com/{PROJECT}",
            f"acme.signalwire.com:99/{PROJECT}",
            "acme.signalwire.com/" + "a" * 36,
            PROJECT,
        ],
    )
    def test_what_is_no_space_of_signalwires_gets_no_token(self, account: str) -> None:
        with pytest.raises(Denied, match=r"example\.signalwire\.com"):
            SignalWireApi("", FALLBACK).check(Credentials(account, "PT1:PSK_1"))

    @pytest.mark.parametrize("secret", ["PT1", ":PSK_1", "PT1:", "PT 1:PSK", "a:b:c"])
    def test_both_secrets_are_asked_for(self, api: SignalWireApi, us: Credentials, secret: str) -> None:
        with pytest.raises(Denied, match="signing key"):
            api.check(Credentials(us.account, secret))

    def test_a_token_without_the_scope_is_said_so(
        self, account: SignalWireAccount, api: SignalWireApi, us: Credentials
    ) -> None:
        account.misbehave(Answer(403, b'{"code": 10003, "message": "no"}'), Answer(401, b"Unauthorized"))
        for _ in range(2):
            with pytest.raises(Denied, match="scopes Voice, Messaging, Numbers"):
                api.numbers(us)


class TestNumbers:
    def test_no_more_are_offered_than_were_asked_for(self, api: SignalWireApi, us: Credentials) -> None:
        assert len(api.search(us, country="US", kind="local", count=3)) == 3


class TestErrors:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"code": 22121, "message": "no"}, "some days after"),
            ({"errors": [{"code": "22121", "message": "no"}]}, "some days after"),
            (
                {"errors": [{"code": "99999", "message": "Out of cheese"}]},
                r"says: Out of cheese \(error 99999\)\.$",
            ),
            ({"errors": ["Out of cheese."]}, r"^SignalWire says: Out of cheese\.$"),
            ({"errors": [[]]}, "does not say why"),
            ({"errors": {}}, "does not say why"),
            ([], "does not say why"),
        ],
    )
    def test_its_three_ways_to_say_no_are_understood(
        self, account: SignalWireAccount, api: SignalWireApi, us: Credentials, body: object, said: str
    ) -> None:
        number = account.own("+13125550100")
        account.misbehave(Answer(422, json.dumps(body).encode()))
        with pytest.raises(Refused, match=said):
            api.release(us, number["sid"])

    def test_the_stand_in_refuses_what_the_documentation_does_not_have(self, account: SignalWireAccount) -> None:
        """Else nothing here would mean anything."""
        numbers = f"{account.version}/Accounts/{account.sid}/IncomingPhoneNumbers"
        own = account.own("+13125550100", sms_url="https://x.example")["sid"]
        assert account._lawful("POST", f"{numbers}/{own}.json", {}, b"SmsUrl=&VoiceUrl=https://x.example") is None
        for body in (b"TrunkSid=", b"VoiceUrl=x", b"VoiceMethod=PUT", b"Colour=red"):
            assert account._lawful("POST", f"{numbers}/{own}.json", {}, body) is not None
        assert account._lawful("GET", f"{account.version}/Accounts/{account.sid}/Unheard.json", {}, b"") is not None
        account.unlawful.clear()
