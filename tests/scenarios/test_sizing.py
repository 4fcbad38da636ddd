from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.sizing import pool_size


@given(st.integers(1, 10**9))
def test_a_quarter_of_the_busiest_hour_rounded_up(peak: int) -> None:
    assert pool_size(peak) == ceil(Fraction(peak, 4))


@pytest.mark.parametrize("peak", [0, -4])
def test_an_hour_without_visits_is_refused(peak: int) -> None:
    with pytest.raises(ValueError, match="at least one visit"):
        pool_size(peak)
