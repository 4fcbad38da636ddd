"""The signed position in the flow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callspring.flows.flow import ASK, DIALLED, Forward
from callspring.voice.position import NOWHERE, PositionSeal, flow_version

SEAL = PositionSeal(b"s" * 32)
FLOW = Forward("+18005550199")


@given(st.text(max_size=30), st.integers(0, 1000))
def test_what_was_written_for_a_call_is_read_for_that_call(call: str, position: int) -> None:
    text = SEAL.write(call, FLOW, position)
    assert SEAL.read(text, call) == position
    assert SEAL.read(text, call + "x") == NOWHERE
    assert PositionSeal(b"t" * 32).read(text, call) == NOWHERE


@given(st.text(max_size=60))
def test_anything_else_is_nowhere(text: str) -> None:
    assert SEAL.read(text, "call") == NOWHERE


def test_no_single_change_goes_unnoticed() -> None:
    text = SEAL.write("call", FLOW, DIALLED)
    for at in range(len(text)):
        for other in "01x.":
            changed = text[:at] + other + text[at + 1 :]
            assert SEAL.read(changed, "call") == (DIALLED if changed == text else NOWHERE)


def test_a_position_is_plain_in_an_address() -> None:
    assert all(c.isalnum() or c == "." for c in SEAL.write("call", None, ASK))


def test_another_flow_is_another_version() -> None:
    assert flow_version(FLOW) == flow_version(Forward("+18005550199"))
    assert len({flow_version(FLOW), flow_version(Forward("+18005550198")), flow_version(None)}) == 3
