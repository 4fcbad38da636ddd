"""The carriers' own lists of calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from callspring.carriers.api import CarrierApi, Credentials, NotOffered, Refused, lister
from callspring.carriers.sandbox import call_log
from callspring.carriers.sandbox.api import SandboxApi
from callspring.carriers.sandbox.call_log import CallLog, Happened
from callspring.carriers.sandbox.inventory import Inventory
from callspring.carriers.signalwire.api import SignalWireApi
from callspring.carriers.twilio.api import TwilioApi
from tests.carriers.call_list_contract import BEGAN, CALLER, NUMBER, CallListContract, PastCall, Rung
from tests.carriers.signalwire_account import SignalWireAccount
from tests.carriers.twilio_account import TwilioAccount


class TestTwilio(CallListContract):
    @pytest.fixture(autouse=True)
    def _account(self) -> Iterator[None]:
        with TwilioAccount() as account:
            self.account: TwilioAccount = account
            self.api = TwilioApi(account.url, "")
            self.credentials = Credentials(account.sid, account.token)
            yield

    def happened(self, call: PastCall) -> str:
        told, caller = self.account.call, call.caller or "+266696687"
        sid = told(caller, NUMBER, call.began, call.status, duration=str(call.seconds))
        for leg in call.rung:
            began = call.began + leg.after
            told(caller, leg.destination, began, leg.status, duration=str(leg.seconds), parent_call_sid=sid)
        return sid

    def test_every_page_is_read(self) -> None:
        self.account.page_limit = 2
        calls = [self.happened(PastCall(BEGAN + index)) for index in range(4)]
        assert list(dict.fromkeys(one.carrier_call_id for one in self.listed())) == calls
        assert [asked.query.get("Page", "0") for asked in self.account.requests] == ["0", "1", "2", "3"]

    def test_calls_that_somebody_placed_are_none_of_ours(self) -> None:
        self.account.call(NUMBER, CALLER, BEGAN, direction="outbound-api")
        assert self.listed() == []

    def test_a_caller_has_the_name_that_their_network_gives_them(self) -> None:
        self.account.call(CALLER, NUMBER, BEGAN, caller_name="HARBOR\u202e PINE")
        assert {one.caller_name for one in self.listed()} == {"HARBOR PINE"}


class TestSignalWire(TestTwilio):
    @pytest.fixture(autouse=True)
    def _account(self) -> Iterator[None]:
        with SignalWireAccount() as account:
            self.account, self.api = account, SignalWireApi(account.url, "")
            self.credentials = Credentials(account.account, account.secret)
            yield


class TestSandbox(CallListContract):
    credentials = Credentials("acme", "s3cret of acme")

    @pytest.fixture(autouse=True)
    def _account(self, tmp_path: Path) -> None:
        books = tmp_path / "exchange.json"
        for account in ("acme", "other"):
            Inventory(books).open_account(account, secret=f"s3cret of {account}", voice_url="http://127.0.0.1:1/v")
        self.log, self.api, self._count = CallLog(books), SandboxApi(books), 0

    def happened(self, call: PastCall, account: str = "acme") -> str:
        self._count += 1
        name = f"sb_{self._count}"
        self._line(account, name, name, "asked", call.began, call)
        for index, leg in enumerate(call.rung):
            goes_on, began = leg.status == "in-progress", call.began + leg.after
            if goes_on or leg.seconds:
                self._line(account, name, f"{name}-{index}", "answered", began, call, leg)
            if not goes_on:
                self._line(account, name, f"{name}-{index}", leg.status, began + leg.seconds, call, leg)
        if call.status != "in-progress":
            self._line(account, name, name, call.status, call.began + call.seconds, call)
        return name

    def _line(
        self, account: str, call: str, leg: str, status: str, at: float, about: PastCall, rung: Rung | None = None
    ) -> None:
        over = status not in ("asked", "answered")
        dialled, seconds = (rung.destination, rung.seconds) if rung else (NUMBER, about.seconds)
        name = "business" if rung else "caller"
        duration = seconds if over else None
        self.log.write(Happened(account, call, name, leg, status, about.caller, dialled, 0, at, duration))

    def test_another_accounts_calls_are_none_of_ours(self) -> None:
        self.happened(PastCall(), "other")
        assert self.listed() == []

    def test_only_the_newest_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(call_log, "LARGEST", 2_000)
        calls = [self.happened(PastCall(BEGAN + index)) for index in range(40)]
        kept = list(dict.fromkeys(one.carrier_call_id for one in self.listed()))
        assert kept == calls[-len(kept) :]
        assert 3 <= len(kept) < 15

    def test_a_line_that_was_cut_off_hides_no_other(self) -> None:
        call = self.happened(PastCall())
        with self.log._newer.open("ab") as file:
            file.write(b'{"account": "ac\n\xff\n')
        self.happened(PastCall(BEGAN + 5))
        assert call in {one.carrier_call_id for one in self.listed()}
        assert len({one.carrier_call_id for one in self.listed()}) == 2


def test_a_carrier_that_lists_no_calls_says_so() -> None:
    with pytest.raises(NotOffered) as refused:
        lister(cast(CarrierApi, object()))
    assert isinstance(refused.value, Refused)
