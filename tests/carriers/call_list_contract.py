"""What every carrier that lists calls must say of them, told once. A carrier's test subclasses `CallListContract`.

The calls are given as a carrier would know them; what comes out must be what its webhooks would have told, so that the
record cannot tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from callspring.calls.state import CallState, Said, call_state
from callspring.carriers.api import CarrierApi, Credentials, Denied, lister
from callspring.carriers.contract import CallSignal, Leg, Status

BEGAN = 1_790_000_000.0  # Unix seconds
NUMBER, CALLER, FIRST, SECOND = "+13125550142", "+17735550177", "+18005550199", "+18005550100"


@dataclass(frozen=True)
class Rung:
    """The business's leg: who was rung when (seconds after the call began), how it ended, how long they talked."""

    destination: str
    after: int
    status: str = "completed"
    seconds: int = 60


@dataclass(frozen=True)
class PastCall:
    """A call; `seconds` is its whole length. `status` "in-progress": it goes on, and so does its last leg."""

    began: float = BEGAN
    caller: str = CALLER
    status: str = "completed"
    seconds: int = 90
    rung: tuple[Rung, ...] = (Rung(SECOND, 10),)


class CallListContract:
    """A subclass gives `api`, `credentials`, and `happened`."""

    api: CarrierApi
    credentials: Credentials

    def happened(self, call: PastCall) -> str:
        """The call is known to the carrier, on the account of `credentials`; its id there."""
        raise NotImplementedError

    def listed(self, since: float = BEGAN - 60, until: float = BEGAN + 3600) -> list[CallSignal]:
        return list(lister(self.api).calls(self.credentials, since, until))

    def state(self) -> CallState:
        return call_state([Said(s.leg, s.status, s.at or 0, s.duration, s.cause, s.leg_id) for s in self.listed()])

    def test_a_call_is_told_leg_by_leg(self) -> None:
        call = self.happened(PastCall(rung=(Rung(FIRST, 5, "no-answer", 0), Rung(SECOND, 30))))
        signals = self.listed()
        assert [(one.leg, one.status) for one in signals if one.status is not Status.ANSWERED] == [
            (Leg.CALLER, Status.ASKED),
            (Leg.BUSINESS, Status.NO_ANSWER),
            (Leg.BUSINESS, Status.COMPLETED),
            (Leg.CALLER, Status.COMPLETED),
        ]
        assert {one.carrier_call_id for one in signals} == {call}
        assert {one.leg_id for one in signals if one.leg is Leg.CALLER} == {call}
        assert len({one.leg_id for one in signals if one.leg is Leg.BUSINESS}) == 2
        asked, first, *_, second, end = signals
        assert (asked.caller, asked.dialled, asked.at) == (CALLER, NUMBER, BEGAN)
        assert (first.dialled, second.dialled) == (FIRST, SECOND)
        assert (second.duration, end.duration, end.at) == (60, 90, BEGAN + 90)
        state = self.state()
        assert (state.status, state.started_at, state.ended_at, state.duration) == ("completed", BEGAN, BEGAN + 90, 60)

    @pytest.mark.parametrize("status", ["busy", "no-answer", "canceled", "failed"])
    def test_a_call_that_nobody_took(self, status: str) -> None:
        self.happened(PastCall(status=status, seconds=20, rung=(Rung(SECOND, 2, status, 0),)))
        assert self.state().status == status

    def test_a_call_that_goes_on_has_no_end(self) -> None:
        self.happened(PastCall(status="in-progress", rung=(Rung(SECOND, 10, "in-progress"),)))
        assert [(one.leg, one.status) for one in self.listed()] == [
            (Leg.CALLER, Status.ASKED),
            (Leg.BUSINESS, Status.ANSWERED),
        ]

    def test_a_withheld_number_is_none(self) -> None:
        self.happened(PastCall(caller=""))
        assert {one.caller for one in self.listed() if one.leg is Leg.CALLER} == {""}

    def test_only_calls_that_came_in_then_and_the_oldest_first(self) -> None:
        later, earlier = self.happened(PastCall(BEGAN + 100)), self.happened(PastCall(BEGAN))
        self.happened(PastCall(BEGAN - 61))
        self.happened(PastCall(BEGAN + 3601))
        assert [one.carrier_call_id for one in self.listed() if one.status is Status.ASKED] == [earlier, later]
        assert self.listed(BEGAN + 1, BEGAN + 99) == []

    def test_the_end_of_a_day_cuts_nothing_off(self) -> None:
        midnight = BEGAN - BEGAN % 86400 + 86400
        call = self.happened(PastCall(midnight - 5))
        found = self.listed(midnight - 10, midnight - 1)
        assert (len(found) >= 3, {one.carrier_call_id for one in found}) == (True, {call})

    def test_nobody_else_is_told(self) -> None:
        self.happened(PastCall())
        with pytest.raises(Denied):
            list(lister(self.api).calls(replace(self.credentials, secret="wrong"), BEGAN, BEGAN + 60))
