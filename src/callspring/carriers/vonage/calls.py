"""An account's calls as Vonage lists them, told as its webhooks would have told them.

Each leg is an entry of its own; those of one call have the same `conversation_uuid`. Source:
developer.vonage.com/en/api/voice (GET /v1/calls) and `vonage_voice.models.CallInfo`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from callspring.carriers.contract import CallSignal, Leg, Status
from callspring.carriers.outside import clean, identifier, whole
from callspring.carriers.vonage.fields import number, unix_seconds
from callspring.carriers.vonage.reader import STATUSES

ENDED = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED})


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry. Times are Unix seconds; a leg that nobody answered has none."""

    leg_id: str
    call: str
    inbound: bool
    status: Status
    caller: str
    dialled: str
    began: float | None
    ended: float | None
    duration: int | None
    raw: dict[str, str]


def signals(entries: Iterable[Any], since: float, until: float) -> Iterator[CallSignal]:
    """The calls that came in between the two, leg by leg. Raises `ValueError` for what is no list of calls."""
    found = {entry.leg_id: entry for entry in map(_listed, entries)}.values()
    came_in = [one for one in found if one.inbound and one.began is not None and since <= one.began <= until]
    for call in sorted(came_in, key=lambda one: (one.began or 0, one.call)):
        began = call.began or 0.0
        yield _signal(call, Leg.CALLER, Status.ASKED, began)
        legs = [one for one in found if not one.inbound and one.call == call.call]
        for leg in sorted(legs, key=lambda one: (one.began or began, one.leg_id)):
            if leg.status is Status.ANSWERED or leg.status in ENDED:
                at = leg.began if leg.ended is None else leg.ended
                yield _signal(leg, Leg.BUSINESS, leg.status, began if at is None else at)
        if call.status in ENDED:
            yield _signal(call, Leg.CALLER, call.status, began if call.ended is None else call.ended)


def _signal(entry: Listed, leg: Leg, status: Status, at: float) -> CallSignal:
    return CallSignal(
        carrier_call_id=entry.call,
        leg=leg,
        leg_id=entry.call if leg is Leg.CALLER else entry.leg_id,
        status=status,
        caller=entry.caller,
        dialled=entry.dialled,
        duration=entry.duration if status in ENDED else None,
        at=at,
        raw=entry.raw,
    )


def _listed(entry: Any) -> Listed:
    status, call = STATUSES.get(entry["status"]), identifier(entry["conversation_uuid"])
    leg_id = identifier(entry["uuid"])
    if status is None or not call or not leg_id:
        raise ValueError("a call without an id or a status that is known")
    seconds = entry.get("duration")
    return Listed(
        leg_id=leg_id,
        call=call,
        inbound=entry["direction"] == "inbound",
        status=status,
        caller=number((entry.get("from") or {}).get("number")),
        dialled=number((entry.get("to") or {}).get("number")),
        began=unix_seconds(entry.get("start_time")),
        ended=unix_seconds(entry.get("end_time")),
        duration=whole(str(seconds)) if type(seconds) in (int, str) else None,
        raw={"Listed": clean(entry["status"], 40), "direction": clean(entry["direction"], 40)},
    )
