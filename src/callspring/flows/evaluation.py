"""What a caller meets next: a pure function from (flow, position, how the last thing ended, facts) to a turn.

A turn is what the caller hears and one thing to do after it. No flow can end in silence, however it was put together
and whatever the carrier reports: who reaches its end without having been told anything hears an apology.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from callspring.carriers.contract import MOST_AT_ONCE, Status
from callspring.flows.dialling import groups, who_is_first
from callspring.flows.hours import is_open
from callspring.flows.steps import (
    APOLOGY,
    GREETING,
    NOT_IN_SERVICE,
    Area,
    Dial,
    Flow,
    HangUp,
    Hours,
    Match,
    Menu,
    Prompt,
    Say,
    Split,
    Step,
    Steps,
    TextBack,
    Voicemail,
    every_step,
)
from callspring.flows.tree import Tree, tree

# They talked, or the caller had their say: nothing is owed to them any more.
DONE = frozenset({Status.COMPLETED, Status.ANSWERED, Status.RECORDED})
# Text messages to the caller: the step each comes from, and what it says.
Texts = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a call stands: the `step` that it waits for, the `attempt` it has made there, and who was `first` rung."""

    step: int
    attempt: int = 0
    first: int = -1


@dataclass(frozen=True, slots=True)
class Facts:
    """What a flow looks at. `now` has a time zone; `caller` is E.164, "" when withheld; `call` is our id of the call.

    `turn` counts the calls of a round robin; `answered_before` is the destination that talked with this caller last;
    `at_once` is how many destinations the carrier can ring at the same time.
    """

    now: datetime
    caller: str
    call: str
    turn: int = 0
    answered_before: str = ""
    at_once: int = MOST_AT_ONCE


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring everybody of `destinations` for `seconds`; then ask at `position`."""

    destinations: tuple[str, ...]
    seconds: int
    position: Position
    whisper: Prompt | None = None
    accept_key: str = ""
    record: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Wait `seconds` for one key, while and after what is heard; then ask at `position`."""

    seconds: int
    position: Position


@dataclass(frozen=True, slots=True)
class Record:
    """Beep, record the caller for at most `seconds`; then ask at `position`."""

    seconds: int
    position: Position


@dataclass(frozen=True, slots=True)
class End:
    """Hang up."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The caller hears `prompts`, then the door does `act`. `texts` are to be sent to the caller, each once."""

    prompts: tuple[Prompt, ...]
    act: Ring | Ask | Record | End
    texts: Texts = ()


def next_turn(flow: Flow | None, position: Position | None, ended: Status | None, facts: Facts, keys: str = "") -> Turn:
    """The caller's next turn.

    `position` is None when the call just came in. `ended` is how the last act ended: a dial's status, `RECORDED` after
    a recording, None after a menu, whose pressed key is `keys` ("" when none was).
    """
    if position is not None and ended in DONE:  # also where the number has lost its flow meanwhile
        return Turn((), End())
    if flow is None:
        return Turn((Prompt(NOT_IN_SERVICE),), End())
    return _Walk(tree(flow), facts).go(position, keys)


def last_resort(flow: Flow | None) -> Turn:
    """Where a call stands is not known, and the last thing has failed: what the flow has at its very end for that."""
    for step in reversed(tuple(every_step(flow.steps)) if flow else ()):
        match step:
            case Voicemail():
                return Turn((_audible(step.greeting, GREETING),), Record(step.max_seconds, Position(step.id)))
            case HangUp():
                return Turn((_audible(step.message, APOLOGY),), End())
    return Turn((Prompt(APOLOGY),), End())


def owed_texts(flow: Flow | None, position: Position, ended: Status | None, facts: Facts) -> Texts:
    """The caller has hung up at `position`: what they would have been sent, had nobody answered after it either."""
    texts: list[tuple[int, str]] = []
    at: Position | None = position
    for _ in range(len(tree(flow).steps) * 12 if flow else 0):
        turn = next_turn(flow, at, ended, facts)
        texts += turn.texts
        if isinstance(turn.act, End | Record):
            break
        at, ended = turn.act.position, Status.NO_ANSWER
    return tuple(texts)


@dataclass(slots=True)
class _Walk:
    """One walk down a flow, from where the call stands to the next act."""

    tree: Tree
    facts: Facts
    heard: list[Prompt] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)

    def go(self, position: Position | None, keys: str) -> Turn:
        step = self.tree.steps.get(position.step) if position else None
        if position is None or step is None:  # a step that was deleted meanwhile: the caller begins anew
            return self._down(self.tree.start())
        match step:
            case Dial():
                return self._ring_on(step, position)
            case Menu():
                return self._pressed(step, position, keys)
        return self._down(self.tree.after(step.id))

    def _down(self, at: int) -> Turn:
        """From step to step; each stands below the one before, so this ends."""
        while at:
            found = self._meet(self.tree.steps[at])
            if isinstance(found, Turn):
                return found
            at = found
        return self._end(())

    def _meet(self, step: Step) -> Turn | int:
        """The turn that a step makes, or the id of the step to go on with."""
        match step:
            case Dial():
                return self._ring(step, who_is_first(step, self.facts.turn, self.facts.answered_before))
            case Menu():
                return self._ask(step, 0)
            case Voicemail():
                self.heard.append(_audible(step.greeting, GREETING))
                return self._turn(Record(step.max_seconds, Position(step.id)))
            case HangUp():
                return self._end((step.message,))
            case Say():
                self.heard.append(step.prompt)
            case TextBack():
                self.texts.append((step.id, step.text))
            case _:
                return self.tree.first(taken(step, self.facts), self.tree.after(step.id))
        return self.tree.after(step.id)

    def _ring(self, dial: Dial, first: int) -> Turn:
        if not dial.to:
            return self._down(self.tree.after(dial.id))
        if dial.record and dial.announcement is not None and dial.announcement.text:
            self.heard.append(dial.announcement)
        return self._ring_group(dial, Position(dial.id, 0, first))

    def _ring_on(self, dial: Dial, position: Position) -> Turn:
        """Nobody answered: whoever comes next in this dial, else what stands below it."""
        following = Position(dial.id, position.attempt + 1, position.first)
        if following.attempt < len(groups(dial, position.first, self.facts.at_once)):
            return self._ring_group(dial, following)
        return self._down(self.tree.after(dial.id))

    def _ring_group(self, dial: Dial, position: Position) -> Turn:
        group = groups(dial, position.first, self.facts.at_once)[position.attempt]
        return self._turn(Ring(group, dial.ring_seconds, position, dial.whisper, dial.accept_key, dial.record))

    def _ask(self, menu: Menu, attempt: int) -> Turn:
        self.heard.append(menu.prompt)
        return self._turn(Ask(menu.seconds, Position(menu.id, attempt)))

    def _pressed(self, menu: Menu, position: Position, keys: str) -> Turn:
        for key in menu.keys:
            if key.key == keys:
                return self._down(self.tree.first(key.steps, self.tree.after(menu.id)))
        if position.attempt + 1 < menu.tries:
            return self._ask(menu, position.attempt + 1)
        return self._down(self.tree.after(menu.id))

    def _turn(self, act: Ring | Ask | Record | End) -> Turn:
        return Turn(tuple(self.heard), act, tuple(self.texts))

    def _end(self, last: Sequence[Prompt]) -> Turn:
        self.heard += last
        if not any(prompt.text.strip() or prompt.sound for prompt in self.heard):
            self.heard.append(Prompt(APOLOGY))
        return self._turn(End())


_NOWHERE: Steps = ()


def taken(step: Step, facts: Facts) -> Steps:
    """The steps that a branching step leads this call to; none when it goes on below."""
    match step:
        case Hours():
            return step.open if is_open(step, facts.now) else step.closed
        case Split():
            return _share(step, facts.call)
        case Area():
            return _area(step, facts.caller)
        case Match():
            return step.steps if matches(step, facts.caller) else ()
    return ()


def matches(step: Match, caller: str) -> bool:
    """Is the caller one of those the step names?"""
    if not caller:
        return step.withheld
    return any(caller.startswith(one[:-1]) if one.endswith("*") else caller == one for one in step.callers)


def _share(step: Split, call: str) -> Steps:
    """The same call always takes the same share, whichever door asks."""
    drawn = int.from_bytes(blake2b(f"{step.id} {call}".encode(), digest_size=8).digest()) % 100
    for share in step.shares:
        drawn -= share.percent
        if drawn < 0:
            return share.steps
    return ()


def _area(step: Area, caller: str) -> Steps:
    best, steps = 0, _NOWHERE
    for area in step.areas:
        for prefix in area.prefixes:
            if len(prefix) > best and caller.startswith(prefix):
                best, steps = len(prefix), area.steps
    return steps


def _audible(prompt: Prompt, otherwise: str) -> Prompt:
    """A sentence that nobody wrote must not become silence."""
    return prompt if prompt.text.strip() or prompt.sound else Prompt(otherwise, prompt.language)
