"""What a caller meets next: the flow's turn (pure) as an instruction, with the addresses to report to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from callspring.carriers import contract
from callspring.carriers.contract import (
    CallName,
    CallSignal,
    Connect,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Prompts,
    Status,
    TakeVoicemail,
    most_at_once_of,
)
from callspring.flows.dialling import groups
from callspring.flows.evaluation import (
    DONE,
    Ask,
    End,
    Facts,
    Position,
    Record,
    Ring,
    Texts,
    Turn,
    last_resort,
    next_turn,
    owed_texts,
)
from callspring.flows.flow import whole
from callspring.flows.steps import APOLOGY, GREETING, Prompt
from callspring.flows.steps import Dial as DialStep
from callspring.flows.tree import tree
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import Heard
from callspring.voice.screening import GATE, at_gate, stopped

ACCEPT_SECONDS = 8  # for the key that accepts a call


def instruct(door: VoiceDoor, heard: Heard, signal: CallSignal, now: float) -> tuple[Instruction, Texts]:
    """The next instruction for the leg that `signal` asks about, and the texts that the caller is to be sent."""
    if heard.endpoint is Endpoint.WHISPER:
        return _whisper(door, heard, signal), ()
    if signal.unsure and door.memory.who_picked_up(heard.call):
        signal = replace(signal, status=Status.COMPLETED)
    position = None if signal.status is Status.ASKED else door.seal.read(heard.position_text, heard.call)
    if signal.status is Status.COMPLETED:
        _remember(door, heard, signal, position)
    turn = _turn(door, heard, signal, position, now)
    return _put(door, heard, signal, turn), turn.texts


def is_report(heard: Heard, signal: CallSignal) -> bool:
    """Whether this came to `next` and asks nothing: some carriers have one address for a dial's events and its end."""
    told = heard.endpoint is Endpoint.NEXT and signal.leg is Leg.BUSINESS and not signal.wants_instruction
    return told and signal.status in (Status.RINGING, Status.ANSWERED, Status.COMPLETED)


def note(door: VoiceDoor, heard: Heard, signal: CallSignal) -> None:
    """What such a report is remembered for: who talked with the caller."""
    talked = not heard.is_screened or signal.accepted or door.memory.who_picked_up(heard.call)
    if signal.status is Status.COMPLETED and talked:
        _remember(door, heard, signal, door.seal.read(heard.position_text, heard.call))


def rung(heard: Heard, position: Position | None) -> tuple[str, ...]:
    """Who was rung by the dial at `position`."""
    flow = whole(heard.route.flow)
    step = tree(flow).steps.get(position.step) if flow and position else None
    if not isinstance(step, DialStep) or position is None:
        return ()
    found = groups(step, position.first, most_at_once_of(heard.carrier))
    return found[position.attempt] if position.attempt < len(found) else ()


def _turn(door: VoiceDoor, heard: Heard, signal: CallSignal, position: Position | None, now: float) -> Turn:
    flow = whole(heard.route.flow)
    if signal.status is Status.ASKED and (stop := stopped(door, heard, signal, now)) is not None:
        return stop
    if position is None and signal.status is not Status.ASKED:
        # Without a position of ours the last thing is over all the same, and the caller is told.
        return Turn((), End()) if signal.status in DONE else last_resort(flow)
    facts = _facts(door, heard, signal, now)
    if position is not None and position.step == GATE and signal.status not in DONE:
        facts = replace(facts, turn=door.memory.turn(heard.route.number))
        return at_gate(heard, signal, position, facts)
    ended = None if signal.status in (Status.ASKED, Status.KEYED) else signal.status
    if position is not None and not signal.wants_instruction:  # the caller has hung up
        return Turn((), End(), owed_texts(flow, position, ended, facts))
    return next_turn(flow, position, ended, facts, signal.key)


def _facts(door: VoiceDoor, heard: Heard, signal: CallSignal, now: float) -> Facts:
    return Facts(
        now=datetime.fromtimestamp(now, UTC),
        caller=signal.caller,
        call=heard.call,
        turn=door.memory.turn(heard.route.number) if signal.status is Status.ASKED else 0,
        answered_before=door.memory.answered_before(heard.company.id, signal.caller),
        at_once=most_at_once_of(heard.carrier),
    )


def _remember(door: VoiceDoor, heard: Heard, signal: CallSignal, position: Position | None) -> None:
    """Who answered this caller, for the next time they call."""
    group = rung(heard, position)
    answered = group[0] if len(group) == 1 else door.memory.who_picked_up(heard.call)
    door.memory.talked(heard.company.id, signal.caller, answered)


def _put(door: VoiceDoor, heard: Heard, signal: CallSignal, turn: Turn) -> Instruction:
    base, prompts, call = _base(door, heard), _heard_as(door, turn.prompts), _named(signal)
    match turn.act:
        case Ring():
            return _dial(door, heard, signal, turn.act, prompts)
        case Ask():
            at = _seal(door, heard, turn.act.position)
            return contract.Ask(prompts, turn.act.seconds, f"{base}/next?at={at}", call=call)
        case Record():
            return TakeVoicemail(
                prompts=_or(prompts, turn, GREETING),
                max_seconds=turn.act.seconds,
                result_url=f"{base}/next?at={_seal(door, heard, turn.act.position)}",
                recording_url=f"{base}/recording",
                call=call,
            )
        case End():
            return HangUp(_or(prompts, turn, APOLOGY))


def _dial(door: VoiceDoor, heard: Heard, signal: CallSignal, ring: Ring, prompts: Prompts) -> Dial:
    base, at = _base(door, heard), _seal(door, heard, ring.position)
    called = quote(signal.dialled, safe="")
    return Dial(
        destinations=ring.destinations,
        ring_seconds=ring.seconds,
        caller_id=signal.caller or signal.dialled,
        result_url=f"{base}/next?at={at}",
        # Who has picked up and must press a key first is not talking yet: `spooling` reads it from the address.
        events_url=f"{base}/events?screened=1" if ring.accept_key else f"{base}/events",
        prompts=prompts,
        whisper_url=f"{base}/whisper?at={at}&dialled={called}" if ring.whisper is not None else "",
        recording_url=f"{base}/recording" if ring.record else "",
        accept_key=ring.accept_key,
        call=_named(signal),
    )


def _named(signal: CallSignal) -> CallName:
    return CallName(signal.carrier_call_id, signal.caller, signal.dialled)


def accepts(door: VoiceDoor, heard: Heard, key: str) -> bool:
    """Whether the key accepts the call that the whisper at this address is about."""
    step = _whispering(door, heard)
    return step is None or not step.accept_key or key == step.accept_key


def _whisper(door: VoiceDoor, heard: Heard, signal: CallSignal) -> Instruction:
    """To whoever picked up: the whisper, and the key."""
    step = _whispering(door, heard)
    if signal.status is Status.KEYED:
        return Connect() if accepts(door, heard, signal.key) else HangUp(leg=Leg.BUSINESS)
    if step is None or step.whisper is None:
        return Connect()
    prompts = _heard_as(door, (step.whisper,))
    if not step.accept_key:
        return Connect(prompts)
    # The same question again, with the key.
    query = heard.request.url.partition("?")[2]
    return contract.Ask(prompts, ACCEPT_SECONDS, f"{_base(door, heard)}/whisper?{query}", Leg.BUSINESS)


def _whispering(door: VoiceDoor, heard: Heard) -> DialStep | None:
    """The dial that whispers here. None where that is not known any more: it must not keep the caller waiting."""
    position = door.seal.read(heard.position_text, heard.call)
    flow = whole(heard.route.flow)
    step = tree(flow).steps.get(position.step) if flow and position else None
    return step if isinstance(step, DialStep) else None


def _heard_as(door: VoiceDoor, prompts: tuple[Prompt, ...]) -> Prompts:
    """What is heard: in place of a sound whose file is gone its text, where it has one."""
    heard = (_prompt(door, each) for each in prompts)
    return tuple(each for each in heard if each.sound_url or each.text.strip())


def _or(prompts: Prompts, turn: Turn, otherwise: str) -> Prompts:
    """Where all that was to be heard is gone, a sentence of ours."""
    if prompts or not turn.prompts:
        return prompts
    return (contract.Prompt(otherwise, turn.prompts[0].language),)


def _prompt(door: VoiceDoor, prompt: Prompt) -> contract.Prompt:
    played = prompt.sound if prompt.sound and (door.sounds / prompt.sound).is_file() else ""
    address = f"{door.public_url}/voice/sounds/{played}" if played else ""
    return contract.Prompt(prompt.text, prompt.language, address)


def _base(door: VoiceDoor, heard: Heard) -> str:
    return f"{door.public_url}/voice/{heard.connection.carrier}/{heard.connection.id}"


def _seal(door: VoiceDoor, heard: Heard, position: Position) -> str:
    return door.seal.write(heard.call, heard.route.flow, position)
