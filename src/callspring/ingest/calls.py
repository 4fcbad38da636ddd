"""Writing what carriers said into the record: events as they came, and the call they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from callspring.accounts.staff import is_staff_number
from callspring.calls.models import Call, CallEvent, Flag
from callspring.calls.state import Said, call_state
from callspring.carriers.contract import Leg, Status
from callspring.ingest.visits import moment
from callspring.records import CallSaid

# What events say about a call. Its flag is not among them: people set that, maybe at this very moment.
SAID = (
    "caller", "dialled", "destination", "number", "scenario", "caller_name", "attestation",
    "status", "started_at", "answered_at", "ended_at", "duration", "cause",
)  # fmt: skip
_TALKS = (Status.ANSWERED, Status.COMPLETED)


def record_calls(records: Sequence[CallSaid]) -> list[Call]:
    """Write events and bring their calls up to date; returns those calls. Doing it again changes nothing."""
    CallEvent.objects.bulk_create(map(_event, records), ignore_conflicts=True)
    by_call: dict[str, list[CallSaid]] = {}
    for record in records:
        by_call.setdefault(record.call, []).append(record)
    events = CallEvent.objects.filter(call__in=by_call).order_by("call", "id")
    known = {str(call.pk): call for call in Call.objects.filter(pk__in=by_call)}
    calls = []
    for call_id, group in groupby(events, key=lambda event: str(event.call)):
        call = known.get(call_id) or _new_call(by_call[call_id][0])
        changed = [*SAID, *_fill_in(call, by_call[call_id])]
        _apply(call, list(group))
        if call_id in known:
            call.save(update_fields=changed)
        else:
            call.save(force_insert=True)
        calls.append(call)
    return calls


def _new_call(record: CallSaid) -> Call:
    return Call(
        id=record.call,
        company_id=record.company,
        connection_id=record.connection,
        carrier_call_id=record.carrier_call_id,
    )


def _fill_in(call: Call, records: Sequence[CallSaid]) -> list[str]:
    """Who, to which number, by which scenario: from whichever event says it; what an earlier one said stays.

    A caller of the company's own staff makes it a test call when the number is first heard of, and only then: people
    may have said otherwise since. Returns what else changed.
    """
    was_known = bool(call.caller)
    for record in records:
        call.caller = call.caller or record.caller
        call.dialled = call.dialled or record.dialled
        # Who was rung first stands there until somebody answers.
        if record.destination and (not call.destination or record.status in _TALKS):
            call.destination = record.destination
        call.number_id = call.number_id or record.number or None
        call.scenario_id = call.scenario_id or record.scenario or None
        call.caller_name = call.caller_name or record.caller_name[:80]
        call.attestation = call.attestation or record.attestation[:8]
    if was_known or call.flag or not is_staff_number(call.company_id, call.caller):
        return []
    call.flag = Flag.TEST
    return ["flag"]


def _apply(call: Call, events: Sequence[CallEvent]) -> None:
    state = call_state([_said(event) for event in events])
    call.status = state.status
    call.started_at = moment(state.started_at)
    call.answered_at = moment(state.answered_at) if state.answered_at is not None else None
    call.ended_at = moment(state.ended_at) if state.ended_at is not None else None
    call.duration = state.duration
    call.cause = state.cause[:80]


def _said(event: CallEvent) -> Said:
    at = event.at.timestamp()
    return Said(Leg(event.leg), Status(event.status), at, event.duration, event.cause, event.leg_id)


def _event(record: CallSaid) -> CallEvent:
    return CallEvent(
        id=record.id,
        call=record.call,
        company_id=record.company,
        leg=record.leg,
        leg_id=record.leg_id,
        destination=record.destination if record.leg == Leg.BUSINESS else "",
        status=record.status,
        sequence=record.sequence,
        at=moment(record.at),
        received_at=moment(record.received_at),
        duration=record.duration,
        cause=record.cause[:80],
        raw=record.raw,
    )
