"""Random flows for property tests: any tree the types allow, sound or not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from hypothesis import strategies as st
from msgspec.structs import replace

from callspring.flows.steps import (
    WEEKDAYS,
    Area,
    AreaBranch,
    Destination,
    Dial,
    Flow,
    HangUp,
    Hours,
    Match,
    Menu,
    MenuKey,
    Opening,
    Prompt,
    Say,
    Share,
    Split,
    Step,
    Steps,
    TextBack,
    Voicemail,
)

TEXTS = st.sampled_from(["", " ", "Hello.", "Please hold."])
PROMPTS = st.builds(Prompt, text=TEXTS)
NUMBERS = [f"+1312555010{n}" for n in range(6)]
TO = st.lists(st.sampled_from(NUMBERS), unique=True, max_size=4).map(lambda each: tuple(map(Destination, each)))
CLOCKS = st.integers(0, 24 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
OPENINGS = st.builds(
    Opening, days=st.lists(st.sampled_from(WEEKDAYS), unique=True).map(tuple), start=CLOCKS, end=CLOCKS
)
ID = st.just(1)  # given for real by `numbered`

LEAVES: st.SearchStrategy[Step] = st.one_of(
    st.builds(Say, id=ID, prompt=PROMPTS),
    st.builds(
        Dial,
        id=ID,
        to=TO,
        order=st.sampled_from(["all", "in_order", "round_robin"]),
        sticky=st.booleans(),
        record=st.booleans(),
        announcement=st.none() | PROMPTS,
    ),
    st.builds(Voicemail, id=ID, greeting=PROMPTS),
    st.builds(TextBack, id=ID, text=TEXTS),
    st.builds(HangUp, id=ID, message=PROMPTS),
)


def _branching(below: st.SearchStrategy[Steps]) -> st.SearchStrategy[Step]:
    keys = st.lists(st.sampled_from("123#"), unique=True, max_size=3).flatmap(
        lambda each: st.tuples(*(st.builds(MenuKey, key=st.just(key), steps=below) for key in each))
    )
    area = st.builds(AreaBranch, prefixes=st.sampled_from([("+1312",), ("+1", "+44"), ()]), steps=below)
    shares = st.tuples(st.integers(0, 100), below, below).map(
        lambda drawn: (Share(drawn[0], drawn[1]), Share(100 - drawn[0], drawn[2]))
    )
    return st.one_of(
        st.builds(Menu, id=ID, prompt=PROMPTS, keys=keys, tries=st.integers(1, 5)),
        st.builds(
            Hours,
            id=ID,
            zone=st.sampled_from(["America/Chicago", "UTC", "Nowhere/AtAll"]),
            week=st.lists(OPENINGS, max_size=3).map(tuple),
            open=below,
            closed=below,
        ),
        st.builds(Split, id=ID, shares=shares),
        st.builds(Area, id=ID, areas=st.lists(area, max_size=2).map(tuple)),
        st.builds(
            Match,
            id=ID,
            callers=st.lists(st.sampled_from(["+17735550177", "+1900*"]), max_size=2).map(tuple),
            withheld=st.booleans(),
            steps=below,
        ),
    )


def _lists(step: st.SearchStrategy[Step]) -> st.SearchStrategy[Steps]:
    return st.lists(step, max_size=4).map(tuple)


STEPS: st.SearchStrategy[Steps] = st.recursive(
    _lists(LEAVES), lambda below: _lists(LEAVES | _branching(below)), max_leaves=12
)


def numbered(steps: Steps) -> Steps:
    """The same steps with an id each."""
    return _numbered(steps, count(1).__next__)


def _numbered(steps: Steps, following: Callable[[], int]) -> Steps:
    return tuple(_with_ids(step, following) for step in steps)


def _with_ids(step: Step, following: Callable[[], int]) -> Step:
    step = replace(step, id=following())
    match step:
        case Menu():
            return replace(step, keys=tuple(replace(k, steps=_numbered(k.steps, following)) for k in step.keys))
        case Hours():
            opened = _numbered(step.open, following)
            return replace(step, open=opened, closed=_numbered(step.closed, following))
        case Split():
            return replace(step, shares=tuple(replace(s, steps=_numbered(s.steps, following)) for s in step.shares))
        case Area():
            return replace(step, areas=tuple(replace(a, steps=_numbered(a.steps, following)) for a in step.areas))
        case Match():
            return replace(step, steps=_numbered(step.steps, following))
    return step


FLOWS: st.SearchStrategy[Flow] = STEPS.map(lambda steps: Flow(numbered(steps)))
