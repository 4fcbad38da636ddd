"""Our instructions as BXML, made with Bandwidth's own verbs (`bandwidth.models.bxml`).

Their `to_bxml` takes whatever looks like a tag in a text for one, so that a prompt could dial: the elements are taken
from the verbs, and written here. Sources: dev.bandwidth.com/docs/voice/programmable-voice/bxml (transfer, gather,
record, startRecording, stopRecording, speakSentence, playAudio, sendDtmf, hangup).
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from callspring.carriers.bandwidth.reader import CALL, KIND, SCREENED
from callspring.carriers.contract import (
    Ask,
    CallName,
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

_XML = "text/xml"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
ACKNOWLEDGEMENT = Reply(_HEAD + b"<Response/>", _XML)
Pair = tuple[str, str]
_SHORTEST_RING, _LONGEST_RING = 1, 300  # seconds
_LONGEST_KEY = 60  # seconds
_SHORTEST_RECORDING, _LONGEST_RECORDING = 2, 10_800  # seconds
_SILENCE = 5  # seconds of it end a recording
_BEEP, _BEEP_MILLISECONDS = "1", 400  # <Record> has no beep; a key's tone is one
_SAY_LIMIT = 3_000  # bytes, of the speech service that Bandwidth uses
_ADDRESS_LIMIT, _MOST_AT_ONCE = 4_000, 8
# Another one is spoken in the first of its language, or in the default, American English.
_LOCALES = {
    "en": ("en_US", "en_UK", "en_AU"),
    "fr": ("fr_FR", "fr_CA"),
    "de": ("de_DE",),
    "it": ("it_IT",),
    "es": ("es_MX", "es_ES"),
}
_SAME = {"en_GB": "en_UK"}


def reply(instruction: Instruction, pair: Pair = ("", "")) -> Reply:
    """The document for one instruction; its addresses are asked with the name and the password of `pair`."""
    verbs = _verbs(instruction, _Credentials(pair))
    root = ElementTree.Element("Response")
    root.extend(verb._to_etree_element() for verb in verbs)
    return Reply(_HEAD + ElementTree.tostring(root, encoding="utf-8"), _XML)


class _Credentials(dict[str, str]):
    """The two attributes of a verb that say with what its addresses are asked; none where there are none."""

    def __init__(self, pair: Pair) -> None:
        super().__init__({"username": pair[0], "password": pair[1]} if pair[0] else {})


def _verbs(instruction: Instruction, login: _Credentials) -> list[Any]:
    heard = _heard(instruction.prompts)
    match instruction:
        case Dial():
            return [*_dialling(instruction), *heard, *_recording(instruction, login), _transfer(instruction, login)]
        case Ask():
            stop = [_bxml().StopRecording()] if instruction.leg is Leg.CALLER else []
            return [*stop, _gather(instruction, heard, login)]
        case TakeVoicemail():
            return [_bxml().StopRecording(), *heard, _beep(), _record(instruction, login)]
        case HangUp():
            return [*heard, _bxml().Hangup()]
    return heard  # at the end of the business's document the two are connected


def _dialling(instruction: Dial) -> list[Any]:
    """A talk that was recorded before goes on being recorded until somebody says otherwise."""
    return [] if instruction.recording_url or not instruction.result_url else [_bxml().StopRecording()]


def _recording(instruction: Dial, login: _Credentials) -> list[Any]:
    if not instruction.recording_url:
        return []
    told = _with(instruction.recording_url, KIND, RecordingKind.CALL)
    return [
        _bxml().StartRecording(recording_available_url=told, file_format="mp3", multi_channel=True, **login),
    ]


def _transfer(instruction: Dial, login: _Credentials) -> Any:
    screened = instruction.accept_key and instruction.whisper_url
    result = _with(instruction.result_url, SCREENED, "1") if screened else clean(instruction.result_url, _ADDRESS_LIMIT)
    return _bxml().Transfer(
        [_destination(one, instruction, login) for one in instruction.destinations[:_MOST_AT_ONCE]],
        transfer_caller_id=clean(instruction.caller_id, 64) or None,
        call_timeout=str(max(_SHORTEST_RING, min(instruction.ring_seconds, _LONGEST_RING))),
        transfer_complete_url=result or None,
        **(login if result else {}),
    )


def _destination(destination: str, instruction: Dial, login: _Credentials) -> Any:
    """Whoever picks up is asked for at the whisper, or else told of as an event, whose empty answer connects."""
    answered, events = instruction.whisper_url or instruction.events_url, clean(instruction.events_url, _ADDRESS_LIMIT)
    named = clean(destination, 256)
    noun = _bxml().SipUri if named.lower().startswith(("sip:", "sips:")) else _bxml().PhoneNumber
    return noun(
        named,
        transfer_answer_url=_of_call(answered, instruction.call) or None,
        transfer_disconnect_url=events or None,
        **(login if answered or events else {}),
    )


def _gather(instruction: Ask, heard: list[Any], login: _Credentials) -> Any:
    return _bxml().Gather(
        heard,
        gather_url=clean(instruction.result_url, _ADDRESS_LIMIT),
        max_digits=1,
        first_digit_timeout=max(1, min(instruction.seconds, _LONGEST_KEY)),
        # Every key is an answer here.
        terminating_digits="",
        **login,
    )


def _beep() -> Any:
    return _bxml().SendDtmf(_BEEP, tone_duration=_BEEP_MILLISECONDS)


def _record(instruction: TakeVoicemail, login: _Credentials) -> Any:
    return _bxml().Record(
        record_complete_url=clean(instruction.result_url, _ADDRESS_LIMIT),
        recording_available_url=_with(instruction.recording_url, KIND, RecordingKind.VOICEMAIL),
        terminating_digits="#",
        max_duration=max(_SHORTEST_RECORDING, min(instruction.max_seconds, _LONGEST_RECORDING)),
        silence_timeout=str(_SILENCE),
        file_format="mp3",
        **login,
    )


def _heard(prompts: Prompts) -> list[Any]:
    bxml = _bxml()
    return [
        bxml.PlayAudio(clean(one.sound_url, _ADDRESS_LIMIT))
        if one.sound_url
        else bxml.SpeakSentence(_speakable(one.text), locale=locale_of(one.language))
        for one in prompts
    ]


def locale_of(language: str) -> str | None:
    """The language as Bandwidth has it: the same, or the same one of another country; None leaves it at English."""
    family, _, country = language.partition("-")
    wanted = f"{family.lower()}_{country.upper()}"
    known = _LOCALES.get(family.lower(), ())
    return next((one for one in known if one == _SAME.get(wanted, wanted)), known[0] if known else None)


def _of_call(url: str, call: CallName | None) -> str:
    """A leg that was just picked up may not say which call it is of."""
    return _with(url, CALL, call.carrier_call_id) if url and call else clean(url, _ADDRESS_LIMIT)


def _with(url: str, name: str, value: str) -> str:
    base = clean(url, _ADDRESS_LIMIT)
    return f"{base}{'&' if '?' in base else '?'}{name}={quote(value, safe='')}" if base else ""


def _speakable(text: str) -> str:
    return clean(text, _SAY_LIMIT).encode()[:_SAY_LIMIT].decode("utf-8", "ignore")


@cache
def _bxml() -> Any:
    """Bandwidth's verbs, loaded when a document is wanted: a door without a number there never pays for it."""
    from bandwidth.models import bxml  # type: ignore[import-untyped]

    return bxml
