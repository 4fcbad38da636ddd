"""An account's calls as TeXML's REST interface lists them, told as its webhooks would have told them.

A leg that was dialled is an entry of its own and does not name the call that it belongs to. So it is given to the call
during which it began, which it showed the caller or the tracking number of; of several such calls to the last that came
in. Times are RFC 2822, the list is asked for by days.

Source: developers.telnyx.com/api-reference/texml-rest-commands/fetch-multiple-call-resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callspring.carriers.contract import CallSignal, Leg, Status
from callspring.carriers.form_reader import CALL_STATUSES, DIAL_STATUSES
from callspring.carriers.forms import number
from callspring.carriers.outside import clean, whole
from callspring.carriers.rest import text
from callspring.carriers.telnyx.reader import CALL_ID, moment, plain_name

_ENDED = frozenset(DIAL_STATUSES.values())
_CLOCKS = 2.0  # seconds that the beginning of a leg and of its call may lie the other way round


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry; times are Unix seconds, `ended` None while it goes on."""

    id: str
    came_in: bool
    status: Status
    caller: str
    dialled: str
    began: float
    ended: float | None
    duration: int | None
    name: str

    def holds(self, leg: Listed) -> bool:
        """Whether `leg` may have been dialled in this call."""
        within = self.began - _CLOCKS <= leg.began and (self.ended is None or leg.began <= self.ended + _CLOCKS)
        return within and leg.caller in (self.caller or self.dialled, self.dialled)


def span(since: float, until: float) -> dict[str, str]:
    """What the list is asked for, a day more at either end: whether the days themselves are in it is not said."""
    day = timedelta(days=1)
    first, last = datetime.fromtimestamp(since, UTC) - day, datetime.fromtimestamp(until, UTC) + day
    # Legs may be rung a while after their call came in.
    last += timedelta(hours=1)
    return {"StartTime>": first.date().isoformat(), "StartTime<": (last + day).date().isoformat()}


def signals(entries: Iterable[Mapping[str, Any]], since: float, until: float) -> Iterator[CallSignal]:
    """The calls that came in between the two, leg by leg. Raises `ValueError` for what is no list of calls."""
    found = sorted((one for one in map(_listed, entries) if one is not None), key=lambda one: (one.began, one.id))
    calls = [one for one in found if one.came_in]
    legs: dict[str, list[Listed]] = {call.id: [] for call in calls}
    for leg in found:
        held = [call for call in calls if call.holds(leg)] if not leg.came_in else []
        if held:
            legs[held[-1].id].append(leg)
    for call in calls:
        if since <= call.began <= until:
            yield from _told(call, legs[call.id])


def _told(call: Listed, legs: list[Listed]) -> Iterator[CallSignal]:
    yield _signal(call, call, Leg.CALLER, Status.ASKED, call.began)
    for leg in legs:
        if leg.status in (Status.ANSWERED, *_ENDED):
            yield _signal(call, leg, Leg.BUSINESS, leg.status, leg.began if leg.ended is None else leg.ended)
    if call.status in _ENDED:
        yield _signal(call, call, Leg.CALLER, call.status, call.began if call.ended is None else call.ended)


def _signal(call: Listed, entry: Listed, leg: Leg, status: Status, at: float) -> CallSignal:
    return CallSignal(
        carrier_call_id=call.id,
        leg=leg,
        leg_id=entry.id,
        status=status,
        caller=entry.caller,
        dialled=entry.dialled,
        duration=entry.duration if status in _ENDED else None,
        at=at,
        raw={"Listed": entry.status, "Direction": "inbound" if entry.came_in else "outbound"},
        caller_name=entry.name,
    )


def _listed(entry: Mapping[str, Any]) -> Listed | None:
    """None for what has not begun. Raises `ValueError`."""
    status, call_id, came_in = CALL_STATUSES.get(text(entry.get("status"))), text(entry.get("sid")), _came_in(entry)
    if status is None or not CALL_ID.fullmatch(call_id):
        raise ValueError("a call without a status that is known, or without an id")
    began = moment(text(entry.get("start_time")))
    if began is None:
        return None
    caller = text(entry.get("from"))
    return Listed(
        id=call_id,
        came_in=came_in,
        status=status,
        caller=number(caller),
        dialled=number(text(entry.get("to"))),
        began=began,
        ended=moment(text(entry.get("end_time"))),
        duration=whole(str(entry.get("duration") or "")),
        name=plain_name(clean(text(entry.get("caller_name")), 80), caller) if came_in else "",
    )


def _came_in(entry: Mapping[str, Any]) -> bool:
    direction = entry.get("direction")
    if direction not in ("inbound", "outbound"):
        raise ValueError("a call of no direction")
    return bool(direction == "inbound")
