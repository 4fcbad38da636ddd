"""An account's calls as Plivo lists them, told as its webhooks would have told them.

Sources: plivo.com/docs/voice/api/call/retrieve-all-calls and the live calls beside it; answers as in the fixtures of
plivo's own SDK. A call that came in is one entry, each leg that it rang another one that names the first as its parent.
Calls are listed by when they ended; those that go on are listed apart, without their parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from callspring.carriers.contract import CallSignal, Leg, Status
from callspring.carriers.outside import clean, identifier
from callspring.carriers.plivo.reader import phone
from callspring.carriers.plivo.words import ended, reason
from callspring.carriers.rest import text

_DAY = 86_400.0
_LONGEST_SPAN = 30 * _DAY - 60  # a longer one is refused
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry. `parent` is "" for a call that came in; times are Unix seconds, `over` None while it goes on."""

    id: str
    parent: str
    status: Status
    caller: str
    dialled: str
    began: float
    over: float | None
    duration: int | None
    cause: str
    name: str
    raw: dict[str, str]


def span(since: float, until: float) -> dict[str, str]:
    """What the list is asked for: no call that came in between the two lasts longer than a day."""
    last = min(until + _DAY, since + _LONGEST_SPAN)
    return {"end_time__gte": _written(since), "end_time__lte": _written(last)}


def finished(entry: Mapping[str, Any]) -> Listed | None:
    """An entry of the list; None for a call that somebody placed. Raises `ValueError`."""
    parent = _id(entry["parent_call_uuid"]) if entry.get("parent_call_uuid") else ""
    if not parent and entry["call_direction"] != "inbound":
        return None
    over = _time(entry["end_time"])
    seconds = entry.get("call_duration")
    seconds = seconds if type(seconds) is int and 0 <= seconds <= 999_999_999 else None
    began = _time(entry.get("initiation_time")) or _time(entry.get("answer_time"))
    if over is None:
        raise ValueError("an end without a time")
    code = entry.get("hangup_cause_code")
    code = code if type(code) is int else None
    status = ended(code, "") or Status.COMPLETED
    if parent and status is Status.COMPLETED and not seconds:
        status = Status.NO_ANSWER  # over as normally as any, but nobody talked
    return Listed(
        id=_id(entry["call_uuid"]),
        parent=parent,
        status=status,
        caller=phone(text(entry["from_number"])),
        dialled=phone(text(entry["to_number"])),
        began=began if began is not None else over - (seconds or 0),
        over=over,
        duration=seconds,
        cause=reason(code, ""),
        name="",
        raw={"Listed": str(code or ""), "Direction": clean(text(entry["call_direction"]), 40)},
    )


def live(entry: Mapping[str, Any]) -> Listed | None:
    """A call that goes on; None for one that is placed, a leg of another one among them. Raises `ValueError`."""
    if entry["direction"] != "inbound":
        return None
    began = _time(entry["session_start"])
    if began is None:
        raise ValueError("a call that never began")
    name = clean(text(entry.get("caller_name")), _LONGEST_NAME).strip()
    return Listed(
        id=_id(entry["call_uuid"]),
        parent="",
        status=Status.ANSWERED,
        caller=phone(text(entry["from"])),
        dialled=phone(text(entry["to"])),
        began=began,
        over=None,
        duration=None,
        cause="",
        name="" if phone(name) else name,
        raw={"Listed": clean(text(entry.get("call_status")), 40), "Direction": "inbound"},
    )


def signals(entries: Iterable[Listed | None], since: float, until: float) -> Iterator[CallSignal]:
    """The calls that came in between the two, leg by leg, the oldest first."""
    # One that ended between the two lists stands in both: the end counts.
    found = {one.id: one for one in sorted(filter(None, entries), key=lambda one: one.over is not None)}
    came_in = [one for one in found.values() if not one.parent and since <= one.began <= until]
    rung: dict[str, list[Listed]] = {one.id: [] for one in came_in}
    for one in found.values():
        if one.parent in rung:
            rung[one.parent].append(one)
    for call in sorted(came_in, key=_by_time):
        yield _signal(call, Leg.CALLER, Status.ASKED, call.began)
        for leg in sorted(rung[call.id], key=_by_time):
            yield _signal(leg, Leg.BUSINESS, leg.status, leg.began if leg.over is None else leg.over)
        if call.over is not None:
            yield _signal(call, Leg.CALLER, call.status, call.over)


def _signal(one: Listed, leg: Leg, status: Status, at: float) -> CallSignal:
    over = status not in (Status.ASKED, Status.ANSWERED)
    return CallSignal(
        carrier_call_id=one.parent or one.id,
        leg=leg,
        leg_id=one.id,
        status=status,
        caller=one.caller,
        dialled=one.dialled,
        duration=one.duration if over else None,
        at=at,
        cause=one.cause if over else "",
        raw=one.raw,
        caller_name=one.name,
    )


def _id(value: Any) -> str:
    found = identifier(text(value))
    if not found:
        raise ValueError("no id of a call")
    return found


def _time(value: Any) -> float | None:
    """Without a zone it is UTC; with one it is the account's."""
    said = text(value)
    if not said:
        return None
    moment = datetime.fromisoformat(said)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _by_time(one: Listed) -> tuple[float, str]:
    return one.began, one.id
