"""Bandwidth's APIs: our requests as its documentation has them, its answers in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from callspring.carriers import registry
from callspring.carriers.api import Credentials, Denied, Refused, Unreachable, Webhooks
from callspring.carriers.bandwidth import call_list
from callspring.carriers.bandwidth.api import BandwidthApi
from callspring.config import load
from tests.carriers.api_contract import OURS, CarrierApiContract
from tests.carriers.bandwidth_account import BandwidthAccount
from tests.carriers.bandwidth_requests import iso, pair
from tests.carriers.bandwidth_shapes import Refusal
from tests.carriers.call_list_contract import BEGAN, NUMBER, CallListContract, PastCall
from tests.carriers.loopback import Answer

FALLBACK = "https://static.example/fallback/{number}.xml?to={destination}"
HERE = Webhooks(f"{OURS}/call", "", f"{OURS}/events", f"{OURS}/text")
CAUSES = {"completed": "hangup", "no-answer": "timeout", "canceled": "cancel", "failed": "error", "busy": "busy"}


@pytest.fixture
def account() -> Iterator[BandwidthAccount]:
    with BandwidthAccount() as account:
        account.for_sale = {f"31255501{line:02d}": "Chicago" for line in range(30)}
        account.for_sale["8005550101"] = ""
        yield account


@pytest.fixture
def api(account: BandwidthAccount) -> BandwidthApi:
    return BandwidthApi(account.url, FALLBACK, (0.001,) * 5)


@pytest.fixture
def us(account: BandwidthAccount) -> Credentials:
    return account.credentials


class TestBandwidthApi(CarrierApiContract):
    taken = "+13125550142"

    @pytest.fixture(autouse=True)
    def _account(self, account: BandwidthAccount, api: BandwidthApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us
        account.taken.add(self.taken[2:])

    def keep_recording(self, sound: bytes) -> str:
        return self.account.record(sound)

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        """Where it tells what becomes of one stands in the application that it is sent with."""
        told = []
        for one in self.account.texts:
            application = self.account.applications[one["applicationId"]]
            told.append((one["from"], one["to"][0], one["text"], application.findtext("OutboundCallbackUrl") or ""))
        return told


class TestCalls(CallListContract):
    @pytest.fixture(autouse=True)
    def _account(self, account: BandwidthAccount, api: BandwidthApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us

    def happened(self, call: PastCall) -> str:
        goes_on = call.status == "in-progress"
        answered: dict[str, Any] = {"answerTime": iso(call.began)}
        ended = {} if goes_on else {"endTime": iso(call.began + call.seconds), "disconnectCause": CAUSES[call.status]}
        name = self.account.call(call.caller or "Anonymous", NUMBER, call.began, **answered, **ended)
        for leg in call.rung:
            talked = leg.status in ("completed", "in-progress")
            over = {} if leg.status == "in-progress" else {"disconnectCause": CAUSES[leg.status]}
            times: dict[str, Any] = {"answerTime": iso(call.began + leg.after)} if talked else {}
            times |= {"endTime": iso(call.began + leg.after + leg.seconds)} if over else {}
            made = {"parentCallId": name, "direction": "outbound", **over, **times}
            self.account.call(call.caller or "Anonymous", leg.destination, call.began + leg.after, **made)
        return name

    def test_calls_that_somebody_placed_are_left_out(self) -> None:
        self.account.call(NUMBER, "+18005550199", BEGAN, direction="outbound")
        assert self.listed() == []

    def test_a_full_page_is_asked_for_again_in_halves(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(call_list, "PAGE", 4)
        names = [self.happened(PastCall(BEGAN + 10 * place, rung=())) for place in range(20)]
        asked = [one.carrier_call_id for one in self.listed() if one.status == "asked"]
        assert asked == names


class TestLocations:
    def test_numbers_with_the_same_addresses_share_a_location_which_goes_with_the_last(
        self, account: BandwidthAccount, api: BandwidthApi, us: Credentials
    ) -> None:
        first, second = (api.buy(us, f"+131255501{line}", HERE) for line in ("00", "01"))
        ours = [one.name for one in account.peers.values() if one.name.startswith("callspring-")]
        assert (len(ours), len(account.applications)) == (1, 2)
        assert len(set(account.numbers.values())) == 1
        api.release(us, first.carrier_number_id)
        assert len(account.applications) == 2
        api.release(us, second.carrier_number_id)
        assert ([one.name for one in account.peers.values()], account.applications) == (["Main office"], {})

    def test_a_number_goes_back_to_somebody_elses_location(
        self, account: BandwidthAccount, api: BandwidthApi, us: Credentials
    ) -> None:
        account.numbers["3125550001"] = "500001"
        (before,) = api.numbers(us)
        assert before.webhooks == Webhooks(instead="location Main office")
        api.configure(us, before.carrier_number_id, HERE)
        (there,) = api.numbers(us)
        assert there.webhooks == HERE
        api.restore(us, before.carrier_number_id, before.before)
        assert api.numbers(us) == [before]
        assert (account.numbers, account.applications) == ({"3125550001": "500001"}, {})

    def test_webhooks_bring_what_the_door_knows_them_by_and_an_old_password_shows(
        self, account: BandwidthAccount, api: BandwidthApi, us: Credentials
    ) -> None:
        number = api.buy(us, "+13125550100", HERE)
        users = {one.findtext(".//UserId") for one in account.applications.values()}
        assert users == {pair(us.secret)[0]}
        account.password = "another"
        renewed = account.credentials
        (found,) = api.numbers(renewed)
        assert "old" in found.webhooks.instead
        api.configure(renewed, number.carrier_number_id, HERE)
        (found,) = api.numbers(renewed)
        assert found.webhooks == HERE

    def test_an_account_without_texts_takes_calls_all_the_same(
        self, account: BandwidthAccount, api: BandwidthApi, us: Credentials, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = account._settings

        def no_texts(method: str, peer: Any, parts: list[str], body: Any) -> Any:
            if parts[0] == "messaging" and method != "GET":
                raise Refusal(400, "13", "Messaging is not enabled.")
            return settings(method, peer, parts, body)

        monkeypatch.setattr(account, "_settings", no_texts)
        bought = api.buy(us, "+13125550100", HERE)
        assert bought.webhooks == replace(HERE, text="")
        with pytest.raises(Refused, match="messaging application"):
            api.send_text(us, sender="+13125550100", to="+17735550177", body="Hello", events="")


class TestOrders:
    def test_an_order_that_is_not_filled_yet_is_perhaps_done(
        self, account: BandwidthAccount, api: BandwidthApi, us: Credentials
    ) -> None:
        account.looks = 50
        with pytest.raises(Unreachable) as pending:
            api.buy(us, "+13125550100", HERE)
        assert pending.value.perhaps_done
        (order,) = account.orders.values()
        account._fill(order)
        (found,) = api.numbers(us)
        assert (found.e164, found.webhooks) == ("+13125550100", HERE)
        changes: list[Callable[[], None]] = [
            lambda: api.configure(us, found.carrier_number_id, Webhooks()),
            lambda: api.release(us, found.carrier_number_id),
        ]
        for change in changes:
            with pytest.raises(Unreachable) as pending:
                change()
            assert pending.value.perhaps_done

    def test_what_failed_is_told_in_bandwidths_words(self, api: BandwidthApi, us: Credentials) -> None:
        with pytest.raises(Refused, match=r"unavailable for ordering \(5005\)\."):
            api.buy(us, "+13125559999", HERE)

    @pytest.mark.parametrize(
        "body", [b"", b"{}", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xfe", b"<a/>"]
    )
    def test_nonsense_is_nonsense(
        self, account: BandwidthAccount, api: BandwidthApi, us: Credentials, body: bytes
    ) -> None:
        account.misbehave(*[Answer(200, body, {})] * 3)
        if body == b"<a/>":
            assert list(api.search(us, country="US", kind="local", count=1)) == []
            return
        with pytest.raises(Unreachable):
            api.numbers(us)

    def test_an_outsider_learns_nothing(self, account: BandwidthAccount, api: BandwidthApi, us: Credentials) -> None:
        api.buy(us, "+13125550100", HERE)
        theirs = replace(us, account=f"5500001/{account.site}")
        with pytest.raises(Denied):
            api.check(theirs)
        with pytest.raises(Denied):
            api.check(replace(us, account=f"{account.id}/99"))
        api.release(theirs, "13125550100")
        with pytest.raises(Refused):
            api.configure(theirs, "13125550100", HERE)
        assert "3125550100" in account.numbers

    def test_other_countries_are_not_sold(self, api: BandwidthApi, us: Credentials) -> None:
        with pytest.raises(Refused):
            api.search(us, country="GB", kind="local", count=1)

    def test_it_stands_where_the_settings_say(self, account: BandwidthAccount, us: Credentials) -> None:
        config = replace(load({}), carrier_apis={"bandwidth": account.url})
        assert registry.api("bandwidth", config).check(us) == "Harbor & Pine"
        assert registry.api("bandwidth", config).fallback("+13125550100", "+18005550199") == ""
        assert registry.description("bandwidth").shown(us.account) == {"account": account.id, "site": account.site}
