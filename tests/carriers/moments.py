"""What the conformance classes try on every carrier: the moments of a call's life, and instructions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callspring.carriers.contract import Ask, Dial, Endpoint, Leg, Prompt, Status, TakeVoicemail

SECRET = "a secret of 32 characters or so.."
NOW = 1_780_000_000.0
CALLER, TRACKING, SHOWN, BUSINESS = "+13125550177", "+18005550142", "+18885550101", "+12125550123"
TERMINAL = {Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED}


@dataclass(frozen=True)
class Moment:
    """One moment of a call's life, in our words; a carrier's test turns it into a request."""

    endpoint: Endpoint
    leg: Leg
    status: Status
    caller: str = CALLER
    dialled: str = TRACKING
    sequence: int = 0
    duration: int | None = None
    at: float | None = None
    caller_name: str = ""
    key: str = ""


ASKED = Moment(Endpoint.CALL, Leg.CALLER, Status.ASKED)


def event(leg: Leg, status: Status, sequence: int) -> Moment:
    """A leg's event, with its own two ends: the business is rung from the number that is shown to it."""
    caller, dialled = (CALLER, TRACKING) if leg is Leg.CALLER else (SHOWN, BUSINESS)
    duration = {Status.COMPLETED: 42, **dict.fromkeys(TERMINAL - {Status.COMPLETED}, 0)}.get(status)
    return Moment(Endpoint.EVENTS, leg, status, caller, dialled, sequence, duration, at=NOW - 60 + sequence)


def ended(status: Status) -> Moment:
    """The question after a dial."""
    duration = 40 if status is Status.COMPLETED else None
    return Moment(Endpoint.NEXT, Leg.BUSINESS, status, duration=duration)


EVENTS = [
    event(leg, status, sequence)
    for leg in Leg
    for sequence, status in enumerate(s for s in Status if s not in (Status.ASKED, Status.RECORDED, Status.KEYED))
]
RECORDED = Moment(Endpoint.NEXT, Leg.CALLER, Status.RECORDED)
KEYED = [Moment(Endpoint.NEXT, Leg.CALLER, Status.KEYED, key=key) for key in ("1", "0", "#", "*", "")]
PICKED_UP = Moment(Endpoint.WHISPER, Leg.BUSINESS, Status.ASKED, SHOWN, BUSINESS)
ACCEPTED = Moment(Endpoint.WHISPER, Leg.BUSINESS, Status.KEYED, SHOWN, BUSINESS, key="1")
MOMENTS = [
    ASKED,
    *EVENTS,
    *(ended(status) for status in sorted(TERMINAL)),
    RECORDED,
    *KEYED,
    PICKED_UP,
    ACCEPTED,
    replace(ACCEPTED, key=""),
]
HELLO = Prompt("Thank you for calling.")
DIAL = Dial(
    destinations=(BUSINESS,),
    ring_seconds=25,
    caller_id=CALLER,
    result_url="https://calls.example.com/voice/x/7/next?at=c2VnbWVudA&sig=a%2Fb",
    events_url="https://calls.example.com/voice/x/7/events?a=1&b=2",
)
VOICEMAIL = TakeVoicemail(
    prompts=(Prompt("Please speak after the beep."),),
    max_seconds=90,
    result_url="https://calls.example.com/voice/x/7/next?at=c2VnbWVudA&sig=a%2Fb",
    recording_url="https://calls.example.com/voice/x/7/recording",
)
ASK = Ask((Prompt("Press 1 for sales."),), 6, "https://calls.example.com/voice/x/7/next?at=1.0.0.c2Vn&sig=a%2Fb")
SOUND_URL = "https://calls.example.com/voice/sounds/0f.wav?a=1&b=2"
HOSTILE = [
    "</Say><Dial>+19005550100</Dial><Say>",
    '"/><Redirect>http://evil.example/</Redirect>',
    '","do":"dial","to":"+19005550100',
    "<![CDATA[ x ]]> <!-- y --> <?z?> &amp; &#60;",
    "Grüße, 東京, עברית, 👩‍🔧",
]
