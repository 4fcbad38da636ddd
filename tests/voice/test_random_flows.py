"""Any flow there can be, asked for by any carrier: every document is one, and the call comes to an end that is heard.

`tests/flows/test_evaluation.py` holds the flows themselves; this is what the door makes of them for each carrier.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callspring.carriers.contract import (
    Ask,
    CallSignal,
    CarrierRequest,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Reply,
    Status,
    TakeVoicemail,
    most_at_once_of,
)
from callspring.carriers.registry import CARRIERS
from callspring.flows.steps import Flow
from callspring.stores.snapshot.published import PublishedCompany, PublishedConnection, Route
from callspring.visits.client_ip import Proxies
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import Heard
from callspring.voice.instructing import instruct
from callspring.voice.position import PositionSeal
from tests.doors import NOW
from tests.flows.strategies import FLOWS

BASE = "https://calls.example.com"
UNANSWERED = (Status.BUSY, Status.NO_ANSWER, Status.FAILED)
ASKED = CallSignal("call-1", Leg.CALLER, "call-1", Status.ASKED, "+16175550177", "+18005550142")


def opened() -> VoiceDoor:
    """A door without stores: what it says of a call needs none."""
    nothing: Any = None
    return VoiceDoor(nothing, nothing, nothing, PositionSeal(b"k" * 32), BASE, Proxies(()), Path("/nowhere"))


def heard(name: str, flow: Flow, signal: CallSignal, url: str) -> Heard:
    connection = PublishedConnection(7, name, "x")
    company = PublishedCompany(1, "ck", (connection,), {})
    endpoint = Endpoint.CALL if signal.status is Status.ASKED else Endpoint.NEXT
    request = CarrierRequest("POST", url, {}, b"")
    return Heard(CARRIERS[name], connection, company, endpoint, request, signal, "our call", Route(1, flow))


def well_formed(reply: Reply) -> None:
    if reply.content_type == "application/json":
        json.loads(reply.body)
    else:
        ElementTree.fromstring(reply.body)


def following(instruction: Instruction, status: Status, key: str) -> tuple[CallSignal, str] | None:
    """What the carrier says next, and where; None at the call's end."""
    match instruction:
        case Dial(result_url=url):
            return replace(ASKED, leg=Leg.BUSINESS, status=status, wants_instruction=True), url
        case Ask(result_url=url):
            return replace(ASKED, status=Status.KEYED, key=key, wants_instruction=True), url
        case TakeVoicemail():
            return None
    return None


@pytest.mark.parametrize("name", CARRIERS)
@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors]
)
@given(
    flow=FLOWS,
    outcomes=st.lists(st.sampled_from(UNANSWERED), min_size=1, max_size=3),
    keys=st.lists(st.sampled_from(["", "1", "2", "#"]), min_size=1, max_size=3),
)
def test_every_flow_is_told_to_its_end(name: str, flow: Flow, outcomes: list[Status], keys: list[str]) -> None:
    door, carrier, said = opened(), CARRIERS[name], False
    signal, url = ASKED, f"{BASE}/voice/{name}/7/call"
    for turn in range(2_000):
        instruction, _ = instruct(door, heard(name, flow, signal, url), signal, NOW)
        well_formed(carrier.render(instruction))
        if isinstance(instruction, Dial):
            assert 1 <= len(instruction.destinations) <= most_at_once_of(carrier)
        said = said or any(prompt.text.strip() for prompt in cast(Any, instruction).prompts)
        found = following(instruction, outcomes[turn % len(outcomes)], keys[turn % len(keys)])
        if found is None:
            assert said or not isinstance(instruction, HangUp), "silence"
            return
        signal, url = found
    raise AssertionError("the call never ends")
