"""Verbs of the XML that Twilio, SignalWire, Telnyx and Plivo are told in, read as these carriers would."""

from __future__ import annotations

from xml.etree import ElementTree

from callspring.carriers.contract import Dial, Prompt


def prompt(verb: ElementTree.Element) -> Prompt:
    """What is said or played."""
    if verb.tag == "Play":
        return Prompt("", sound_url=verb.text or "")
    return Prompt(verb.text or "", verb.attrib["language"])


def dial(heard: tuple[Prompt, ...], verb: ElementTree.Element) -> Dial:
    """Who is rung, in the words of TwiML and of TeXML."""
    nouns = list(verb)
    assert {noun.tag for noun in nouns} <= {"Number", "Sip"}
    assert verb.attrib["answerOnBridge"] == "true"
    assert {noun.attrib["statusCallbackEvent"] for noun in nouns} == {"initiated ringing answered completed"}
    (events_url,) = {noun.attrib["statusCallback"] for noun in nouns}
    (whisper_url,) = {noun.attrib.get("url", "") for noun in nouns}
    recording_url = verb.attrib.get("recordingStatusCallback", "")
    assert ("record" in verb.attrib) == bool(recording_url)
    return Dial(
        destinations=tuple(noun.text or "" for noun in nouns),
        ring_seconds=int(verb.attrib["timeout"]),
        caller_id=verb.attrib.get("callerId", ""),
        result_url=verb.attrib["action"],
        events_url=events_url,
        prompts=heard,
        whisper_url=whisper_url,
        recording_url=recording_url,
    )
