"""Plivo's REST API: our requests as its documentation and its own SDK have them, its answers in our words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import plivo  # type: ignore[import-untyped]
import pytest
from plivo.rest import client as plivo_client  # type: ignore[import-untyped]

from callspring.carriers import registry
from callspring.carriers.api import Credentials, Denied, Refused, Unreachable, Webhooks
from callspring.carriers.plivo.api import PlivoApi
from callspring.carriers.plivo.media import _address
from callspring.config import load
from tests.carriers.api_contract import CALLER, OURS, CarrierApiContract
from tests.carriers.loopback import Answer
from tests.carriers.plivo_account import PlivoAccount

FALLBACK = "https://static.example/fallback/{number}.xml?to={destination}"


@pytest.fixture
def account() -> Iterator[PlivoAccount]:
    with PlivoAccount() as account:
        account.for_sale = {f"131255501{line:02d}": "Chicago" for line in range(30)}
        account.for_sale["18005550101"] = ""
        yield account


@pytest.fixture
def api(account: PlivoAccount) -> PlivoApi:
    return PlivoApi(account.url, FALLBACK)


@pytest.fixture
def us(account: PlivoAccount) -> Credentials:
    return Credentials(account.auth_id, account.token)


class TestPlivoApi(CarrierApiContract):
    taken = "+13125550142"

    @pytest.fixture(autouse=True)
    def _account(self, account: PlivoAccount, api: PlivoApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us
        account.taken.add(self.taken[1:])

    def keep_recording(self, sound: bytes) -> str:
        return self.account.record(sound)

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        return [("+" + text["src"], "+" + text["dst"], text["text"], text["url"]) for text in self.account.texts]


class TestAsItsSdkAsks:
    """The vendor's client, sent to the same stand-in: the same addresses and the same arguments."""

    @pytest.fixture
    def sdk(self, account: PlivoAccount, monkeypatch: pytest.MonkeyPatch) -> Any:
        base = f"{account.url}/v1/Account"
        for name in ("PLIVO_API_BASE_URI", "API_VOICE_BASE_URI"):
            monkeypatch.setattr(plivo_client, name, base)
        return plivo.RestClient(account.auth_id, account.token)

    def test_every_request_is_one_that_the_sdk_makes(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials, sdk: Any
    ) -> None:
        hooks = Webhooks(f"{OURS}/call", FALLBACK, f"{OURS}/events", f"{OURS}/text")
        recordings = [account.record(b"sound") for _ in range(2)]
        api.buy(us, "+13125550100", hooks)
        api.search(us, country="US", kind="local", area_code="312", count=3)
        api.configure(us, "13125550100", replace(hooks, text=f"{OURS}/other"))
        api.send_text(us, sender="+13125550100", to=CALLER, body="Hello", events=f"{OURS}/text-events")
        api.delete_recording(us, recordings[0])
        api.release(us, "13125550100")
        ours = self._taken(account)
        self._the_same(sdk, hooks, recordings[1])
        theirs = self._taken(account)
        for key, fields in theirs.items():
            assert key in ours, key
            # What the SDK sends besides are its own defaults, which are Plivo's too.
            more = {name for name in fields.keys() - ours[key].keys() if name not in _DEFAULTS}
            assert not more, (key, more)
            shared = fields.keys() & ours[key].keys()
            assert {name: fields[name] for name in shared} == {name: ours[key][name] for name in shared}, key

    def _the_same(self, sdk: Any, hooks: Webhooks, recording: str) -> None:
        sdk.numbers.search("US", type="local", pattern="312", services="voice", limit=20, offset=0)
        made = sdk.applications.create(
            "callspring-13125550101",
            answer_url=hooks.voice,
            fallback_answer_url=hooks.voice_fallback,
            fallback_method="GET",
            hangup_url=hooks.events,
            message_url=hooks.text,
        )
        sdk.numbers.buy("13125550101", app_id=made.app_id)
        sdk.numbers.get("13125550101")
        sdk.numbers.update("13125550101", app_id=made.app_id)
        sdk.applications.update(
            made.app_id,
            answer_url=hooks.voice,
            hangup_url=hooks.events,
            message_url=f"{OURS}/other",
            fallback_answer_url=hooks.voice_fallback,
            fallback_method="GET",
        )
        sdk.messages.create(src="13125550101", dst=CALLER[1:], text="Hello", url=f"{OURS}/text-events")
        sdk.recordings.delete(recording)
        sdk.numbers.delete("13125550101")
        sdk.applications.delete(made.app_id)

    def _taken(self, account: PlivoAccount) -> dict[tuple[str, str], dict[str, Any]]:
        """The requests so far: by verb and shape of the path, the arguments without what differs by number."""
        found = {}
        for asked in account.requests:
            shape = "/".join("ID" if part[:1].isdigit() or len(part) == 36 else part for part in asked.path.split("/"))
            fields = {**asked.query, **asked.body}
            known = {name: _same(value) for name, value in fields.items() if name not in _OWN}
            found[(asked.method, shape)] = known
        account.requests.clear()
        return found


_OWN = frozenset({"app_id", "number", "recording_id", "limit", "offset"})  # differ, or stand in the path already
_DEFAULTS = frozenset({"default_number_app", "default_endpoint_app", "log_incoming_messages", "log", "trackable"})


def _same(value: Any) -> Any:
    return value.replace("13125550101", "13125550100") if isinstance(value, str) else value


class TestNumbers:
    def test_the_settings_say_where_the_api_is(self, account: PlivoAccount, us: Credentials) -> None:
        config = load({"CALLSPRING_CARRIER_APIS": f"plivo={account.url}"})
        assert registry.api("plivo", config).check(us) == "Harbor & Pine"

    def test_the_default_fallback_is_in_another_carriers_language(self, account: PlivoAccount) -> None:
        assert PlivoApi(account.url, load({}).fallback_url).fallback("+13125550100", CALLER) == ""
        filled = PlivoApi(account.url, FALLBACK).fallback("+13125550100", CALLER)
        assert filled == "https://static.example/fallback/%2B13125550100.xml?to=%2B13125550177"

    def test_every_page_of_numbers_and_applications_is_read(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        for line in range(45):
            name = account.application(app_name=f"app-{line}", answer_url=f"https://old.example/{line}")
            account.own(f"1312202{line:04d}", name)
        owned = api.numbers(us)
        assert [one.webhooks.voice for one in owned] == [f"https://old.example/{line}" for line in range(45)]

    def test_somebody_elses_application_is_left_as_it_is_and_comes_back(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        theirs = account.application(app_name="Main-line", answer_url="https://old.example/a", answer_method="GET")
        account.own("13122020001", theirs)
        first = dict(account.applications[theirs])
        (owned,) = api.numbers(us)
        api.configure(us, owned.carrier_number_id, Webhooks(f"{OURS}/call", text=f"{OURS}/text"))
        (pointed,) = api.numbers(us)
        assert (pointed.webhooks.voice, pointed.webhooks.text) == (f"{OURS}/call", f"{OURS}/text")
        assert account.applications[theirs] == first
        api.restore(us, owned.carrier_number_id, owned.before)
        assert api.numbers(us) == [owned]
        assert list(account.applications) == [theirs]

    def test_a_number_on_a_trunk_says_so_and_goes_back_to_it(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        account.own("13122020001", "29986316244302815")
        (owned,) = api.numbers(us)
        assert (owned.webhooks, owned.before) == (
            Webhooks(instead="trunk 29986316244302815"),
            {"app_id": "29986316244302815"},
        )

    def test_a_number_without_an_application_gets_none_back(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        account.own("13122020001")
        (owned,) = api.numbers(us)
        api.configure(us, owned.carrier_number_id, Webhooks(f"{OURS}/call"))
        api.restore(us, owned.carrier_number_id, owned.before)
        assert api.numbers(us) == [owned]
        assert account.applications == {}

    def test_doing_it_again_makes_no_second_application(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        account.own("13122020001")
        for _ in range(3):
            api.configure(us, "13122020001", Webhooks(f"{OURS}/call"))
        assert [one["app_name"] for one in account.applications.values()] == ["callspring-13122020001"]
        assert sum(asked.path == "Application/" and asked.method == "POST" for asked in account.requests) == 1

    def test_an_order_that_is_refused_leaves_nothing_behind(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        account.taken.add("13125550100")
        with pytest.raises(Refused, match=r"^Plivo says: number is not available\.$"):
            api.buy(us, "+13125550100", Webhooks(f"{OURS}/call"))
        assert account.applications == {}

    def test_an_order_that_waits_for_papers_may_still_be_filled(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        account.pending.add("13125550100")
        with pytest.raises(Unreachable) as problem:
            api.buy(us, "+13125550100", Webhooks(f"{OURS}/call"))
        assert problem.value.perhaps_done

    def test_what_the_law_wants_is_told(self, account: PlivoAccount, api: PlivoApi, us: Credentials) -> None:
        for said, wanted in {"city-address": "local", "country-address": "local", "x": "", None: ""}.items():
            offer = {"number": "4930123456", "city": "BERLIN", "restriction": said, "type": "fixed"}
            account.misbehave(Answer(200, json.dumps({"meta": {"next": None}, "objects": [offer]}).encode()))
            (found,) = api.search(us, country="DE", kind="local", area_code="30", count=1)
            assert (found.e164, found.locality, found.country, found.address) == ("+4930123456", "Berlin", "DE", wanted)


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (400, {"error": "app_id does not exist."}, r"^Plivo says: app_id does not exist\.$"),
            (400, {"error": {"answer_url": ["Not a url"]}}, r"^Plivo says: Not a url\.$"),
            (400, {"error": {"error": "No"}}, r"^Plivo says: No\.$"),
            (403, {"error": "Forbidden"}, "Forbidden"),
            (422, {"error": []}, "does not say why"),
            (400, [], "does not say why"),
            (400, {"error": 7}, "does not say why"),
        ],
    )
    def test_its_ways_to_say_no_are_understood(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials, status: int, body: object, said: str
    ) -> None:
        account.misbehave(Answer(status, json.dumps(body).encode()))
        with pytest.raises(Refused, match=said):
            api.check(us)

    def test_a_carrier_in_trouble_is_unreachable_and_named(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        elsewhere = {"Location": "https://evil.example/"}
        for answer in (
            Answer(500),
            Answer(200, b"[]"),
            Answer(200, b"{"),
            Answer(200, b'{"name": 7}'),
            Answer(302, b"", elsewhere),
            Answer(200, b'{"name": "' + b"x" * 9_000_000 + b'"}'),
        ):
            account.misbehave(answer)
            with pytest.raises(Unreachable, match="Plivo") as problem:
                api.check(us)
            assert account.token not in str(problem.value)

    def test_a_pause_is_kept(self, account: PlivoAccount, api: PlivoApi, us: Credentials) -> None:
        account.misbehave(Answer(429, b"", {"Retry-After": "7"}))
        with pytest.raises(Unreachable) as problem:
            api.check(us)
        assert problem.value.retry_after == 7

    def test_an_error_that_repeats_the_token_does_not_pass_it_on(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        account.misbehave(Answer(400, json.dumps({"error": f"wrong token {account.token}"}).encode()))
        with pytest.raises(Refused) as problem:
            api.check(us)
        assert account.token not in str(problem.value)

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/x.mp3",
            "https://api.plivo.com.evil.example/x.mp3",
            "https://evil.example/plivo.com",
            "https://media.plivo.com@evil.example/x.mp3",
            "https://media.plivo.com:8443/x.mp3",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "",
            "http://[::1",
        ],
    )
    def test_a_recording_elsewhere_is_not_fetched(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials, url: str
    ) -> None:
        name = account.record(b"sound")
        account.misbehave(Answer(200, json.dumps({"recording_url": url}).encode()))
        with pytest.raises(Unreachable), api.fetch_recording(us, name):
            pass
        assert account.media_auth == []

    def test_the_token_goes_to_plivos_own_hosts_only(self, api: PlivoApi) -> None:
        rest = api._rest
        assert _address(rest, "http://media.plivo.com/x.mp3?a=1") == ("https://media.plivo.com/x.mp3?a=1", True)
        s3 = "http://s3.amazonaws.com/recordings_2013/x.mp3"
        assert _address(rest, s3) == (s3.replace("http", "https"), False)

    def test_sound_that_is_none_is_not_stored(self, account: PlivoAccount, api: PlivoApi, us: Credentials) -> None:
        for content_type, is_sound in (("text/html", False), ("binary/octet-stream", True), ("audio/mpeg; x=1", True)):
            name = account.record(b"sound", content_type)
            try:
                with api.fetch_recording(us, name) as sound:
                    assert sound.content_type == "audio/mpeg"
                assert is_sound
            except Unreachable:
                assert not is_sound

    @pytest.mark.parametrize("account_id", ["MA123", "XX" + "0" * 18, "ma" + "0" * 18])
    def test_what_is_no_account_is_denied_without_asking(
        self, account: PlivoAccount, api: PlivoApi, account_id: str
    ) -> None:
        with pytest.raises(Denied, match="Auth ID"):
            api.check(Credentials(account_id, "token"))
        assert account.requests == []

    def test_the_stand_in_refuses_what_the_documentation_does_not_have(
        self, account: PlivoAccount, api: PlivoApi, us: Credentials
    ) -> None:
        """Else nothing here would mean anything."""
        account.own("13122020001")
        for path, body in (
            ("Number/13122020001/", {"colour": "red"}),
            ("Application/", {"app_name": "a b"}),
            ("Cake/", {}),
        ):
            with pytest.raises(Refused):
                api._post(us, path, body)
        assert len(account.unlawful) == 3
        account.unlawful.clear()
