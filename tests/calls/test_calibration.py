"""How right the probabilities are, by what people say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.calibration import ENOUGH, reliability

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200)


@given(ANSWERS)
def test_every_answer_is_in_one_bin(answers: list[tuple[float, bool]]) -> None:
    found = reliability(answers)
    assert found.calls == len(answers) == sum(one.calls for one in found.bins)
    assert found.right == sum(right for _, right in answers)
    assert all(one.low <= one.stated <= one.high + 1e-9 for one in found.bins)
    assert found.enough == (len(answers) >= ENOUGH)
    assert (found.error is None) == (not answers)


def test_right_eight_times_of_ten_is_what_eighty_percent_means() -> None:
    found = reliability([(0.8, place < 8) for place in range(10)])
    (one,) = found.bins
    assert (one.calls, one.right, one.share, one.says_something) == (10, 8, 0.8, True)
    assert found.error is not None
    assert found.error < 1e-9


def test_too_sure_is_an_error() -> None:
    assert reliability([(0.95, False), (0.95, True)]).error == 0.95 - 0.5
