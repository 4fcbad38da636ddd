"""What a caller meets next: the flow's turn (pure) as an instruction, with the addresses to report to."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from callspring.carriers import contract
from callspring.carriers.contract import (
    CallSignal,
    Connect,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Prompts,
    Status,
    TakeVoicemail,
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
from callspring.flows.steps import Dial as DialStep
from callspring.flows.steps import Prompt
from callspring.flows.tree import tree
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import Heard

ACCEPT_SECONDS = 8  # for the key that accepts a call


def instruct(door: VoiceDoor, heard: Heard, signal: CallSignal, now: float) -> tuple[Instruction, Texts]:
    """The next instruction for the leg that `signal` asks about, and the texts that the caller is to be sent."""
    if heard.endpoint is Endpoint.WHISPER:
        return _whisper(door, heard, signal), ()
    position = None if signal.status is Status.ASKED else door.seal.read(heard.position_text, heard.call)
    if signal.status is Status.COMPLETED:
        _remember(door, heard, signal, position)
    turn = _turn(door, heard, signal, position, now)
    return _put(door, heard, signal, turn), turn.texts


def rung(heard: Heard, position: Position | None) -> tuple[str, ...]:
    """Who was rung by the dial at `position`."""
    flow = whole(heard.route.flow)
    step = tree(flow).steps.get(position.step) if flow and position else None
    if not isinstance(step, DialStep) or position is None:
        return ()
    found = groups(step, position.first)
    return found[position.attempt] if position.attempt < len(found) else ()


def _turn(door: VoiceDoor, heard: Heard, signal: CallSignal, position: Position | None, now: float) -> Turn:
    flow = whole(heard.route.flow)
    if position is None and signal.status is not Status.ASKED:
        # Without a position of ours the last thing is over all the same, and the caller is told.
        return Turn((), End()) if signal.status in DONE else last_resort(flow)
    facts = _facts(door, heard, signal, now)
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
    )


def _remember(door: VoiceDoor, heard: Heard, signal: CallSignal, position: Position | None) -> None:
    """Who answered this caller, for the next time they call."""
    group = rung(heard, position)
    answered = group[0] if len(group) == 1 else door.memory.who_picked_up(heard.call)
    door.memory.talked(heard.company.id, signal.caller, answered)


def _put(door: VoiceDoor, heard: Heard, signal: CallSignal, turn: Turn) -> Instruction:
    base, prompts = _base(door, heard), _heard_as(door, turn.prompts)
    match turn.act:
        case Ring():
            return _dial(door, heard, signal, turn.act, prompts)
        case Ask():
            return contract.Ask(prompts, turn.act.seconds, f"{base}/next?at={_seal(door, heard, turn.act.position)}")
        case Record():
            return TakeVoicemail(
                prompts=prompts,
                max_seconds=turn.act.seconds,
                result_url=f"{base}/next?at={_seal(door, heard, turn.act.position)}",
                recording_url=f"{base}/recording",
            )
        case End():
            return HangUp(prompts)


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
        whisper_url=f"{base}/whisper?at={at}&to={called}" if ring.whisper is not None else "",
        recording_url=f"{base}/recording" if ring.record else "",
    )


def accepts(door: VoiceDoor, heard: Heard, key: str) -> bool:
    """Whether the key accepts the call that the whisper at this address is about."""
    step = _whispering(door, heard)
    return step is None or not step.accept_key or key == step.accept_key


def _whisper(door: VoiceDoor, heard: Heard, signal: CallSignal) -> Instruction:
    """To whoever picked up: the whisper, and the key."""
    step = _whispering(door, heard)
    if signal.status is Status.KEYED:
        return Connect() if accepts(door, heard, signal.key) else HangUp()
    if step is None or step.whisper is None:
        return Connect()
    prompts = _heard_as(door, (step.whisper,))
    if not step.accept_key:
        return Connect(prompts)
    # The same question again, with the key.
    query = heard.request.url.partition("?")[2]
    return contract.Ask(prompts, ACCEPT_SECONDS, f"{_base(door, heard)}/whisper?{query}")


def _whispering(door: VoiceDoor, heard: Heard) -> DialStep | None:
    """The dial that whispers here. None where that is not known any more: it must not keep the caller waiting."""
    position = door.seal.read(heard.position_text, heard.call)
    flow = whole(heard.route.flow)
    step = tree(flow).steps.get(position.step) if flow and position else None
    return step if isinstance(step, DialStep) else None


def _heard_as(door: VoiceDoor, prompts: tuple[Prompt, ...]) -> Prompts:
    return tuple(
        contract.Prompt(each.text, each.language, f"{door.public_url}/voice/sounds/{each.sound}" if each.sound else "")
        for each in prompts
    )


def _base(door: VoiceDoor, heard: Heard) -> str:
    return f"{door.public_url}/voice/{heard.connection.carrier}/{heard.connection.id}"


def _seal(door: VoiceDoor, heard: Heard, position: Position) -> str:
    return door.seal.write(heard.call, heard.route.flow, position)
