"""Our instructions as Plivo XML, made with Plivo's own builder (`plivo.plivoxml`).

Sources: plivo.com/docs/voice/xml/routing (Dial, Hangup, Redirect), /input (GetDigits), /record, /audio-output (Speak,
Play; its languages).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any
from xml.sax.saxutils import escape

from callspring.carriers.contract import (
    Ask,
    Dial,
    HangUp,
    Instruction,
    Leg,
    Prompts,
    RecordingKind,
    Reply,
    TakeVoicemail,
)
from callspring.carriers.outside import clean
from callspring.carriers.plivo.reader import KIND

_XML = "text/xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
ACKNOWLEDGEMENT = Reply(f"{_HEAD}<Response/>".encode(), _XML)
_SHORTEST_RING, _LONGEST_RING = 5, 600  # seconds
_SHORTEST_RECORDING, _LONGEST_RECORDING = 2, 3_600  # seconds
_WHOLE_CALL = 14_400  # seconds: as long as a dialled call may be; a recording is cut after 60 unless told otherwise
_SILENCE = 5  # seconds of it end a recording
_CONFIRM_SECONDS = 30  # from the moment of picking up, the whisper included
_SAY_LIMIT = 3_000  # bytes, of the speech service that Plivo uses
_ADDRESS_LIMIT, _MOST_AT_ONCE = 4_000, 10
_MEN = frozenset({"pt-PT"})  # there is no woman who speaks it
_LANGUAGES = (
    *("da-DK", "nl-NL", "en-US", "en-AU", "en-GB", "fr-FR", "fr-CA", "de-DE", "it-IT", "pl-PL"),
    *("pt-BR", "pt-PT", "ru-RU", "es-US", "es-ES", "sv-SE"),
)
# Where a built document waits for what differs from call to call.
_RESULT, _CALLER, _WHISPER = "(the result address)", "(the caller number)", "(the whisper address)"


def reply(instruction: Instruction) -> Reply:
    """The document for one instruction."""
    return Reply(_document(instruction).encode(), _XML)


def _document(instruction: Instruction) -> str:
    if isinstance(instruction, Dial):
        return _dial(instruction)
    response = _xml().ResponseElement()
    if isinstance(instruction, Ask) and instruction.leg is Leg.CALLER:
        _ask(response, instruction)
        return _written(response)
    # The business hears these while Plivo itself waits for its key: only what speaks or plays is taken there.
    _hear(response, instruction.prompts)
    if isinstance(instruction, TakeVoicemail):
        _record(response, instruction)
    if isinstance(instruction, HangUp | TakeVoicemail):
        response.add(_xml().HangupElement())
    return _written(response)


def _dial(instruction: Dial) -> str:
    """Only three attributes differ from call to call: put into a built document, they cost a tenth of building it."""
    caller, result = _attribute(instruction.caller_id, 64), _attribute(instruction.result_url, _ADDRESS_LIMIT)
    whisper = _attribute(instruction.whisper_url, _ADDRESS_LIMIT)
    document = _dialling(
        tuple(clean(one, 256) for one in instruction.destinations[:_MOST_AT_ONCE]),
        clean(instruction.events_url, _ADDRESS_LIMIT),
        max(_SHORTEST_RING, min(instruction.ring_seconds, _LONGEST_RING)),
        bool(caller),
        instruction.prompts,
        clean(instruction.recording_url, _ADDRESS_LIMIT),
        instruction.accept_key[:1] if whisper else "",
        bool(whisper),
        bool(result),
    )
    return document.replace(_WHISPER, whisper).replace(_CALLER, caller).replace(_RESULT, result)


@lru_cache(maxsize=256)
def _dialling(
    destinations: tuple[str, ...],
    events_url: str,
    ring_seconds: int,
    shows_caller: bool,
    prompts: Prompts,
    recording: str,
    accept_key: str,
    whispers: bool,
    goes_on: bool,
) -> str:
    xml = _xml()
    response = xml.ResponseElement()
    _hear(response, prompts)
    if recording:
        _record_talk(response, recording)
    verb = xml.DialElement(
        action=_RESULT if goes_on else None,
        timeout=ring_seconds,
        # Left out, the carrier passes on what the caller's network said, also that it withholds the number.
        caller_id=_CALLER if shows_caller else None,
        # What the other network lets hear, not a tone of Plivo's.
        dial_music="real",
        confirm_sound=_WHISPER if whispers else None,
        confirm_key=accept_key or None,
        confirm_timeout=str(_CONFIRM_SECONDS) if accept_key else None,
        callback_url=events_url or None,
    )
    for destination in destinations:
        verb.add(xml.UserElement(destination) if _is_sip(destination) else xml.NumberElement(destination))
    response.add(verb)
    return _written(response)


def _ask(response: Any, instruction: Ask) -> None:
    xml, result = _xml(), clean(instruction.result_url, _ADDRESS_LIMIT)
    # Every key is an answer here, also the one that ends longer inputs.
    verb = xml.GetDigitsElement(action=result, timeout=instruction.seconds, num_digits=1, finish_on_key="none")
    _hear(verb, instruction.prompts)
    response.add(verb)
    # Whoever presses nothing makes Plivo go on here, and not to the action.
    response.add(xml.RedirectElement(result))


def _hear(verb: Any, prompts: Prompts) -> None:
    xml = _xml()
    for prompt in prompts:
        if prompt.sound_url:
            verb.add(xml.PlayElement(clean(prompt.sound_url, _ADDRESS_LIMIT)))
        else:
            language = spoken(prompt.language)
            voice = "MAN" if language in _MEN else None
            verb.add(xml.SpeakElement(_speakable(prompt.text), voice=voice, language=language))


def spoken(language: str) -> str | None:
    """The language as Plivo has it: the same, or the same one of another country; None leaves it at English."""
    if language in _LANGUAGES:
        return language
    family = language.partition("-")[0].lower()
    return next((one for one in _LANGUAGES if one.startswith(f"{family}-")), None)


def _record(response: Any, instruction: TakeVoicemail) -> None:
    response.add(
        _xml().RecordElement(
            action=clean(instruction.result_url, _ADDRESS_LIMIT),
            max_length=max(_SHORTEST_RECORDING, min(instruction.max_seconds, _LONGEST_RECORDING)),
            timeout=_SILENCE,
            play_beep=True,
            finish_on_key="#",
            file_format="mp3",
            callback_url=_reported(instruction.recording_url, RecordingKind.VOICEMAIL),
        )
    )


def _record_talk(response: Any, recording_url: str) -> None:
    """It goes on with the document at once, and begins when somebody at the business picks up."""
    response.add(
        _xml().RecordElement(
            start_on_dial_answer=True,
            redirect=False,
            max_length=_WHOLE_CALL,
            file_format="mp3",
            callback_url=_reported(recording_url, RecordingKind.CALL),
        )
    )


def _reported(recording_url: str, kind: RecordingKind) -> str:
    """The report does not say what was recorded, so its address does."""
    url = clean(recording_url, _ADDRESS_LIMIT)
    return f"{url}{'&' if '?' in url else '?'}{KIND}={kind}" if url else ""


def _speakable(text: str) -> str:
    return clean(text, _SAY_LIMIT).encode()[:_SAY_LIMIT].decode("utf-8", "ignore")


def _attribute(text: str, limit: int) -> str:
    """As the builder would write it; `clean` leaves no line breaks, which would need more."""
    return escape(clean(text, limit), {'"': "&quot;"})


def _is_sip(destination: str) -> bool:
    return destination.lower().startswith(("sip:", "sips:"))


def _written(response: Any) -> str:
    return _HEAD + str(response.to_string(False))


@cache
def _xml() -> Any:
    """Plivo's builder, loaded when a document is wanted: a door without a number at Plivo never pays for it."""
    from plivo import plivoxml  # type: ignore[import-untyped]

    return plivoxml
