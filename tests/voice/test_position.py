"""The signed position in the flow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callspring.flows.evaluation import Position
from callspring.flows.flow import Forward
from callspring.voice.position import PositionSeal, flow_version

SEAL = PositionSeal(b"s" * 32)
FLOW = Forward("+18005550199")


POSITIONS = st.builds(Position, step=st.integers(0, 9_999), attempt=st.integers(0, 99), first=st.integers(-1, 99))


@given(st.text(max_size=30), POSITIONS)
def test_what_was_written_for_a_call_is_read_for_that_call(call: str, position: Position) -> None:
    text = SEAL.write(call, FLOW, position)
    assert SEAL.read(text, call) == position
    assert SEAL.read(text, call + "x") is None
    assert PositionSeal(b"t" * 32).read(text, call) is None


@given(st.text(max_size=60))
def test_anything_else_is_nowhere(text: str) -> None:
    assert SEAL.read(text, "call") is None


def test_no_single_change_goes_unnoticed() -> None:
    text = SEAL.write("call", FLOW, Position(1, 2, 3))
    for at in range(len(text)):
        for other in "01x.":
            changed = text[:at] + other + text[at + 1 :]
            assert SEAL.read(changed, "call") == (Position(1, 2, 3) if changed == text else None)


def test_a_position_is_plain_in_an_address() -> None:
    assert all(c.isalnum() or c == "." for c in SEAL.write("call", None, Position(1)))


def test_another_flow_is_another_version() -> None:
    assert flow_version(FLOW) == flow_version(Forward("+18005550199"))
    assert len({flow_version(FLOW), flow_version(Forward("+18005550198")), flow_version(None)}) == 3
