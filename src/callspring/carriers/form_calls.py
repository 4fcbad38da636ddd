"""An account's calls in the shapes of Twilio's API, told as its webhooks would have told them.

Source: twilio.com/docs/voice/api/call-resource. A call that came in is one entry, each leg that it rang another that
names the first as its parent. The list has the newest first, and may take the times that it is asked for as whole days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callspring.carriers.contract import CallSignal, Leg, Status
from callspring.carriers.form_reader import CALL_STATUSES, DIAL_STATUSES
from callspring.carriers.forms import number
from callspring.carriers.outside import clean, identifier, whole

_ENDED = frozenset(DIAL_STATUSES.values())
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry. `parent` is "" for a call that came in; times are Unix seconds, `ended` None while it goes on."""

    id: str
    parent: str
    status: Status
    caller: str
    dialled: str
    began: float
    ended: float | None
    duration: int | None
    name: str
    raw: dict[str, str]


def days_of(since: float, until: float) -> dict[str, datetime]:
    """What the list is asked for, in the SDK's words: nothing between the two is missing where it reads whole days."""
    # Legs may be rung a while after their call came in.
    last = datetime.fromtimestamp(until, UTC) + timedelta(hours=1)
    after = last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return {"start_time_after": datetime.fromtimestamp(since, UTC), "start_time_before": after}


def signals(entries: Iterable[Any], since: float, until: float) -> Iterator[CallSignal]:
    """The calls that came in between the two, leg by leg. Raises `ValueError` for what is no list of calls."""
    found = [entry for entry in map(_listed, entries) if entry is not None]
    came_in = [entry for entry in found if not entry.parent and since <= entry.began <= until]
    rung: dict[str, list[Listed]] = {entry.id: [] for entry in came_in}
    for entry in found:
        if entry.parent in rung:
            rung[entry.parent].append(entry)
    for call in sorted(came_in, key=_by_time):
        yield _signal(call, Leg.CALLER, Status.ASKED, call.began)
        for leg in sorted(rung[call.id], key=_by_time):
            if leg.status in (Status.ANSWERED, *_ENDED):
                yield _signal(leg, Leg.BUSINESS, leg.status, leg.began if leg.ended is None else leg.ended)
        if call.status in _ENDED:
            yield _signal(call, Leg.CALLER, call.status, call.began if call.ended is None else call.ended)


def _signal(entry: Listed, leg: Leg, status: Status, at: float) -> CallSignal:
    return CallSignal(
        carrier_call_id=entry.parent or entry.id,
        leg=leg,
        leg_id=entry.id,
        status=status,
        caller=entry.caller,
        dialled=entry.dialled,
        duration=entry.duration if status in _ENDED else None,
        at=at,
        raw=entry.raw,
        caller_name=entry.name,
    )


def _listed(entry: Any) -> Listed | None:
    """None for calls that somebody placed, and for what has not begun. Raises `ValueError`."""
    status, sid, parent = CALL_STATUSES.get(entry.status), _id(entry.sid), _parent(entry.parent_call_sid)
    if status is None:
        raise ValueError("a call without a status that is known")
    if not parent and entry.direction != "inbound":
        return None
    began, ended = _time(entry.start_time), _time(entry.end_time)
    if began is None:
        return None
    return Listed(
        id=sid,
        parent=parent,
        status=status,
        caller=number(_words(entry._from)),  # the SDK keeps it under this name
        dialled=number(_words(entry.to)),
        began=began,
        ended=ended,
        duration=_seconds(entry.duration),
        name="" if parent else clean(_words(entry.caller_name), _LONGEST_NAME).strip(),
        raw={"Listed": entry.status, "Direction": clean(_words(entry.direction), 40)},
    )


def _parent(text: Any) -> str:
    return _id(text) if text else ""


def _id(text: Any) -> str:
    found = identifier(text) if isinstance(text, str) else ""
    if not found:
        raise ValueError("no id of a call")
    return found


def _time(value: Any) -> float | None:
    """The SDK leaves a date that it cannot read as it was."""
    if value is None or value == "":
        return None
    if not isinstance(value, datetime):
        raise ValueError("no date")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _seconds(value: Any) -> int | None:
    """Twilio writes it as text, SignalWire as a number."""
    return whole(str(value)) if type(value) in (str, int) else None


def _words(value: Any) -> str:
    return value[:256] if isinstance(value, str) else ""


def _by_time(entry: Listed) -> tuple[float, str]:
    return entry.began, entry.id
