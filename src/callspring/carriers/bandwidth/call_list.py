"""An account's calls as Bandwidth lists them, told as its webhooks would have told them.

Source: dev.bandwidth.com/apis/voice (list calls); `CallState` of bandwidth-sdk 23.3. A call that came in is one entry,
each leg that it rang another one that names the first as its parent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from callspring.carriers.bandwidth.fields import between, number, raw, said, unix_seconds
from callspring.carriers.bandwidth.words import CAUSES, reason
from callspring.carriers.contract import CallSignal, Leg, Status
from callspring.carriers.outside import identifier

_DAY = 86_400.0
PAGE = 1_000  # the most that Bandwidth lists at once
_MOST_PAGES = 200
Entry = Mapping[str, Any]
Ask = Callable[[Mapping[str, str | int]], list[Any]]


def entries(ask: Ask, since: float, until: float, now: float) -> list[Entry]:
    """Every entry that began between the two, and legs of these calls. A full page is asked for again in halves.

    Raises `ValueError` for more than we are ready to read.
    """
    # No leg of a call that came in then begins more than a day later.
    spans, found, asked = [(int(since) - 1, int(min(until + _DAY, max(until, now))) + 2)], {}, 0
    while spans:
        first, last = spans.pop()
        page = ask({"minStartTime": _written(first), "maxStartTime": _written(last), "pageSize": PAGE})
        asked += 1
        if asked > _MOST_PAGES or (len(page) >= PAGE and last - first < 2):
            raise ValueError("more calls than we are ready to read")
        if len(page) >= PAGE:
            middle = (first + last) // 2
            spans += [(first, middle), (middle, last)]
            continue
        for one in page:
            found[said(one, "callId")] = one
    return list(found.values())


def signals(listed: Iterable[Entry], since: float, until: float) -> Iterator[CallSignal]:
    """The calls that came in between the two, leg by leg, the oldest first. Raises `ValueError`."""
    came_in: dict[str, Entry] = {}
    rung: dict[str, list[Entry]] = {}
    for one in listed:
        name, parent = identifier(said(one, "callId")), identifier(said(one, "parentCallId"))
        if not name:
            raise ValueError("a call without a name")
        if parent:
            rung.setdefault(parent, []).append(one)
        elif said(one, "direction") == "inbound" and since <= _began(one) <= until:
            came_in[name] = one
    for name, call in sorted(came_in.items(), key=lambda item: _began(item[1])):
        yield _signal(call, name, Leg.CALLER, Status.ASKED, _began(call))
        for leg in sorted(rung.get(name, ()), key=_began):
            if (told := _told(leg, name, Leg.BUSINESS)) is not None:
                yield told
        if (end := _told(call, name, Leg.CALLER)) is not None and end.status is not Status.ANSWERED:
            yield end


def _told(one: Entry, call: str, leg: Leg) -> CallSignal | None:
    """A leg's end, or that it was picked up; None for one of which there is nothing to say yet."""
    over, answered = unix_seconds(one.get("endTime")), unix_seconds(one.get("answerTime"))
    if over is None:
        return None if answered is None else _signal(one, call, leg, Status.ANSWERED, answered)
    status = CAUSES.get(said(one, "disconnectCause"), Status.FAILED)
    if status is Status.COMPLETED and answered is None:
        status = Status.NO_ANSWER if leg is Leg.BUSINESS else Status.CANCELED
    return _signal(one, call, leg, status, over)


def _signal(one: Entry, call: str, leg: Leg, status: Status, at: float) -> CallSignal:
    over = status not in (Status.ASKED, Status.ANSWERED)
    return CallSignal(
        carrier_call_id=call,
        leg=leg,
        leg_id=said(one, "callId"),
        status=status,
        caller=number(one, "from"),
        dialled=number(one, "to"),
        duration=(between(one, "answerTime", "endTime") or 0) if over else None,
        at=at,
        cause=reason(said(one, "disconnectCause")) if over else "",
        raw=raw(one),
    )


def _began(one: Entry) -> float:
    began = unix_seconds(one.get("startTime")) or unix_seconds(one.get("enqueuedTime"))
    if began is None:
        raise ValueError("a call that never began")
    return began


def _written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
