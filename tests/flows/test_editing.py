"""Changing flows: whatever is moved where, no step is lost, doubled or given another id."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callspring.flows.editing import (
    NoSuchPlace,
    Place,
    find,
    free_id,
    list_at,
    move,
    nudge,
    place_of,
    places,
    put_in,
    put_instead,
    take_out,
)
from callspring.flows.steps import Flow, HangUp, Match, Menu, MenuKey, Prompt, Say, every_step
from tests.flows.strategies import FLOWS

SAY = Say(1, Prompt("One."))
MENU = Menu(2, Prompt("Press."), (MenuKey("1", (HangUp(3),)), MenuKey("2")))
FLOW = Flow((SAY, MENU, HangUp(4)))


def ids(flow: Flow) -> list[int]:
    return [step.id for step in every_step(flow.steps)]


def test_a_step_walks_through_every_place_of_the_rest_and_back() -> None:
    """Down: behind the menu's key, into the second, below it; then up again the same way."""
    flow, seen = FLOW, [FLOW]
    while (after := nudge(flow, 1, 1)) != flow:
        flow = after
        seen.append(flow)
    assert [ids(one).index(1) for one in seen] == [0, 1, 2, 2, 2, 3]
    assert [place_of(one, 1).parent for one in seen] == [0, 2, 2, 2, 0, 0]
    for below, above in pairwise(reversed(seen)):
        assert nudge(below, 1, -1) == above
    assert nudge(FLOW, 1, -1) == FLOW


def test_what_is_no_more_cannot_be_changed() -> None:
    for change in (
        lambda: find(FLOW, 9),
        lambda: take_out(FLOW, 9),
        lambda: put_instead(FLOW, HangUp(9)),
        lambda: put_in(FLOW, Place(before=9), HangUp(9)),
        lambda: put_in(FLOW, Place(2, 5), HangUp(9)),
        lambda: put_in(FLOW, Place(1, 0), HangUp(9)),
        lambda: move(FLOW, 2, Place(2, 0)),
    ):
        with pytest.raises(NoSuchPlace):
            change()


@given(FLOWS, st.data())
def test_moving_loses_nothing(flow: Flow, data: st.DataObject) -> None:
    before = ids(flow)
    step = data.draw(st.sampled_from(before)) if before else 0
    if not step:
        return
    inside = set(ids(Flow((find(flow, step),))))
    every = [place for place in places(flow) if place.parent not in inside and place.before not in inside]
    moved = move(flow, step, data.draw(st.sampled_from(every)) if every else place_of(flow, step))
    for changed in (moved, nudge(flow, step, 1), nudge(flow, step, -1)):
        assert sorted(ids(changed)) == sorted(before)
        assert find(changed, step) == find(flow, step)


@given(FLOWS)
def test_every_place_takes_a_step_and_gives_it_back(flow: Flow) -> None:
    new = Match(free_id(flow), ("+13125550142",))
    for place in places(flow):
        grown = put_in(flow, place, new)
        assert place_of(grown, new.id) == replace_before(place, new.id)
        assert new in list_at(grown, place)
        assert take_out(grown, new.id) == flow


def replace_before(place: Place, step: int) -> Place:
    return Place(place.parent, place.branch, step)


@given(FLOWS)
def test_a_step_put_instead_of_itself_changes_nothing(flow: Flow) -> None:
    for step in every_step(flow.steps):
        assert put_instead(flow, replace(step)) == flow
