"""A call to a tracking number: the voice door is asked, obeyed and told; its silence rings the fallback."""

from __future__ import annotations

import asyncio
import logging
import time

import msgspec

from callspring.carriers.sandbox.call_log import CallLog, Happened
from callspring.carriers.sandbox.inventory import SoldNumber
from callspring.carriers.sandbox.recordings import Recordings
from callspring.demo.business import Business
from callspring.demo.call import CallerLeft, PhoneState, Press, RungPhone, SandboxCall, Stage, new_id
from callspring.demo.door import EventLine, NoInstruction, Timing, VoiceDoor
from callspring.demo.ringing import RING_SECONDS, DirectCall, Ended
from callspring.demo.spellings import pretty
from callspring.demo.tone import voice
from callspring.demo.whispering import reading_seconds, whispered
from callspring.demo.wire import (
    Ask,
    Connect,
    Dial,
    Instruction,
    LegName,
    LegStatus,
    Prompts,
    Record,
    RecordedKind,
    RecordingReport,
    Signal,
    encode,
)

log = logging.getLogger(__name__)
MOST_INSTRUCTIONS = 20  # a flow that goes round in circles must end some time
SHORTEST_RECORDING = 1.0  # seconds; below it nothing was said
# What is recorded is fetched through the carrier's API, by its id; the address names it and leads nowhere (RFC 2606).
RECORDING_URL = "https://sandbox.invalid/recordings/{}.wav"
LAST_WORDS: frozenset[LegStatus] = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})


class RoutedCall(DirectCall):
    """A call that is put through as the voice door of the number's connection says."""

    def __init__(
        self,
        call: SandboxCall,
        business: Business,
        timing: Timing,
        door: VoiceDoor,
        sold: SoldNumber,
        recordings: Recordings,
        call_log: CallLog,
    ) -> None:
        super().__init__(call, business, timing)
        self._call_log = call_log
        self._door, self._sold, self._sequence, self._recordings = door, sold, 0, recordings
        self._caller_events = EventLine(door, sold.addresses.events or sold.account.voice_url + "/events")
        self._business_events: EventLine | None = None
        self._all_events = [self._caller_events]
        self._leg_answered_at = 0.0
        self._dialling: Dial | None = None

    async def go(self) -> None:
        """Run the call to its end, and stay until its events are delivered."""
        try:
            self._end(await self._put_through())
            for events in self._all_events:
                await events.close()
        finally:
            for events in self._all_events:
                events.drop()

    async def _put_through(self) -> Ended:
        self.call.note("caller", f"I dial {pretty(self.call.dialled)}.")
        try:
            return await self._obey()
        except CallerLeft:
            return self._left()

    async def _obey(self) -> Ended:
        ended: Ended = ("failed", "callspring")
        try:
            came_in = self._signal("caller", "ringing")
            self._write_down(came_in, "asked")
            self._caller_leg("ringing")
            instruction = await self._ask(self._sold.account.voice_url + "/call", came_in)
            for _ in range(MOST_INSTRUCTIONS):
                await self._read_out(instruction.say)
                match instruction:
                    case Ask():
                        key = await self._wait_for_key(instruction.seconds)
                        instruction = await self._ask(instruction.result_url, self._keyed(key))
                    case Dial():
                        ended = await self._dial(instruction)
                        instruction = await self._ask(instruction.result_url, self._result(ended))
                    case Record():
                        left = await self._take_voicemail(instruction)
                        ended = "completed", "callspring"
                        instruction = await self._ask(instruction.result_url, left)
                    case _:
                        return ("completed" if instruction.say else ended[0]), ended[1] or "callspring"
        except NoInstruction as problem:
            return await self._fall_back(problem, ended)
        self.call.note("carrier", f"{MOST_INSTRUCTIONS} instructions and no end: I hang up.")
        return ended[0], "carrier"

    async def _ask(self, url: str, signal: Signal) -> Instruction:
        self.call.stage = Stage.ASKING
        self.call.note("carrier", question(signal), encode(signal).decode())
        instruction = await self.call.while_caller_waits(self._door.ask(url, signal))
        self.call.note("callspring", in_words(instruction), encode(instruction).decode())
        return instruction

    async def _dial(self, dial: Dial) -> Ended:
        self._dialling, self._business_events = dial, EventLine(self._door, dial.events_url)
        self._all_events.append(self._business_events)
        began = self._leg_answered_at
        try:
            return await self._ring(dial.to, dial.ring_seconds, dial.caller_id)
        finally:
            if dial.recording_url and self.call.talked and self._leg_answered_at != began:
                await self._keep_talk(dial.recording_url)

    async def _takes(self, phone: RungPhone) -> bool:
        """Whoever picks up hears what is asked at the dial's whisper address, and may have to press a key there."""
        if self._dialling is None or not self._dialling.whisper_url:
            return await super()._takes(phone)
        self._on(phone)
        phone.state = PhoneState.ASKED
        self._business_leg("answered")
        try:
            taken = await whispered(self, self._dialling.whisper_url, phone)
        except NoInstruction as problem:
            self.call.note("carrier", f"Nothing to whisper: {problem}. I connect them.")
            taken = True
        if taken:
            phone.state = PhoneState.TALKING
            self._answered("business")
        return taken

    async def ask(self, url: str, signal: Signal) -> Instruction:
        """Ask the voice door about this call. Raises `NoInstruction`, `CallerLeft`."""
        return await self._ask(url, signal)

    async def pressed(self, seconds: float) -> Press | None:
        """The next button, or None after so many seconds. Raises `CallerLeft`."""
        return await self._pressed(seconds)

    def of_leg(self, status: LegStatus, key: str = "") -> Signal:
        """A signal about the business's leg that stands in question."""
        return msgspec.structs.replace(self._signal("business", status, leg_own=True), key=key)

    async def _keep_talk(self, url: str) -> None:
        """What they said to each other, kept and reported."""
        spoken = max(1, self._talked())
        name = new_id()
        await asyncio.to_thread(self._store, name, spoken)
        self._report(url, name, spoken, "call")

    async def _read_out(self, prompts: Prompts) -> None:
        for prompt in prompts:
            self.call.said = prompt.text
            self._answered("callspring")
            await self.call.while_caller_waits(asyncio.sleep(reading_seconds(prompt.text)))

    async def _wait_for_key(self, seconds: float) -> str:
        """The key the caller presses, "" when none; what is pressed on the business's phone is nothing to us."""
        self.call.stage = Stage.KEYING
        if self.call.keys:
            return self.call.keys.pop(0)
        self._answered("callspring")
        self.call.stage = Stage.KEYING
        press = await self._pressed(seconds)
        return self.call.keys.pop(0) if press is Press.KEY and self.call.keys else ""

    def _keyed(self, key: str) -> Signal:
        self.call.note("caller", f"I press {key}." if key else "I press no key.")
        return msgspec.structs.replace(self._signal("caller", "keyed"), key=key)

    async def _take_voicemail(self, record: Record) -> Signal:
        """Beep, listen; what was said is kept and reported, also when the caller just hangs up."""
        self.call.note("carrier", "Beep.")
        self.call.stage, began = Stage.RECORDING, time.monotonic()
        self.call.forget_presses()
        try:
            await self._listen(record.max_seconds)
        except CallerLeft:
            await self._keep(record, time.monotonic() - began)
            raise
        return await self._keep(record, time.monotonic() - began)

    async def _listen(self, most: float) -> None:
        """Until the caller is done or hangs up; what is pressed on the business's phone is nothing to us."""
        speaks = self.call.speaks
        if self.call.caller_left.is_set():
            raise CallerLeft
        await self._pressed(most if speaks is None else min(speaks, most))

    async def _keep(self, record: Record, seconds: float) -> Signal:
        """Keep what was said and report it; the answer to "the recording is over: what now?"."""
        spoken = round(seconds) if seconds >= SHORTEST_RECORDING else None
        name = new_id()
        if spoken is not None:
            await asyncio.to_thread(self._store, name, spoken)
        self.call.recorded = spoken
        self.call.note("caller", f"I speak for {spoken} seconds." if spoken else "I say nothing.")
        self._report(record.recording_url, name, spoken)
        found = "" if spoken is None else RECORDING_URL.format(name)
        signal = self._signal("caller", "recorded", duration=spoken)
        return msgspec.structs.replace(signal, recording=name if found else "", url=found)

    def _store(self, name: str, seconds: int) -> None:
        self._recordings.keep(self._sold.account.id, name, voice(seconds))

    def _report(self, url: str, name: str, spoken: int | None, kind: RecordedKind = "voicemail") -> None:
        report = RecordingReport(
            recording=name,
            call=self.call.id,
            kind=kind,
            state="absent" if spoken is None else "available",
            url="" if spoken is None else RECORDING_URL.format(name),
            duration=spoken,
            at=round(time.time() - (spoken or 0), 3),
        )
        self.call.note("carrier", f"Recording: {report.state}.", encode(report).decode())
        line = EventLine(self._door, url)
        self._all_events.append(line)
        line.tell(report)

    async def _fall_back(self, problem: NoInstruction, ended: Ended) -> Ended:
        """No instruction: a call that nobody answered yet rings the destination kept at the carrier."""
        self.call.note("carrier", f"No instruction from Callspring: {problem}.")
        if ended[0] == "completed" or not self._sold.fallback:
            return ended if ended[0] == "completed" else ("failed", "carrier")
        self.call.fell_back, self._business_events, self._dialling = True, None, None
        self.call.note("carrier", f"So I ring the number's fallback, {pretty(self._sold.fallback)}.")
        return await self._ring((self._sold.fallback,), RING_SECONDS, self.call.caller)

    def _result(self, ended: Ended) -> Signal:
        """How the dialled leg ended, as the question at `result_url` says it; from and to are the call's."""
        duration = self._talked() if ended[0] == "completed" else None
        return self._signal("business", ended[0], ended[1], duration)

    def _talked(self) -> int:
        return round(time.monotonic() - self._leg_answered_at)

    def _caller_leg(self, status: LegStatus, cause: str = "") -> None:
        duration = (self.call.duration or 0) if status in LAST_WORDS else None
        signal = self._signal("caller", status, cause, duration)
        if status in LAST_WORDS:
            self._write_down(signal, status)
        self._tell(self._caller_events, signal)

    def _business_leg(self, status: LegStatus, cause: str = "") -> None:
        """A leg rung as a fallback has no address for its events: no instruction named one."""
        if status == "answered":
            self._leg_answered_at = time.monotonic()
        duration = self._talked() if status == "completed" else 0 if status in LAST_WORDS else None
        signal = self._signal("business", status, cause, duration, leg_own=True)
        if status == "answered" or status in LAST_WORDS:
            self._write_down(signal, status)
        if self._business_events:
            self._tell(self._business_events, signal)
        else:
            super()._business_leg(status, cause)

    def _write_down(self, signal: Signal, status: str) -> None:
        """In the carrier's own list of calls. That it cannot be kept must cost nobody the call."""
        happened = Happened(
            account=self._sold.account.id,
            call=signal.call,
            leg=signal.leg,
            leg_id=signal.leg_id,
            status=status,
            caller=signal.caller,
            dialled=signal.dialled,
            sequence=signal.sequence,
            at=signal.at,
            duration=signal.duration,
            cause=signal.cause,
        )
        try:
            self._call_log.write(happened)
        except OSError as error:
            log.warning("the sandbox's list of calls cannot be written: %s", error)

    def _tell(self, events: EventLine, signal: Signal) -> None:
        text = f"Event: the {signal.leg}'s leg is {signal.status}."
        self.call.note("carrier", text, encode(signal).decode())
        events.tell(signal)

    def _signal(
        self,
        leg: LegName,
        status: LegStatus,
        cause: str = "",
        duration: int | None = None,
        *,
        leg_own: bool = False,
    ) -> Signal:
        """A signal about a leg; `leg_own` gives it the leg's own from and to in place of the call's."""
        self._sequence += 1
        call = self.call
        return Signal(
            call=call.id,
            leg=leg,
            leg_id=call.id if leg == "caller" or self._phone is None else self._phone.leg_id,
            status=status,
            caller=call.caller_id if leg_own else call.caller,
            dialled=call.destination if leg_own else call.dialled,
            sequence=self._sequence,
            duration=duration,
            at=round(time.time(), 3),
            cause=cause,
        )


def question(signal: Signal) -> str:
    """The carrier's question in plain words."""
    if signal.status == "recorded":
        return "The caller has spoken. What now?" if signal.recording else "The caller has said nothing. What now?"
    if signal.status == "keyed":
        return f"The caller pressed {signal.key}. What now?" if signal.key else "The caller pressed no key. What now?"
    if signal.leg == "caller":
        return f"A call from {pretty(signal.caller)} to {pretty(signal.dialled)} came in. What shall I do?"
    return f"The dialled phone: {signal.status}. What now?"


def in_words(instruction: Instruction) -> str:
    """Callspring's instruction in plain words."""
    said = "".join(f"say “{prompt.text}”, then " for prompt in instruction.say)
    match instruction:
        case Dial():
            rung = " and ".join(map(pretty, instruction.to))
            then = f"ring {rung} for {instruction.ring_seconds} seconds."
        case Ask():
            then = f"wait {instruction.seconds} seconds for a key."
        case Record():
            then = f"beep, and record for {instruction.max_seconds} seconds at most."
        case Connect():
            then = "connect them."
        case _:
            then = "hang up."
    words = said + then
    return words[0].upper() + words[1:]
