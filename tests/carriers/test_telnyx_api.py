"""Telnyx's API: our requests as its SDK would send them, its answers in our words, and what it does otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from callspring.carriers import registry
from callspring.carriers.api import Credentials, Denied, Refused, Unreachable, Webhooks
from callspring.carriers.contract import Leg, Status
from callspring.carriers.telnyx.api import TelnyxApi
from callspring.config import load
from tests.carriers.api_contract import CALLER, OURS, CarrierApiContract
from tests.carriers.call_list_contract import BEGAN, NUMBER, SECOND, CallListContract, PastCall
from tests.carriers.loopback import Answer
from tests.carriers.telnyx_account import TelnyxAccount

FALLBACK = load({}).fallback_url
OTHER = "61bf923e-5e4d-4595-a110-56190ea18a1b"


@pytest.fixture
def account() -> Iterator[TelnyxAccount]:
    with TelnyxAccount() as account:
        account.for_sale = {f"+131255501{line:02d}": ("CHICAGO", "IL") for line in range(30)}
        account.for_sale["+18005550101"] = ("", "")
        yield account


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def api(account: TelnyxAccount, pauses: list[float]) -> TelnyxApi:
    return TelnyxApi(account.url, FALLBACK, pause=pauses.append)


@pytest.fixture
def us(account: TelnyxAccount) -> Credentials:
    return Credentials(account.account, account.secret)


class TestTelnyxApi(CarrierApiContract):
    taken = "+13125550142"

    @pytest.fixture(autouse=True)
    def _account(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us
        account.taken.add(self.taken)

    def keep_recording(self, sound: bytes) -> str:
        return self.account.record(sound)

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        return [(text["from"], text["to"], text["text"], text["webhook_url"]) for text in self.account.texts]


class TestTelnyxCalls(CallListContract):
    @pytest.fixture(autouse=True)
    def _account(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us

    def happened(self, call: PastCall) -> str:
        caller = call.caller or "anonymous"
        sid = self.account.call(caller, NUMBER, call.began, call.status, seconds=call.seconds)
        for leg in call.rung:
            began, shown = call.began + leg.after, call.caller or NUMBER
            told = {"seconds": leg.seconds, "direction": "outbound"}
            self.account.call(shown, leg.destination, began, leg.status, **told)
        return sid

    def test_every_page_is_read(self) -> None:
        self.account.page_limit = 2
        calls = [self.happened(PastCall(BEGAN + index * 200)) for index in range(4)]
        assert list(dict.fromkeys(one.carrier_call_id for one in self.listed())) == calls
        assert [asked.query.get("Page", "0") for asked in self.account.requests] == ["0", "1", "2", "3"]

    def test_a_leg_belongs_to_the_call_during_which_it_began(self) -> None:
        first, second = self.happened(PastCall(BEGAN)), self.happened(PastCall(BEGAN + 300))
        legs = {one.carrier_call_id: one.leg_id for one in self.listed() if one.leg is Leg.BUSINESS}
        assert set(legs) == {first, second}
        assert len(set(legs.values())) == 2

    def test_calls_that_somebody_placed_are_none_of_ours(self) -> None:
        self.account.call(NUMBER, SECOND, BEGAN, "completed", direction="outbound", seconds=5)
        self.happened(PastCall(BEGAN + 60, rung=()))
        assert {one.leg for one in self.listed()} == {Leg.CALLER}

    def test_a_list_that_never_ends_is_unreachable(self) -> None:
        answer = b'{"calls": [], "next_page_uri": "https://evil.example/?Page=1"}'
        self.account.misbehave(*[Answer(200, answer)] * 300)
        with pytest.raises(Unreachable):
            self.listed()
        assert {asked.path for asked in self.account.requests} == {f"/v2/texml/Accounts/{self.account.account}/Calls"}

    @pytest.mark.parametrize("entry", [b"{}", b"7", b'{"sid": "a b", "status": "busy", "direction": "inbound"}'])
    def test_what_is_no_call_is_nonsense(self, entry: bytes) -> None:
        self.account.misbehave(Answer(200, b'{"calls": [' + entry + b"]}"))
        with pytest.raises(Unreachable):
            self.listed()


class TestWhoAsks:
    def test_the_settings_say_where_the_api_is(self, account: TelnyxAccount, us: Credentials) -> None:
        config = load({"CALLSPRING_CARRIER_APIS": f"telnyx={account.url}"})
        assert registry.api("telnyx", config).check(us) == f"Telnyx {account.account[:8]}"

    def test_a_key_of_another_account_is_denied(self, api: TelnyxApi, us: Credentials) -> None:
        with pytest.raises(Denied, match="does not belong to this account ID"):
            api.check(replace(us, account=OTHER))

    @pytest.mark.parametrize("secret", ["KEYabc", "KEYabc def:x", "abc:x", ":", "KEY\n123:x"])
    def test_what_cannot_be_a_key_is_not_even_sent(self, api: TelnyxApi, us: Credentials, secret: str) -> None:
        with pytest.raises(Denied, match="with a colon between them"):
            api.check(replace(us, secret=secret))

    def test_the_public_key_is_not_sent(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        api.check(replace(us, secret=us.secret[:-44] + "anything"))
        assert account.requests[0].status == 200


class TestNumbers:
    def webhooks(self, api: TelnyxApi, e164: str, destination: str) -> Webhooks:
        return Webhooks(f"{OURS}/call", api.fallback(e164, destination), f"{OURS}/events", f"{OURS}/text")

    def test_numbers_with_the_same_addresses_share_one_of_each(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        first, second = account.own("+13122020001"), account.own("+13122020002")
        for number in (first, second, first):
            api.configure(us, number["id"], self.webhooks(api, number["phone_number"], CALLER))
        assert (len(account.applications), len(account.profiles), len(account.outbound)) == (1, 1, 1)
        (made,) = account.applications.values()
        assert made["voice_method"] == made["status_callback_method"] == "post"
        assert made["inbound"] == {"shaken_stir_enabled": True}
        assert made["outbound"] == {"outbound_voice_profile_id": next(iter(account.outbound))}

    def test_an_outbound_voice_profile_that_is_there_is_used(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        off, mine = {"id": "8", "name": "Off", "enabled": False}, {"id": "9", "name": "Mine", "enabled": True}
        account.outbound = {"8": off, "9": mine}
        api.configure(us, account.own("+13122020001")["id"], self.webhooks(api, "+13122020001", CALLER))
        (made,) = account.applications.values()
        assert made["outbound"]["outbound_voice_profile_id"] == "9"
        assert len(account.outbound) == 2

    def test_calls_can_go_where_the_number_is(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        number = account.own("+493012345678", country_iso_alpha2="DE")
        api.configure(us, number["id"], self.webhooks(api, "+493012345678", "+4930111222"))
        assert [one["whitelisted_destinations"] for one in account.outbound.values()] == [["CA", "DE", "US"]]

    def test_what_somebody_else_made_is_left_alone_and_comes_back(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        account.connections["77"] = "Office PBX"
        account.applications["88"] = {"id": "88", "friendly_name": "Theirs", "voice_url": "https://old.example/"}
        account.profiles["p1"] = {"id": "p1", "name": "Theirs", "webhook_url": "https://old.example/text"}
        trunk = account.own("+13122020001", connection_id="77", connection_name="Office PBX")
        app = account.own("+13122020002", connection_id="88", messaging_profile_id="p1")
        was = {one.e164: one for one in api.numbers(us)}
        assert was["+13122020001"].webhooks.instead == "connection Office PBX"
        assert was["+13122020002"].webhooks == Webhooks(voice="https://old.example/", text="https://old.example/text")
        for number in (trunk, app):
            api.configure(us, number["id"], self.webhooks(api, number["phone_number"], CALLER))
        assert account.applications["88"]["voice_url"] == "https://old.example/"
        for number in (trunk, app):
            api.restore(us, number["id"], was[number["phone_number"]].before)
        assert {one.e164: one for one in api.numbers(us)} == was

    def test_after_the_last_number_has_left_nothing_of_ours_stays(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        numbers = [account.own(f"+1312202000{line}") for line in range(2)]
        for number in numbers:
            api.configure(us, number["id"], self.webhooks(api, number["phone_number"], CALLER))
        api.restore(us, numbers[0]["id"], {})
        assert (len(account.applications), len(account.profiles)) == (1, 1)
        api.release(us, numbers[1]["id"])
        assert (account.applications, account.profiles) == ({}, {})

    def test_one_that_was_changed_in_the_portal_is_set_right(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        number, wanted = account.own("+13122020001"), self.webhooks(api, "+13122020001", CALLER)
        api.configure(us, number["id"], wanted)
        next(iter(account.applications.values()))["voice_url"] = "https://elsewhere.example/"
        next(iter(account.profiles.values()))["webhook_url"] = "https://elsewhere.example/"
        api.configure(us, number["id"], wanted)
        assert api.numbers(us)[0].webhooks == wanted

    def test_a_number_that_cannot_text_keeps_its_calls(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        number, wanted = account.own("+13122020001"), self.webhooks(api, "+13122020001", CALLER)
        account.mute.add("+13122020001")
        api.configure(us, number["id"], wanted)
        (found,) = api.numbers(us)
        assert (found.can_text, found.can_voice) == (False, True)
        assert found.webhooks == replace(wanted, text="")

    def test_numbers_that_are_no_longer_there_are_none(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        for line, status in enumerate(("deleted", "ported-out", "purchase-failed", "port-pending", "purchase-pending")):
            account.own(f"+1312202000{line}", status=status)
        assert [one.e164 for one in api.numbers(us)] == ["+13122020004"]

    def test_all_pages_are_read(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        account.page_limit = 2
        for line in range(5):
            account.own(f"+1312202000{line}")
        assert len(api.numbers(us)) == 5

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b'{"data": 7}', b'{"data": [7], "meta": {"total_pages": 1}}', b"<html>", b'{"data": []}']
    )
    def test_nonsense_is_said_to_be_nonsense(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials, body: bytes
    ) -> None:
        account.misbehave(Answer(200, body))
        with pytest.raises(Unreachable, match="Telnyx gave an answer that makes no sense"):
            api.numbers(us)


class TestOrders:
    def buy(self, api: TelnyxApi, us: Credentials) -> str:
        return api.buy(us, "+13125550100", Webhooks(voice=f"{OURS}/call", text=f"{OURS}/text")).e164

    def test_an_order_that_takes_a_while_is_waited_for(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials, pauses: list[float]
    ) -> None:
        account.slow_orders = 3
        assert self.buy(api, us) == "+13125550100"
        assert pauses == [1.0] * 3

    def test_one_that_takes_longer_may_have_been_done(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials, pauses: list[float]
    ) -> None:
        account.slow_orders = 99
        with pytest.raises(Unreachable) as late:
            self.buy(api, us)
        assert late.value.perhaps_done
        assert sum(pauses) <= 10
        assert len(account.applications) == 1  # the number will name it

    def test_one_that_waits_for_papers_is_called_off(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        account.papers.add("+13125550100")
        with pytest.raises(Refused, match="asks who will use it"):
            self.buy(api, us)
        (order,) = account.orders.values()
        assert account.called_off == order["sub_number_orders_ids"]
        assert account.applications == account.profiles == {}

    def test_one_that_is_refused_leaves_nothing_behind(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        account.taken.add("+13125550100")
        with pytest.raises(Refused, match=r"Telnyx says: The requested phone number is no longer available \(85001\)"):
            self.buy(api, us)
        assert account.applications == account.profiles == {}

    def test_a_lost_answer_may_have_been_done(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        account.misbehave(None, None, None, Answer(500), method="POST")
        with pytest.raises(Unreachable) as lost:
            self.buy(api, us)
        assert lost.value.perhaps_done


class TestRecordings:
    @pytest.mark.parametrize(
        ("kind", "found"), [("binary/octet-stream", "audio/mpeg"), ("audio/x-wav; charset=utf-8", "audio/x-wav")]
    )
    def test_what_storage_calls_it_may_be_anything(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials, kind: str, found: str
    ) -> None:
        with api.fetch_recording(us, account.record(b"sound", kind)) as sound:
            assert (sound.content_type, b"".join(sound.chunks)) == (found, b"sound")

    @pytest.mark.parametrize("url", ["http://evil.example/x.mp3", "file:///etc/passwd", "", "//evil.example/x.mp3"])
    def test_a_sound_lies_behind_https(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials, url: str) -> None:
        account.misbehave(Answer(200, b'{"media_url": "' + url.encode() + b'"}'))
        with pytest.raises(Unreachable, match="makes no sense"), api.fetch_recording(us, OTHER):
            pass

    def test_a_page_is_no_sound(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        with pytest.raises(Unreachable), api.fetch_recording(us, account.record(b"<html>", "text/html")):
            pass


class TestTexts:
    def test_a_refusal_is_said_in_our_words(self, account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
        number = account.own("+13122020001")["phone_number"]
        for code, said in (("40300", "answering STOP"), ("40999", r"Telnyx says: Too much \(40999\)\.")):
            body = f'{{"errors": [{{"code": "{code}", "title": "No", "detail": "Too much"}}]}}'.encode()
            account.misbehave(Answer(400, body))
            with pytest.raises(Refused, match=said):
                api.send_text(us, sender=number, to=CALLER, body="Hello", events="")

    def test_a_text_without_an_address_uses_nobody_elses(
        self, account: TelnyxAccount, api: TelnyxApi, us: Credentials
    ) -> None:
        account.own("+13122020001")
        api.send_text(us, sender="+13122020001", to=CALLER, body="Hello", events="")
        assert "webhook_url" not in account.texts[0]
        assert account.texts[0]["use_profile_webhooks"] is False


def test_what_goes_on_says_who_is_there(account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
    account.call("+17735550177", NUMBER, BEGAN, "ringing")
    assert [one.status for one in api.calls(us, BEGAN, BEGAN + 60)] == [Status.ASKED]
