"""The phone rings: the steps from a carrier's request to the answer, in order.

carrier → `verify` → `read` → route and flow (pure) → `render` → spool, durable → answer. A request that is not signed
as it should be ends at `verify` and leaves nothing but a count.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import parse_qsl

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CallSignal,
    Carrier,
    CarrierRequest,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Reply,
    Say,
)
from callspring.carriers.registry import CARRIERS
from callspring.flows.flow import ASK, DIALLED, End, Ring, Speak, Step, next_step
from callspring.ids import derived_id
from callspring.records import CallSaid, encode
from callspring.stores.snapshot.published import PublishedCompany, PublishedConnection, Route
from callspring.stores.spool.writer import SpoolFull
from callspring.visits.drops import Drop
from callspring.voice.door import VoiceDoor
from callspring.voice.position import NOWHERE

log = logging.getLogger(__name__)
UNROUTED = Route(number=0, flow=None)
ENDPOINTS = frozenset(endpoint.value for endpoint in Endpoint)


class Address(NamedTuple):
    """The three parts of the path behind `/voice/`, as they came."""

    carrier: str
    connection: str
    endpoint: str


class Refused(Exception):
    """The request is not answered with an instruction; `status` is the HTTP status it gets instead."""

    def __init__(self, reason: Drop, status: int, company: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.company = company


@dataclass(slots=True)
class Ringing:
    """One verified request of a carrier on its way through the door."""

    carrier: Carrier
    connection: PublishedConnection
    company: PublishedCompany
    endpoint: Endpoint
    request: CarrierRequest
    signal: CallSignal
    call: str
    route: Route


async def take_call(door: VoiceDoor, address: Address, request: CarrierRequest, now: float) -> Reply:
    """The whole path: what the carrier is told. Raises `Refused`."""
    ringing = identify(door, address, request, now)
    reply = answer(door, ringing)
    await spool(door, ringing, now)
    return reply


def identify(door: VoiceDoor, address: Address, request: CarrierRequest, now: float) -> Ringing:
    """Who sent this, is it theirs, what does it say, and where does the dialled number go?"""
    carrier, connection, endpoint = address
    adapter = CARRIERS.get(carrier)
    numeric = connection.isascii() and connection.isdecimal() and len(connection) < 19
    known = door.snapshot.connections.get(int(connection)) if numeric else None
    if adapter is None or known is None or known[0].carrier != carrier or endpoint not in ENDPOINTS:
        raise Refused(Drop.UNKNOWN_CONNECTION, 404)
    published, company = known
    try:
        adapter.verify(request, published.secret, now)
        signal = adapter.read(request, Endpoint(endpoint))
    except BadSignature as error:
        raise Refused(Drop.BAD_SIGNATURE, 403, company.id) from error
    except BadRequest as error:
        raise Refused(Drop.BAD_REQUEST, 400, company.id) from error
    call = derived_id("call", carrier, str(published.id), signal.carrier_call_id)
    if endpoint == Endpoint.EVENTS and signal.leg is Leg.BUSINESS:
        # Such an event names its own leg's ends: the number shown to the business, and the destination.
        signal = replace(signal, caller="", dialled="")
    route = company.routes.get(signal.dialled, UNROUTED)
    return Ringing(adapter, published, company, Endpoint(endpoint), request, signal, call, route)


def answer(door: VoiceDoor, ringing: Ringing) -> Reply:
    """The next instruction, in the carrier's markup; to a mere report, its acknowledgement."""
    carrier, signal = ringing.carrier, ringing.signal
    if ringing.endpoint is Endpoint.EVENTS:
        return carrier.acknowledge()
    position, dialled = ASK, None
    if ringing.endpoint is Endpoint.NEXT:
        position, dialled = _position(door, ringing), signal.status
    step = next_step(ringing.route.flow, position, dialled)
    return carrier.render(instruct(door, ringing, step))


def instruct(door: VoiceDoor, ringing: Ringing, step: Step) -> Instruction:
    """A step of the flow as an instruction to the carrier, with the addresses at which it reports back."""
    match step:
        case Ring():
            base = f"{door.public_url}/voice/{ringing.connection.carrier}/{ringing.connection.id}"
            position = door.seal.write(ringing.call, ringing.route.flow, step.position)
            return Dial(
                destination=step.destination,
                ring_seconds=step.seconds,
                caller_id=ringing.signal.caller or ringing.signal.dialled,
                result_url=f"{base}/next?at={position}",
                events_url=f"{base}/events",
            )
        case Speak():
            return Say(step.text)
        case End():
            return HangUp()


async def spool(door: VoiceDoor, ringing: Ringing, now: float) -> None:
    """What the carrier said, durable before the answer. With a full disk the caller is routed all the same."""
    signal, route = ringing.signal, ringing.route
    record = CallSaid(
        id=derived_id(
            "said",
            ringing.call,
            ringing.endpoint,
            signal.leg_id,
            signal.status,
            str(signal.sequence),
            _position_text(ringing),
        ),
        received_at=now,
        at=signal.at if signal.at is not None else now,
        company=ringing.company.id,
        connection=ringing.connection.id,
        call=ringing.call,
        carrier_call_id=signal.carrier_call_id,
        leg=signal.leg,
        leg_id=signal.leg_id,
        status=signal.status,
        sequence=signal.sequence,
        caller=signal.caller,
        dialled=signal.dialled,
        number=route.number,
        scenario=route.scenario,
        destination=route.flow.destination if route.flow else "",
        duration=signal.duration,
        cause=signal.cause,
        raw=dict(signal.raw),
    )
    try:
        door.spool.append(encode(record))
        await door.spool.durable()
    except SpoolFull:
        log.exception("call %s is routed but could not be recorded; the carrier's list still has it", ringing.call)
        door.drops.count(Drop.DISK_FULL, ringing.company.id)


def _position(door: VoiceDoor, ringing: Ringing) -> int:
    """Where the flow goes on. Without a position of ours the dial is over all the same, and the caller is told."""
    position = door.seal.read(_position_text(ringing), ringing.call)
    return DIALLED if position == NOWHERE else position


def _position_text(ringing: Ringing) -> str:
    _, _, query = ringing.request.url.partition("?")
    return dict(parse_qsl(query)).get("at", "") if query else ""
