"""Our instructions as TeXML, made with Twilio's builder: verbs, nouns and attributes have the same names.

What differs: ring seconds, the voice that a language needs, and what later requests are sure to say. Nothing is
promised of a gather without a key, so what was asked for is written into the address that is asked next (`asked=key`,
`asked=sound`), and a redirect to it follows each gather; nor that a dialled leg names the call that it belongs to, so
that stands in its addresses (`call=`).

Sources: developers.telnyx.com/docs/voice/programmable-voice/texml-verbs (`dial`, `gather`, `record`, `say`, `play`,
`redirect`, `hangup`) and /texml-twiml-compatibility.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

from twilio.twiml.voice_response import Gather, VoiceResponse

from callspring.carriers.contract import Ask, Dial, HangUp, Instruction, Prompts, Reply, TakeVoicemail
from callspring.carriers.outside import clean

_XML = "text/xml"
ACKNOWLEDGEMENT = Reply(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', _XML)
ASKED_KEY, ASKED_SOUND = "key", "sound"
_LEG_EVENTS = "initiated ringing answered completed"
_SHORTEST_RING, _LONGEST_RING = 5, 120  # seconds
_SHORTEST_WAIT, _LONGEST_WAIT = 1, 120  # seconds
_SHORTEST_RECORDING, _LONGEST_RECORDING = 2, 3_600  # seconds
_SAY_LIMIT, _ATTRIBUTE_LIMIT, _MOST_AT_ONCE = 3_000, 2_000, 10
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# Where a built document waits for what differs from call to call: between characters that `clean` takes out of texts.
_RESULT, _CALLER, _WHISPER, _EVENTS = (f"\u2066{what}\u2069" for what in ("result", "caller", "whisper", "events"))
_VOICE = "alice"  # the one that takes a language; the usual one speaks English only


def reply(instruction: Instruction) -> Reply:
    """The document for one instruction."""
    if isinstance(instruction, Dial):
        return Reply(_dial(instruction).encode(), _XML)
    response = VoiceResponse()
    if isinstance(instruction, Ask):
        _ask(response, instruction)
    else:
        _hear(response, instruction.prompts)
    if isinstance(instruction, TakeVoicemail):
        _record(response, instruction)
    # A business's leg that is to be connected must not be hung up: there the end of the document connects.
    if isinstance(instruction, HangUp | TakeVoicemail):
        response.hangup()
    return Reply(str(response).encode(), _XML)


def written(url: str, name: str) -> str:
    """What was written into an address that we gave out: `asked` (a key, a sound), `call`; "" where nothing was."""
    query = url.partition("?")[2]
    return dict(parse_qsl(query)).get(name, "") if query else ""


def _with(url: str, name: str, value: str) -> str:
    if not url or not value:
        return _attribute(url)
    return f"{_attribute(url)}{'&' if '?' in url else '?'}{name}={quote(value, safe='')}"


def _dial(instruction: Dial) -> str:
    """Only four attributes differ from call to call: put into a built document, they cost a fifth of building it."""
    call = instruction.call.carrier_call_id if instruction.call else ""
    filled = {
        _EVENTS: _with(instruction.events_url, "call", call),
        _WHISPER: _with(instruction.whisper_url, "call", call),
        _CALLER: clean(instruction.caller_id, 64),
        _RESULT: _attribute(instruction.result_url),
    }
    document = _dialling(
        tuple(clean(one, 256) for one in instruction.destinations[:_MOST_AT_ONCE]),
        max(_SHORTEST_RING, min(instruction.ring_seconds, _LONGEST_RING)),
        instruction.prompts,
        _attribute(instruction.recording_url),
        frozenset(place for place, value in filled.items() if value),
    )
    for place, value in filled.items():
        document = document.replace(place, escape(value, {'"': "&quot;"}))
    return document


@lru_cache(maxsize=256)
def _dialling(
    destinations: tuple[str, ...], ring_seconds: int, prompts: Prompts, recording: str, there: frozenset[str]
) -> str:
    """The document with a place for each of those that are `there`."""
    response = VoiceResponse()
    _hear(response, prompts)
    verb = response.dial(
        # An empty one would be this document's own address: it would ring again and again.
        action=_RESULT if _RESULT in there else None,
        # The caller hears real ringing and is not billed as answered until the business picks up.
        answer_on_bridge=True,
        timeout=ring_seconds,
        # Left out, the carrier passes on what the caller's network said, also that it withholds the number.
        caller_id=_CALLER if _CALLER in there else None,
        record="record-from-answer-dual" if recording else None,
        recording_status_callback=recording or None,
        recording_status_callback_event="completed absent" if recording else None,
    )
    told = {"status_callback": _EVENTS, "status_callback_event": _LEG_EVENTS} if _EVENTS in there else {}
    for destination in destinations:
        noun = verb.sip if destination.lower().startswith(("sip:", "sips:")) else verb.number
        noun(destination, url=_WHISPER if _WHISPER in there else None, **told)
    return str(response)


def _ask(response: VoiceResponse, instruction: Ask) -> None:
    action = _with(instruction.result_url, "asked", ASKED_KEY)
    gather = response.gather(
        input="dtmf",
        num_digits=1,
        timeout=max(_SHORTEST_WAIT, min(instruction.seconds, _LONGEST_WAIT)),
        action=action,
    )
    _hear(gather, instruction.prompts)
    # Reached only where no key was pressed and the carrier went on instead of asking what now.
    response.redirect(action, method="POST")


def _record(response: VoiceResponse, instruction: TakeVoicemail) -> None:
    response.record(
        action=_with(instruction.result_url, "asked", ASKED_SOUND),
        max_length=max(_SHORTEST_RECORDING, min(instruction.max_seconds, _LONGEST_RECORDING)),
        play_beep=True,
        # Left out, every key would end it, and people type numbers by mistake.
        finish_on_key="#",
        trim="trim-silence",
        # No `timeout`: silence is found by writing down what is said, which costs by the minute.
        channels="single",
        recording_status_callback=_attribute(instruction.recording_url),
    )


def _hear(verb: VoiceResponse | Gather, prompts: Prompts) -> None:
    for prompt in prompts:
        if prompt.sound_url:
            verb.play(_attribute(prompt.sound_url))
            continue
        # A malformed language would cost the caller the message.
        known = prompt.language if _LANGUAGE.fullmatch(prompt.language) else None
        verb.say(_speakable(prompt.text), voice=_VOICE if known else None, language=known)


def _attribute(text: str) -> str:
    return clean(text, _ATTRIBUTE_LIMIT)


def _speakable(text: str) -> str:
    cut = clean(text, _SAY_LIMIT).encode()[:_SAY_LIMIT]
    return cut.decode("utf-8", "ignore")
