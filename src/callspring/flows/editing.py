"""Changing a call flow: steps are put in, taken out, moved and replaced. Pure: every change gives a new flow.

A step keeps its id wherever it goes, for calls under way are found again by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from callspring.flows.steps import Area, Flow, Hours, Match, Menu, Split, Step, Steps, branches, every_step

MOST_ID = 9_999


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a step: in the list `branch` (counted from 0) of the step `parent`, or of the flow itself when that
    is 0; in front of the step `before`, at the end when that is 0.
    """

    parent: int = 0
    branch: int = 0
    before: int = 0


class NoSuchPlace(LookupError):
    """The flow has no such place or step: it was changed meanwhile."""


def find(flow: Flow, step: int) -> Step:
    """The step with that id. Raises `NoSuchPlace`."""
    for one in every_step(flow.steps):
        if one.id == step:
            return one
    raise NoSuchPlace(step)


def free_id(flow: Flow) -> int:
    """An id for a new step: above all that there are, so that none of a deleted step comes again at once."""
    used = {step.id for step in every_step(flow.steps)}
    newest = max(used, default=0) + 1
    return newest if newest <= MOST_ID else next(one for one in range(1, MOST_ID + 1) if one not in used)


def put_in(flow: Flow, place: Place, step: Step) -> Flow:
    """The flow with `step` at that place. Raises `NoSuchPlace`."""
    listed = list_at(flow, place)
    ids = [one.id for one in listed]
    if place.before and place.before not in ids:
        raise NoSuchPlace(place)
    at = ids.index(place.before) if place.before else len(ids)
    return _with_list(flow, place, (*listed[:at], step, *listed[at:]))


def take_out(flow: Flow, step: int) -> Flow:
    """The flow without a step and what hangs below it. Raises `NoSuchPlace`."""
    place = place_of(flow, step)
    return _with_list(flow, place, tuple(one for one in list_at(flow, place) if one.id != step))


def put_instead(flow: Flow, step: Step) -> Flow:
    """The flow with `step` in place of the one that has its id. Raises `NoSuchPlace`."""
    find(flow, step.id)
    return replace(flow, steps=_each(flow.steps, step))


def move(flow: Flow, step: int, place: Place) -> Flow:
    """The flow with a step elsewhere. Raises `NoSuchPlace`, also for a place within the step itself."""
    moved = find(flow, step)
    if place.before == step:
        return flow
    return put_in(take_out(flow, step), place, moved)


def nudge(flow: Flow, step: int, by: int) -> Flow:
    """The flow with a step one place further up (`by` is -1) or down (1), into branches and out of them, as one sees
    it; itself where it ends. Raises `NoSuchPlace`.
    """
    moved, here, rest = find(flow, step), place_of(flow, step), take_out(flow, step)
    every = list(places(rest))
    following = _following(list_at(flow, here), step)
    at = every.index(Place(here.parent, here.branch, following)) + by
    return put_in(rest, every[at], moved) if 0 <= at < len(every) else flow


def places(flow: Flow) -> Iterator[Place]:
    """Every place of a flow, from top to bottom as people see it."""
    yield from _places(flow.steps, 0, 0)


def place_of(flow: Flow, step: int) -> Place:
    """Where a step stands: the place in front of it. Raises `NoSuchPlace`."""
    for place in places(flow):
        if place.before == step:
            return place
    raise NoSuchPlace(step)


def list_at(flow: Flow, place: Place) -> Steps:
    """The list of steps that a place is in. Raises `NoSuchPlace`."""
    if not place.parent:
        return flow.steps
    lists = branches(find(flow, place.parent))
    if not 0 <= place.branch < len(lists):
        raise NoSuchPlace(place)
    return lists[place.branch]


def with_branches(step: Step, lists: tuple[Steps, ...]) -> Step:
    """The step with other lists within it, in the order of `steps.branches`."""
    match step:
        case Menu(keys=keys):
            return replace(step, keys=tuple(replace(one, steps=new) for one, new in zip(keys, lists, strict=True)))
        case Hours():
            return replace(step, open=lists[0], closed=lists[1])
        case Split(shares=shares):
            return replace(
                step, shares=tuple(replace(each, steps=one) for each, one in zip(shares, lists, strict=True))
            )
        case Area(areas=areas):
            return replace(step, areas=tuple(replace(one, steps=new) for one, new in zip(areas, lists, strict=True)))
        case Match():
            return replace(step, steps=lists[0])
    return step


def _following(listed: Steps, step: int) -> int:
    ids = [one.id for one in listed]
    at = ids.index(step) + 1
    return ids[at] if at < len(ids) else 0


def _places(steps: Steps, parent: int, branch: int) -> Iterator[Place]:
    for step in steps:
        yield Place(parent, branch, step.id)
        for number, below in enumerate(branches(step)):
            yield from _places(below, step.id, number)
    yield Place(parent, branch)


def _with_list(flow: Flow, place: Place, steps: Steps) -> Flow:
    if not place.parent:
        return replace(flow, steps=steps)
    parent = find(flow, place.parent)
    lists = list(branches(parent))
    lists[place.branch] = steps
    return put_instead(flow, with_branches(parent, tuple(lists)))


def _each(steps: Steps, new: Step) -> Steps:
    return tuple(_replaced(step, new) for step in steps)


def _replaced(step: Step, new: Step) -> Step:
    if step.id == new.id:
        return new
    lists = branches(step)
    return with_branches(step, tuple(_each(one, new) for one in lists)) if lists else step
