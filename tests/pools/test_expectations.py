"""What is published of a timing model: enough to choose by, and nothing that cannot be."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from callspring.pools.expectations import expectations_of, timing_of
from callspring.pools.holder import Holder
from callspring.pools.prior import DEVICES
from callspring.pools.timing import Timing


def taught() -> Timing:
    timing = Timing()
    for call in range(60):
        timing.visit_ended(Holder("v", "ads", "mobile", 0.0, 100.0), 100.0)
        timing.learn(Holder("v", "ads", "desktop", -9000.0, -8000.0 - call), 0.0, 1.0)
        timing.visit_ended(Holder("v", "radio", "mobile", 0.0, 100.0), 100.0)
        timing.learn(Holder("v", "radio", "mobile", -50.0), 0.0, 1.0)
    timing.refresh()
    timing.fit()
    return timing


def test_who_reads_it_expects_what_the_model_does() -> None:
    timing = taught()
    read = timing_of(expectations_of(timing))
    gone = Holder("v", "ads", "mobile", -500.0, -400.0, called=0.3, called_at=-350.0)
    assert read.remaining(gone, 0.0) == pytest.approx(timing.remaining(gone, 0.0), rel=0.02)
    heard = replace(gone, source="radio")
    assert read.remaining(heard, 0.0) == pytest.approx(timing.remaining(heard, 0.0), rel=0.02)
    assert read.remaining(heard, 0.0) > 2 * read.remaining(gone, 0.0)
    assert read.remaining(gone, 0.0) != pytest.approx(Timing().remaining(gone, 0.0), rel=0.2)
    for device in DEVICES:
        assert read.untapped(device) == pytest.approx(timing.untapped(device), rel=0.01)
    for delay in (1.0, 600.0, 9000.0, 9e5):
        assert read.still(delay) == pytest.approx(timing.still(delay), rel=0.02, abs=0.001)


@pytest.mark.parametrize(
    "wrong",
    [
        {"later": (0.1,)},
        {"again": nan},
        {"again": -1.0},
        {"untapped": (2.0, 0.0)},
        {"shares": (0.0,) * 24},
        {"sources": ((0, 2.0),)},
        {"sources": ((7, nan),)},
        {"sources": ((7, 1e9),)},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="these expectations"):
        timing_of(replace(expectations_of(Timing()), **wrong))  # type: ignore[arg-type]


def test_calls_that_are_learnt_before_the_visits_they_came_of_are_published() -> None:
    """As where a site's first calls come all at once: nobody reads that there are more calls than visits."""
    timing = Timing()
    for call in range(800):
        timing.learn_call([Holder("v", "ads", "mobile", call - 60.0, call - 30.0)], [1.0], call)
    timing.refresh()
    timing.fit()
    assert max(timing.later_by_length) > 1
    assert max(timing_of(expectations_of(timing)).later_by_length) == 1
