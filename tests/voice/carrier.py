"""A carrier at the voice door in the middle of one call, and what the door tells it, in words all carriers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx

from tests.doors import SECRET, House, e164

CALLER = "+17735550177"
PUBLIC = "https://calls.example.com"
STATUSES = ("completed", "busy", "no-answer", "canceled", "failed")


@dataclass
class Told:
    """An instruction in words all carriers share: `do` is dial, ask, record, connect, hang_up or nothing.

    `to` and `text` are all destinations and all that is heard, with a space between.
    """

    status: int
    reason: str
    do: str = "nothing"
    to: str = ""
    text: str = ""
    result_url: str = ""
    events_url: str = ""
    caller_id: str = ""
    recording_url: str = ""
    whisper_url: str = ""
    seconds: int = 0


@dataclass
class Carrier:
    """A carrier in the middle of one call. `signed_as` is the address it believes it calls."""

    house: House
    dialled: str = e164(201)
    caller: str = CALLER
    secret: str = SECRET
    connection: int = 0
    signed_as: str = PUBLIC
    headers: dict[str, str] = field(default_factory=dict)
    name = ""
    # Its words: that a leg is answered, what a caller is called ("" where it does not say), and a leg's two ends.
    answered, caller_name, ends = "answered", "name", ("from", "to")
    # Whether it says that a dialled leg rings, and whether it lets us ask the business for a key.
    rings, lets_us_ask = True, True
    # After which ends of a dial the caller is told nothing, and whether a dial's events have an address of their own.
    hears_events_apart, quiet = True, frozenset({"completed"})
    # How many it rings at once, whether it shows the business who calls, whether its signature covers the address, and
    # whether it names a recording already when the caller has spoken.
    most_at_once, shows_callers, address_is_signed, announces_recordings = 10, True, True, True
    # The business's leg, where the end of a dial that nobody took does not name it.
    leg_id = ""
    # False where it signs nothing and only brings credentials.
    body_is_signed = True
    header = ""  # in which the signature is; "" for x-NAME-signature

    def as_sent(self, number: str) -> str:
        """How it writes an E.164 number."""
        return number

    async def ask(self) -> Told:
        """A call came in: what now?"""
        return await self.post(f"/voice/{self.name}/{self.connection}/call", self.question())

    async def dialled_ended(self, status: str, result_url: str) -> Told:
        """The dial ended: what now?"""
        split = urlsplit(result_url)
        return await self.post(f"{split.path}?{split.query}", self.result(status))

    async def recording_over(self, result_url: str) -> Told:
        """The caller has spoken after the beep: what now?"""
        split = urlsplit(result_url)
        return await self.post(f"{split.path}?{split.query}", self.spoken())

    async def pressed(self, key: str, url: str) -> Told:
        """The caller pressed a key, "" for none: what now?"""
        split = urlsplit(url)
        return await self.post(f"{split.path}?{split.query}", self.keyed(key))

    async def business(self, url: str, key: str | None = None) -> Told:
        """Somebody picked up, or pressed a key there: what do they hear?"""
        split = urlsplit(url)
        said = self.picked_up() if key is None else self.accepted(key)
        return await self.post(f"{split.path}?{split.query}", said)

    async def leg(self, status: str, url: str, **changes: Any) -> Told:
        """An event of the business's leg, at the address that the dial named."""
        split = urlsplit(url)
        return await self.post(split.path + (f"?{split.query}" if split.query else ""), self.said(status, **changes))

    async def report(self, endpoint: str, fields: dict[str, Any]) -> Told:
        """Something about a recording or a text."""
        return await self.post(f"/voice/{self.name}/{self.connection}/{endpoint}", fields)

    async def talk_recorded(self) -> Told:
        """What they talked can be fetched. As a voicemail, at an address that does not say it is of one."""
        return await Carrier.report(self, "recording", self.recording())

    async def event(self, status: str, **changes: Any) -> Told:
        """The business's leg changed its state."""
        return await self.post(f"/voice/{self.name}/{self.connection}/events", self.said(status, **changes))

    def question(self) -> dict[str, Any]:
        raise NotImplementedError

    def result(self, status: str) -> dict[str, Any]:
        raise NotImplementedError

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        raise NotImplementedError

    def over(self) -> dict[str, Any]:
        """The caller's own leg has ended, 52 seconds long."""
        raise NotImplementedError

    def spoken(self) -> dict[str, Any]:
        raise NotImplementedError

    def picked_up(self) -> dict[str, Any]:
        raise NotImplementedError

    def keyed(self, key: str) -> dict[str, Any]:
        raise NotImplementedError

    def accepted(self, key: str) -> dict[str, Any]:
        raise NotImplementedError

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        raise NotImplementedError

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        raise NotImplementedError

    def text_event(self, state: str) -> dict[str, Any]:
        raise NotImplementedError

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        raise NotImplementedError


class MarkupCarrier(Carrier):
    """A carrier that is told what to do in XML."""

    SPOKEN = frozenset({"Say", "Speak", "SpeakSentence", "Play", "PlayAudio"})

    def _read(self, reply: httpx.Response) -> Told:
        told = Told(reply.status_code, reply.headers.get("x-callspring-reason", ""))
        if not reply.content:
            return told
        verbs = list(ElementTree.fromstring(reply.content))
        told.text = " ".join(verb.text or "" for verb in verbs if verb.tag in self.SPOKEN)
        for verb in verbs:
            self._obey(verb, told)
        return told

    def _obey(self, verb: ElementTree.Element, told: Told) -> None:
        """Do what one verb says: write it into `told`."""
        raise NotImplementedError
