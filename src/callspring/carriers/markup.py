"""Our instructions as TwiML, made with Twilio's own builder; SignalWire's cXML is the same.

Sources: twilio.com/docs/voice/twiml; SignalWire's cXML reference (`dial`, `number`, `gather`, `record`, `say`), which
has every verb and attribute that is used here, with the same bounds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from xml.sax.saxutils import escape

from twilio.twiml.voice_response import Gather, VoiceResponse

from callspring.carriers.contract import Ask, Dial, HangUp, Instruction, Prompt, Prompts, Reply, TakeVoicemail
from callspring.carriers.outside import clean

_XML = "text/xml"
ACKNOWLEDGEMENT = Reply(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', _XML)
_LEG_EVENTS = "initiated ringing answered completed"
# Seconds; below 5 the time to reach the other network is most of it, 600 is the largest.
_SHORTEST_RING, _LONGEST_RING = 5, 600
# Seconds; no recording is taken that is shorter than two, nor one longer than an hour.
_SHORTEST_RECORDING, _LONGEST_RECORDING = 2, 3_600
_SILENCE = 5  # seconds of it end a recording
# The smallest limit among Twilio's voices, in bytes (error 13521).
_SAY_LIMIT = 3_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_ATTRIBUTE_LIMIT = 4_000
# Where a built document waits for what differs from call to call.
_RESULT, _CALLER, _WHISPER = "(the result address)", "(the caller number)", "(the whisper address)"
# Both carriers' limit for destinations rung at once.
_MOST_AT_ONCE = 10


def reply(instruction: Instruction) -> Reply:
    """The document for one instruction."""
    return Reply(_document(instruction), _XML)


def _document(instruction: Instruction) -> bytes:
    if isinstance(instruction, Dial):
        return _dial(instruction).encode()
    response = VoiceResponse()
    if isinstance(instruction, Ask):
        _ask(response, instruction)
        return str(response).encode()
    _hear(response, instruction.prompts)
    if isinstance(instruction, TakeVoicemail):
        _record(response, instruction)
    if isinstance(instruction, HangUp | TakeVoicemail):
        # After a recording of nothing Twilio goes on in the document instead of asking what now. A business's leg that
        # is to be connected must not be hung up: there an empty document connects.
        response.hangup()
    return str(response).encode()


def _dial(instruction: Dial) -> str:
    """Only two attributes differ from call to call: put into a built document, they cost a tenth of building it."""
    caller = _attribute(instruction.caller_id, 64)
    whisper = _attribute(instruction.whisper_url, _ATTRIBUTE_LIMIT)
    document = _dialling(
        tuple(clean(one, 256) for one in instruction.destinations[:_MOST_AT_ONCE]),
        clean(instruction.events_url, _ATTRIBUTE_LIMIT),
        max(_SHORTEST_RING, min(instruction.ring_seconds, _LONGEST_RING)),
        bool(caller),
        instruction.prompts,
        clean(instruction.recording_url, _ATTRIBUTE_LIMIT),
        bool(whisper),
        bool(instruction.result_url),
    )
    document = document.replace(_WHISPER, whisper)
    return document.replace(_CALLER, caller).replace(_RESULT, _attribute(instruction.result_url, _ATTRIBUTE_LIMIT))


@lru_cache(maxsize=256)
def _dialling(
    destinations: tuple[str, ...],
    events_url: str,
    ring_seconds: int,
    shows_caller: bool,
    prompts: Prompts,
    recording: str,
    whispers: bool,
    goes_on: bool,
) -> str:
    response = VoiceResponse()
    _hear(response, prompts)
    verb = response.dial(
        # An empty one would be this document's own address: it would ring again and again.
        action=_RESULT if goes_on else None,
        # The caller hears real ringing and is not billed as answered until the business picks up.
        answer_on_bridge=True,
        timeout=ring_seconds,
        # Left out, the carrier passes on what the caller's network said, also that it withholds the number.
        caller_id=_CALLER if shows_caller else None,
        record="record-from-answer-dual" if recording else None,
        recording_status_callback=recording or None,
        recording_status_callback_event="completed absent" if recording else None,
    )
    for destination in destinations:
        noun = verb.sip if _is_sip(destination) else verb.number
        url = _WHISPER if whispers else None
        told = {"status_callback": events_url, "status_callback_event": _LEG_EVENTS} if events_url else {}
        noun(destination, url=url, **told)
    return str(response)


def _ask(response: VoiceResponse, instruction: Ask) -> None:
    gather = response.gather(
        input="dtmf",
        num_digits=1,
        # Every key is an answer here, also those that end longer inputs.
        finish_on_key="",
        timeout=instruction.seconds,
        action=clean(instruction.result_url, _ATTRIBUTE_LIMIT),
        action_on_empty_result=True,
    )
    _hear(gather, instruction.prompts)


def _attribute(text: str, limit: int) -> str:
    """As the builder would write it; `clean` leaves no line breaks, which would need more."""
    return escape(clean(text, limit), {'"': "&quot;"})


def _is_sip(destination: str) -> bool:
    return destination.lower().startswith(("sip:", "sips:"))


def _hear(verb: VoiceResponse | Gather, prompts: Prompts) -> None:
    for prompt in prompts:
        if prompt.sound_url:
            verb.play(clean(prompt.sound_url, _ATTRIBUTE_LIMIT))
        else:
            _say(verb, prompt)


def _say(verb: VoiceResponse | Gather, prompt: Prompt) -> None:
    # A malformed language would cost the caller the message; without one the carrier speaks as the account is set.
    language = prompt.language if _LANGUAGE.fullmatch(prompt.language) else None
    verb.say(_speakable(prompt.text), language=language)


def _record(response: VoiceResponse, instruction: TakeVoicemail) -> None:
    response.record(
        action=clean(instruction.result_url, _ATTRIBUTE_LIMIT),
        max_length=max(_SHORTEST_RECORDING, min(instruction.max_seconds, _LONGEST_RECORDING)),
        timeout=_SILENCE,
        play_beep=True,
        # Left out, every key would end it, and people type numbers by mistake.
        finish_on_key="#",
        trim="trim-silence",
        recording_status_callback=clean(instruction.recording_url, _ATTRIBUTE_LIMIT),
        recording_status_callback_event="completed absent",
    )


def _speakable(text: str) -> str:
    cut = clean(text, _SAY_LIMIT).encode()[:_SAY_LIMIT]
    return cut.decode("utf-8", "ignore")
