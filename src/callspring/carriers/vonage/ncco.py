"""Our instructions as NCCOs (call control objects: JSON arrays of actions), made of Vonage's own models.

Sources: developer.vonage.com/en/voice/voice-api/ncco-reference and `vonage_voice.models`, which has the same bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from callspring.carriers.contract import Ask, Dial, HangUp, Instruction, Leg, Prompt, Prompts, Reply, TakeVoicemail
from callspring.carriers.outside import clean, e164
from callspring.carriers.vonage.addresses import AFTER, KIND, query_of, with_call, with_query

_JSON = "application/json"
_POST = "POST"
_SAY_LIMIT = 1_500  # characters
_ADDRESS_LIMIT = 4_000
_SHORTEST_RING, _LONGEST_RING = 5, 600  # seconds
_LONGEST_WAIT_FOR_KEY = 10  # seconds
_SHORTEST_RECORDING, _LONGEST_RECORDING = 3, 7_200  # seconds
_SILENCE = 5  # seconds of it end a recording
_LONGEST_PAUSE = 7_200.0  # seconds; a talk is no longer either
_SIP = re.compile(r"sips?:\+?[\w|:.\-@;,=%&]+", re.ASCII | re.IGNORECASE)
_MARKUP = re.compile(r"\A(\s*)<(?=speak)", re.IGNORECASE)


def reply(instruction: Instruction) -> Reply:
    """The document for one instruction."""
    # The SDK's models are loaded by the first call: a door without Vonage goes without them.
    from vonage_voice.models import NccoAction

    actions: list[NccoAction] = list(_actions(instruction))
    made = [action.model_dump(mode="json", by_alias=True, exclude_none=True) for action in actions]
    return Reply(msgspec.json.encode(made), _JSON)


def _actions(instruction: Instruction) -> Iterator[Any]:
    match instruction:
        case Dial():
            yield from _heard(instruction.prompts)
            yield from _dial(instruction)
        case Ask():
            yield from _ask(instruction)
        case TakeVoicemail():
            yield from _heard(instruction.prompts)
            yield from _record(instruction)
        case HangUp(leg=Leg.BUSINESS):
            yield from _heard(instruction.prompts)
            yield from _wait()
        case _:
            # An NCCO that has come to its end hangs up on the caller, and at `whisper` connects the business.
            yield from _heard(instruction.prompts)


def _dial(instruction: Dial) -> Iterator[Any]:
    from vonage_voice.models import Connect, Record

    endpoint = _endpoint(instruction)
    if endpoint is None:
        # Nothing that can be rung: what comes after the dial comes at once.
        yield from _what_now(instruction.result_url, instruction, "dial")
        return
    if instruction.recording_url:
        address = _address(with_call(instruction.recording_url, None, **{KIND: "call"}))
        yield Record(split="conversation", channels=2, format="mp3", eventUrl=[address], eventMethod=_POST)
    seconds = max(_SHORTEST_RING, min(instruction.ring_seconds, _LONGEST_RING))
    shown = _shown(instruction)
    sender: dict[str, Any] = {"from_": shown} if shown else {"randomFromNumber": True}
    if not instruction.result_url:
        yield Connect(endpoint=[endpoint], timeout=seconds, **sender)
        return
    # One address hears the leg's events and how the dial ended, so it gets what both ask.
    whispers = hasattr(endpoint, "onAnswer") and bool(instruction.whisper_url)
    result = instruction.result_url
    if whispers:
        result = with_query(result, query_of(instruction.events_url))
    told = {"eventType": "synchronous", "eventUrl": [_named(result, instruction)], "eventMethod": _POST}
    yield Connect(endpoint=[endpoint], timeout=seconds, **sender, **told)
    if whispers:
        # Who puts down before they are connected ends the dial, and nothing asks what now.
        yield from _what_now(result, instruction, "dial")


def _endpoint(instruction: Dial) -> Any:
    """The first destination, None when it is nothing that can be rung. There is never a second (`most_at_once`)."""
    from vonage_voice.models import OnAnswer, PhoneEndpoint, SipEndpoint

    destination = instruction.destinations[0] if instruction.destinations else ""
    if _SIP.fullmatch(destination):
        return SipEndpoint(uri=destination)
    number = e164(destination)
    if not number:
        return None
    asked = OnAnswer(url=_named(instruction.whisper_url, instruction)) if instruction.whisper_url else None
    return PhoneEndpoint(number=number[1:], onAnswer=asked)


def _shown(instruction: Dial) -> str:
    """Vonage shows no number but its own, so the business sees the one that was dialled."""
    own = e164(instruction.call.dialled) if instruction.call else ""
    return (own or e164(instruction.caller_id))[1:]


def _ask(instruction: Ask) -> Iterator[Any]:
    from vonage_voice.models import Input
    from vonage_voice.models.input_types import Dtmf

    actions = list(_heard(instruction.prompts))
    for action in _last_of_a_kind(actions):
        action.bargeIn = True
    yield from actions
    keys = Dtmf(timeOut=max(0, min(instruction.seconds, _LONGEST_WAIT_FOR_KEY)), maxDigits=1)
    yield Input(type=["dtmf"], dtmf=keys, eventUrl=[_named(instruction.result_url, instruction)], eventMethod=_POST)


def _last_of_a_kind(actions: list[Any]) -> Iterator[Any]:
    """What a key may interrupt: between that and the `input` nothing of another kind may stand."""
    for action in reversed(actions):
        if type(action) is not type(actions[-1]):
            return
        yield action


def _record(instruction: TakeVoicemail) -> Iterator[Any]:
    from vonage_voice.models import Record

    yield Record(
        format="mp3",
        endOnSilence=_SILENCE,
        endOnKey="#",
        timeOut=max(_SHORTEST_RECORDING, min(instruction.max_seconds, _LONGEST_RECORDING)),
        beepStart=True,
        eventUrl=[_address(with_call(instruction.recording_url, None, **{KIND: "voicemail"}))],
        eventMethod=_POST,
    )
    yield from _what_now(instruction.result_url, instruction, "voicemail")


def _what_now(url: str, instruction: Dial | TakeVoicemail, after: str) -> Iterator[Any]:
    from vonage_voice.models import Notify

    if url:
        address = _address(with_call(url, instruction.call, **{AFTER: after}))
        yield Notify(payload={AFTER: after}, eventUrl=[address], eventMethod=_POST)


def _wait() -> Iterator[Any]:
    """There is no action that ends one leg, and one that has nothing more to do is connected: it waits."""
    from vonage_voice.models import Wait

    yield Wait(timeout=_LONGEST_PAUSE)


def _heard(prompts: Prompts) -> Iterator[Any]:
    from vonage_voice.models import Stream, Talk

    for prompt in prompts:
        if prompt.sound_url:
            yield Stream(streamUrl=[_address(prompt.sound_url)])
        elif text := _speakable(prompt.text):
            yield Talk(text=text, language=_language(prompt))


def _speakable(text: str) -> str:
    """A text that begins as SSML would be obeyed; this one is to be spoken."""
    return _MARKUP.sub(r"\1", clean(text, _SAY_LIMIT))


def _language(prompt: Prompt) -> str | None:
    """One that Vonage speaks: an NCCO with another is refused whole. Of the same language any; else its own default."""
    from vonage_voice.models.enums import TtsLanguageCode

    spoken = [code.value for code in TtsLanguageCode]
    if prompt.language in spoken:
        return prompt.language
    wanted = prompt.language.partition("-")[0].lower()
    return next((code for code in spoken if code.partition("-")[0] == wanted), None)


def _named(url: str, instruction: Dial | Ask) -> str:
    return _address(with_call(url, instruction.call))


def _address(url: str) -> str:
    return clean(url, _ADDRESS_LIMIT)
