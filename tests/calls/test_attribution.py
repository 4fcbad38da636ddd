"""Which touches a call counts for, and with what weight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.attribution import HALF_LIFE, WHOLE, Model, Touch, shares, weights
from callspring.visits.touch import DIRECT, Source

ADS, MAIL, RADIO = Source("google", "cpc"), Source("mail", "email"), Source("radio")
NOW = 1_900_000_000.0
DAY = 86_400.0
TOUCHES = st.lists(
    st.builds(Touch, st.floats(NOW - 1e9, NOW), st.sampled_from([ADS, MAIL, RADIO, DIRECT])), max_size=60
).map(lambda found: sorted(found, key=lambda touch: touch.at))
MODELS = st.sampled_from(list(Model))


def touched(*sources: Source) -> list[Touch]:
    """One touch a day, the last one now."""
    return [Touch(NOW - DAY * (len(sources) - 1 - place), source) for place, source in enumerate(sources)]


@given(MODELS, TOUCHES)
def test_the_shares_of_a_call_make_up_the_call(model: Model, touches: list[Touch]) -> None:
    found = shares(model, touches, NOW)
    assert sum(share.weight for share in found) == WHOLE
    assert all(share.weight > 0 for share in found)
    assert len({share.source for share in found}) == len(found)
    assert [share.weight for share in found] == sorted((share.weight for share in found), reverse=True)
    if touches:
        given_out = weights(model, touches, NOW)
        assert sum(given_out) == WHOLE
        assert len(given_out) == len(touches)
        assert {share.source for share in found} <= {touch.source for touch in touches}


@given(MODELS, st.floats(NOW - 1e9, NOW))
def test_one_touch_has_the_whole_call(model: Model, at: float) -> None:
    assert [(share.source, share.weight) for share in shares(model, [Touch(at, MAIL)], NOW)] == [(MAIL, WHOLE)]


@pytest.mark.parametrize(
    ("model", "sources", "expected"),
    [
        (Model.FIRST, (ADS, MAIL, DIRECT), [WHOLE, 0, 0]),
        (Model.LAST, (ADS, MAIL, DIRECT), [0, 0, WHOLE]),
        (Model.LAST_NON_DIRECT, (ADS, MAIL, DIRECT), [0, WHOLE, 0]),
        (Model.LAST_NON_DIRECT, (DIRECT, DIRECT), [0, WHOLE]),
        (Model.LINEAR, (ADS, MAIL, DIRECT), [333_333, 333_333, 333_334]),
        (Model.POSITION, (ADS, MAIL, RADIO, DIRECT), [400_000, 100_000, 100_000, 400_000]),
        (Model.POSITION, (ADS, MAIL), [500_000, 500_000]),
    ],
)
def test_what_each_model_gives(model: Model, sources: tuple[Source, ...], expected: list[int]) -> None:
    assert weights(model, touched(*sources), NOW) == expected


def test_a_touch_weighs_half_after_its_half_life() -> None:
    old, new = weights(Model.TIME_DECAY, [Touch(NOW - HALF_LIFE, ADS), Touch(NOW, MAIL)], NOW)
    assert abs(new - 2 * old) <= 2


def test_touches_that_are_all_old_still_make_up_a_call() -> None:
    touches = [Touch(NOW - 30_000 * DAY, ADS), Touch(NOW - 29_000 * DAY, MAIL)]
    assert [share.source for share in shares(Model.TIME_DECAY, touches, NOW)] == [MAIL]


def test_the_same_source_twice_is_one_share_and_of_equals_the_later_comes_first() -> None:
    found = shares(Model.LINEAR, touched(ADS, MAIL, ADS, MAIL), NOW)
    assert [(share.source, share.weight) for share in found] == [(MAIL, 500_000), (ADS, 500_000)]


def test_without_touches_the_source_is_unknown() -> None:
    assert [(share.source, share.weight) for share in shares(Model.LINEAR, [], NOW)] == [(Source(), WHOLE)]
