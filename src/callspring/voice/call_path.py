"""The phone rings, or a text message comes: the steps from a carrier's request to the answer, in order.

carrier → `identify` (verify, read, route) → `answer` (flow, pure; render) → `spool`, durable → answer. A request that
is not signed as it should be ends at `identify` and leaves nothing but a count.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CallSignal,
    CarrierRequest,
    Endpoint,
    Leg,
    RecordingSignal,
    Reply,
    Signal,
    TextSignal,
    methods_of,
    render_for,
)
from callspring.carriers.registry import CARRIERS
from callspring.flows.evaluation import Texts
from callspring.ids import call_id
from callspring.records import encode
from callspring.stores.snapshot.published import PublishedCompany, PublishedConnection
from callspring.stores.spool.writer import SpoolFull
from callspring.visits.drops import Drop
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import UNROUTED, Heard, asked
from callspring.voice.instructing import instruct, is_report, note
from callspring.voice.screening import follow
from callspring.voice.spooling import records_of

log = logging.getLogger(__name__)
ENDPOINTS = frozenset(endpoint.value for endpoint in Endpoint)
QUESTIONS = frozenset({Endpoint.CALL, Endpoint.NEXT, Endpoint.WHISPER})
PATIENCE = 0.7  # seconds: a caller is answered within one, whatever the disk does
_HOST = re.compile(r"[A-Za-z0-9_.:\[\]-]{1,120}")


class Address(NamedTuple):
    """The three parts of the path behind `/voice/`, as they came."""

    carrier: str
    connection: str
    endpoint: str


class Refused(Exception):
    """The request is not answered with an instruction; `status` is the HTTP status it gets instead.

    `host` says under which address the carrier seems to have called us, where that may be what is wrong.
    """

    def __init__(self, reason: Drop, status: int, company: int = 0, host: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.company = company
        self.host = host


async def take_call(door: VoiceDoor, address: Address, request: CarrierRequest, now: float) -> Reply:
    """The whole path: what the carrier is told. Raises `Refused`."""
    heard = identify(door, address, request, now)
    reply, texts = answer(door, heard, now)
    await spool(door, heard, texts, now)
    return reply


def identify(door: VoiceDoor, address: Address, request: CarrierRequest, now: float) -> Heard:
    """Who sent this, is it theirs, what does it say, and where does the dialled number go?"""
    adapter = CARRIERS.get(address.carrier)
    known = _connection(door, address)
    asked_rightly = address.endpoint in ENDPOINTS and adapter is not None and request.method in methods_of(adapter)
    if adapter is None or known is None or not asked_rightly:
        raise Refused(Drop.UNKNOWN_CONNECTION, 404)
    connection, company = known
    endpoint = Endpoint(address.endpoint)
    try:
        adapter.verify(request, connection.secret, now)
        signal = adapter.read(request, endpoint)
    except BadSignature as error:
        raise Refused(Drop.BAD_SIGNATURE, 403, company.id, called_as(request.url, address)) from error
    except BadRequest as error:
        raise Refused(Drop.BAD_REQUEST, 400, company.id) from error
    route = door.snapshot.route(company.id, _dialled(request, endpoint, signal)) or UNROUTED
    return Heard(adapter, connection, company, endpoint, request, signal, _call(connection, signal), route)


def answer(door: VoiceDoor, heard: Heard, now: float) -> tuple[Reply, Texts]:
    """The next instruction, in the carrier's markup, and the texts it owes; to a mere report, its acknowledgement."""
    if isinstance(heard.signal, CallSignal):
        follow(door, heard, heard.signal)
    if heard.endpoint in QUESTIONS and isinstance(heard.signal, CallSignal):
        if is_report(heard, heard.signal):
            note(door, heard, heard.signal)
            return heard.carrier.acknowledge(), ()
        instruction, texts = instruct(door, heard, heard.signal, now)
        return render_for(heard.carrier, instruction, heard.connection.secret), texts
    return heard.carrier.acknowledge(), ()


async def spool(door: VoiceDoor, heard: Heard, texts: Texts, now: float) -> None:
    """What the carrier said, and what the caller is to be sent for it, durable before the answer.

    With a full disk a caller is routed all the same, with one that hangs after `PATIENCE`; a mere report is `Refused`
    or waits, so that the carrier sees that it was not taken.
    """
    try:
        door.spool.append(*map(encode, records_of(door, heard, texts, now)))
        async with asyncio.timeout(PATIENCE if heard.endpoint in QUESTIONS else None):
            await door.spool.durable()
    except TimeoutError:
        log.warning("the disk takes long; call %s was answered before its record was durable", heard.call)
    except SpoolFull as full:
        log.exception("what came to %s could not be recorded (call %s)", heard.endpoint, heard.call or "none")
        if heard.endpoint not in QUESTIONS:
            raise Refused(Drop.DISK_FULL, 503, heard.company.id) from full
        door.drops.count(Drop.DISK_FULL, heard.company.id)


def called_as(url: str, address: Address) -> str:
    """Where the carrier seems to have called us, at most 200 characters; the host is left out where it is none.

    Anybody may have written it: what is kept is what can be part of an address, and names one of our connections.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc if _HOST.fullmatch(parts.netloc) else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{host}/voice/{address.carrier}/{address.connection}"[:200]


def _connection(door: VoiceDoor, address: Address) -> tuple[PublishedConnection, PublishedCompany] | None:
    text = address.connection
    numeric = text.isascii() and text.isdecimal() and len(text) < 19
    known = door.snapshot.connections.get(int(text)) if numeric else None
    return known if known and known[0].carrier == address.carrier else None


def _call(connection: PublishedConnection, signal: Signal) -> str:
    if isinstance(signal, CallSignal | RecordingSignal):
        return call_id(connection.carrier, connection.id, signal.carrier_call_id)
    return ""


def _dialled(request: CarrierRequest, endpoint: Endpoint, signal: Signal) -> str:
    """The number that was called. The business's leg names its own ends; at a whisper our address says the call's."""
    if endpoint is Endpoint.WHISPER:
        return asked(request.url, "dialled")
    if endpoint is Endpoint.EVENTS and isinstance(signal, CallSignal) and signal.leg is Leg.BUSINESS:
        return ""
    return signal.dialled if isinstance(signal, CallSignal | TextSignal) else ""
