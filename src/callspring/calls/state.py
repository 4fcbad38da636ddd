"""What became of a call: a pure function of everything its carrier said, in whatever order it came.

Folding a set instead of stepping a machine is what makes late, swapped and repeated events harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callspring.carriers.contract import Leg, Status

TERMINAL = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED})
# When nobody at the business answered, the first of these that either leg reported says why.
UNANSWERED = (Status.BUSY, Status.CANCELED, Status.NO_ANSWER, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Said:
    """One event as the fold needs it. `at` in Unix seconds, `duration` in seconds.

    `leg_id` tells the legs of a side apart.
    """

    leg: Leg
    status: Status
    at: float
    duration: int | None = None
    cause: str = ""
    leg_id: str = ""


@dataclass(frozen=True, slots=True)
class CallState:
    """Where a call stands. `status` is one of ringing, answered, completed, busy, no-answer, canceled, failed.

    `duration` is the time talked with the business, in seconds, once it is known.
    """

    status: Status
    started_at: float
    answered_at: float | None
    ended_at: float | None
    duration: int | None
    cause: str


def call_state(events: Sequence[Said]) -> CallState:
    """Fold at least one event into the call's state. The order of `events` does not matter, nor do repetitions."""
    caller = [event for event in events if event.leg is Leg.CALLER]
    business = [event for event in events if event.leg is Leg.BUSINESS]
    ends = [event for event in caller if event.status in TERMINAL]
    dial_ends = [event for event in business if event.status in TERMINAL]
    talked = [event for event in business if event.status in (Status.ANSWERED, Status.COMPLETED)]
    ended_at = max((event.at for event in ends or _talk_ends(dial_ends)), default=None)
    duration = max((e.duration for e in talked if e.duration is not None), default=None)
    answered_at = _answered_at(business, duration)
    return CallState(
        status=_status(bool(talked), ends, dial_ends, still_rings=_still_rings(business)),
        started_at=_started_at(events),
        answered_at=answered_at,
        ended_at=ended_at,
        duration=duration if duration is not None else _between(answered_at, ended_at),
        cause=next((event.cause for event in sorted(ends + dial_ends, key=_by_time) if event.cause), ""),
    )


def _started_at(events: Sequence[Said]) -> float:
    """When the carrier asked. Other events may be dated in whole seconds, and so before it."""
    asked = [event.at for event in events if event.status is Status.ASKED]
    return min(asked or [event.at for event in events])


def _still_rings(business: Sequence[Said]) -> bool:
    """One destination did not answer, and the next one rings."""
    legs = {event.leg_id for event in business}
    return bool(legs - {event.leg_id for event in business if event.status in TERMINAL})


def _status(talked: bool, ends: Sequence[Said], dial_ends: Sequence[Said], *, still_rings: bool) -> Status:
    if talked:
        return Status.COMPLETED if ends or dial_ends else Status.ANSWERED
    if still_rings and not ends:
        return Status.RINGING
    said = {event.status for event in (*dial_ends, *ends)}
    for status in UNANSWERED:
        if status in said:
            return status
    # The caller's leg is over and nobody at the business was heard of: they listened to a sentence, or hung up.
    return Status.NO_ANSWER if ends else Status.RINGING


def _answered_at(business: Iterable[Said], duration: int | None) -> float | None:
    """When talking began: as reported, else the talk's end less its length."""
    reported = [event.at for event in business if event.status is Status.ANSWERED]
    if reported:
        return min(reported)
    ends = [event.at for event in business if event.status is Status.COMPLETED]
    return min(ends) - (duration or 0) if ends else None


def _talk_ends(dial_ends: Sequence[Said]) -> list[Said]:
    """Where the caller's own end was never reported, the end of the talk is the end of the call."""
    return [event for event in dial_ends if event.status is Status.COMPLETED]


def _between(start: float | None, end: float | None) -> int | None:
    return None if start is None or end is None else max(0, round(end - start))


def _by_time(event: Said) -> tuple[float, str]:
    return event.at, event.cause
