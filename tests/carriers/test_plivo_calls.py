"""Plivo's lists of past and present calls, read for what the door did not hear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callspring.carriers.api import Credentials, Unreachable
from callspring.carriers.contract import Leg, Status
from callspring.carriers.plivo.api import PlivoApi
from tests.carriers.call_list_contract import BEGAN, NUMBER, CallListContract, PastCall, Rung
from tests.carriers.call_list_contract import CALLER as WHO
from tests.carriers.loopback import Answer
from tests.carriers.plivo_account import INDIA, PlivoAccount


@pytest.fixture
def account() -> Iterator[PlivoAccount]:
    with PlivoAccount() as account:
        yield account


@pytest.fixture
def api(account: PlivoAccount) -> PlivoApi:
    return PlivoApi(account.url, "")


@pytest.fixture
def us(account: PlivoAccount) -> Credentials:
    return Credentials(account.auth_id, account.token)


class TestPlivoCalls(CallListContract):
    @pytest.fixture(autouse=True)
    def _account(self, account: PlivoAccount, api: PlivoApi, us: Credentials) -> None:
        self.account, self.api, self.credentials = account, api, us

    CODES = {"completed": 4000, "busy": 3010, "no-answer": 6010, "canceled": 1000, "failed": 5020}

    def happened(self, call: PastCall) -> str:
        caller = call.caller[1:] or "anonymous"
        if call.status == "in-progress":
            return self._goes_on(call, caller)
        code = {"hangup_cause_code": self.CODES[call.status], "call_duration": call.seconds}
        began = {"initiation_time": self.account.written(call.began)}
        name = self.account.call(caller, NUMBER[1:], call.began + call.seconds, **code, **began)
        for leg in call.rung:
            rang = call.began + leg.after
            self.account.call(
                caller,
                leg.destination[1:],
                rang + leg.seconds,
                call_direction="outbound",
                parent_call_uuid=name,
                initiation_time=self.account.written(rang),
                hangup_cause_code=self.CODES[leg.status],
                call_duration=leg.seconds,
            )
        return name

    def _goes_on(self, call: PastCall, caller: str) -> str:
        for name, direction, to in (("1" * 8, "inbound", NUMBER[1:]), ("2" * 8, "outbound", call.rung[0].destination)):
            uuid = f"{name}-0000-4000-8000-000000000000"
            began = self.account.written(call.began).replace("+05:30", "")
            self.account.live[uuid] = {
                "call_uuid": uuid,
                "call_status": "in-progress",
                "direction": direction,
                "from": caller,
                "to": to,
                "caller_name": "",
                "session_start": _utc(began),
            }
        return f"{'1' * 8}-0000-4000-8000-000000000000"

    def test_a_call_that_goes_on_has_no_end(self) -> None:
        """Of its legs Plivo does not say whose they are."""
        call = self.happened(PastCall(status="in-progress", rung=(Rung(NUMBER, 10, "in-progress"),)))
        assert [(one.carrier_call_id, one.leg, one.status, one.at) for one in self.listed()] == [
            (call, Leg.CALLER, Status.ASKED, BEGAN)
        ]

    def test_one_that_ended_between_the_two_lists_has_its_end(self) -> None:
        call = self._goes_on(PastCall(), "17735550177")
        self.account.calls.clear()
        self.account.call("17735550177", NUMBER[1:], BEGAN + 90, call_uuid=call, call_duration=90)
        self.account.calls[0]["initiation_time"] = self.account.written(BEGAN)
        assert [one.status for one in self.listed()] == [Status.ASKED, Status.COMPLETED]

    def test_every_page_is_read(self) -> None:
        calls = [self.happened(PastCall(BEGAN + index)) for index in range(25)]
        assert list(dict.fromkeys(one.carrier_call_id for one in self.listed())) == calls
        assert [asked.query["offset"] for asked in self.account.requests if "offset" in asked.query] == [
            "0",
            "20",
            "40",
        ]

    def test_no_more_than_thirty_days_are_asked_for_at_once(self) -> None:
        call = self.happened(PastCall())
        assert {one.carrier_call_id for one in self.listed(BEGAN - 60, BEGAN + 40 * 86400)} == {call}

    def test_calls_that_somebody_placed_are_none_of_ours(self) -> None:
        self.account.call(NUMBER[1:], WHO[1:], BEGAN + 10, call_direction="outbound")
        assert self.listed() == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"end_time": "yesterday"},
            {"call_uuid": "../x"},
            {"end_time": None},
            {"from_number": 7},
            {"parent_call_uuid": "é"},
        ],
    )
    def test_a_list_that_makes_no_sense_is_none(self, wrong: dict[str, Any]) -> None:
        self.happened(PastCall())
        entry = {**self.account.calls[0], **wrong}
        self.account.misbehave(Answer(200, json.dumps({"meta": {"next": None}, "objects": [entry]}).encode()))
        with pytest.raises(Unreachable):
            self.listed()


def _utc(written: str) -> str:
    """The live list writes UTC, without saying so."""
    moment = datetime.fromisoformat(written).replace(tzinfo=INDIA).astimezone(UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
