"""A call flow as it is stored and published: the short form that most numbers have, or a whole tree of steps."""

from __future__ import annotations

from typing import Any

import msgspec

from callspring.flows.steps import APOLOGY, GREETING, NOT_IN_SERVICE, Flow, destinations, forwarding

__all__ = ["APOLOGY", "GREETING", "NOT_IN_SERVICE", "AnyFlow", "Flow", "Forward", "read", "rung_first", "whole"]


class Forward(msgspec.Struct, frozen=True, tag="forward"):
    """Ring one destination (E.164 or a SIP address) for `ring_seconds`.

    If nobody answers: with `voicemail`, say `voicemail_greeting`, beep and record for at most
    `max_voicemail_seconds`; else say `apology`.
    """

    destination: str
    ring_seconds: int = 25
    apology: str = APOLOGY
    voicemail: bool = False
    voicemail_greeting: str = GREETING
    max_voicemail_seconds: int = 120


AnyFlow = Forward | Flow


def read(stored: Any) -> AnyFlow:
    """A flow out of JSON. Raises `msgspec.ValidationError` for what is none."""
    return msgspec.convert(stored, AnyFlow)  # type: ignore[no-any-return]


def whole(flow: AnyFlow | None) -> Flow | None:
    """The flow as a tree of steps; None for a number that nobody routes."""
    if not isinstance(flow, Forward):
        return flow
    return forwarding(
        flow.destination,
        flow.ring_seconds,
        flow.voicemail_greeting if flow.voicemail else flow.apology,
        flow.max_voicemail_seconds if flow.voicemail else 0,
    )


def rung_first(flow: AnyFlow | None) -> str:
    """The first telephone number that a flow can ring, what a carrier rings while we are silent; "" if there is none.

    A SIP address counts only where no number is rung: a carrier needs a number.
    """
    rung = destinations(whole(flow))
    return next((one for one in rung if one.startswith("+")), rung[0] if rung else "")
