"""What a call flow is made of: a small typed tree of steps, run from top to bottom.

A step that settles nothing lets the call go on to the one below it: a dial that nobody answered, a menu in which
nobody pressed a key, a branch whose own steps are through. `Voicemail` and `HangUp` end the call. Every step has an
`id`, unique in its flow and kept when the flow is edited: a call under way is found again by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

import msgspec

MOST_STEPS = 200
MOST_DEPTH = 8
LONGEST_TEXT = 1_000  # characters
LONGEST_TEXT_BACK = 480  # characters: three messages at most
MOST_DESTINATIONS = 10  # what the carriers ring at once
KEYS = "0123456789*#"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

APOLOGY = "Sorry, nobody can take your call right now. Please try again in a little while."
GREETING = "Sorry, nobody can take your call right now. Please leave a message after the beep."
NOT_IN_SERVICE = "Sorry, this number is not in service."

Id = Annotated[int, msgspec.Meta(ge=1, le=9_999)]
Steps = tuple["Step", ...]


class Prompt(msgspec.Struct, frozen=True):
    """What is heard: `text`, spoken in `language` (a BCP 47 tag), or in its place the `sound` (id of a sound file).

    The text of a sound is what it says, for people, and what is spoken where the sound is gone.
    """

    text: str
    language: str = "en-US"
    sound: str = ""


class Destination(msgspec.Struct, frozen=True):
    """Somebody who can be rung: `to` is E.164 or a SIP address. `weight` is their share of a round robin."""

    to: str
    weight: int = 1


class Say(msgspec.Struct, frozen=True, tag="say"):
    """The caller hears something."""

    id: Id
    prompt: Prompt


class Dial(msgspec.Struct, frozen=True, tag="dial"):
    """Ring the destinations for `ring_seconds`; the call goes on below when nobody answers.

    `order`: `all` at once, `in_order` one after the other, `round_robin` likewise, but beginning with the one whose
    turn it is by weight. With `sticky` a caller who was answered before rings that destination first.
    `whisper` is what the destination hears before it is connected; with `accept_key` it has to press that key.
    With `record` the talk is recorded, after the caller has heard the `announcement`, if there is one.
    """

    id: Id
    to: tuple[Destination, ...]
    order: str = "all"
    ring_seconds: int = 25
    sticky: bool = False
    whisper: Prompt | None = None
    accept_key: str = ""
    record: bool = False
    announcement: Prompt | None = None


class MenuKey(msgspec.Struct, frozen=True):
    """What happens when `key` is pressed."""

    key: str
    steps: Steps = ()


class Menu(msgspec.Struct, frozen=True, tag="menu"):
    """Ask for a key, `tries` times, `seconds` long each. Without one of the keys the call goes on below."""

    id: Id
    prompt: Prompt
    keys: tuple[MenuKey, ...]
    tries: int = 2
    seconds: int = 6


class Opening(msgspec.Struct, frozen=True):
    """Open on `days` (of `WEEKDAYS`) from `start` up to `end`, `HH:MM` on the clock of the place; `24:00` is midnight.

    An `end` that is not after `start` is on the day after.
    """

    days: tuple[str, ...]
    start: str
    end: str


class Hours(msgspec.Struct, frozen=True, tag="hours"):
    """By the clock in `zone` (IANA): `open` steps or `closed` ones. `holidays`: `YYYY-MM-DD`, or `MM-DD` every year."""

    id: Id
    zone: str
    week: tuple[Opening, ...]
    holidays: tuple[str, ...] = ()
    open: Steps = ()
    closed: Steps = ()


class Share(msgspec.Struct, frozen=True):
    """`percent` of the calls take these steps."""

    percent: int
    steps: Steps = ()


class Split(msgspec.Struct, frozen=True, tag="split"):
    """Calls are divided by percentage; the shares make up 100."""

    id: Id
    shares: tuple[Share, ...]


class AreaBranch(msgspec.Struct, frozen=True):
    """Callers whose number begins with one of `prefixes` (`+1312`, `+44`) take these steps; the longest prefix wins."""

    prefixes: tuple[str, ...]
    steps: Steps = ()
    name: str = ""


class Area(msgspec.Struct, frozen=True, tag="area"):
    """By where the caller's number is from; callers from nowhere named go on below."""

    id: Id
    areas: tuple[AreaBranch, ...]


class Match(msgspec.Struct, frozen=True, tag="match"):
    """Callers on the list (E.164 numbers, or beginnings of them with `*` at the end) and, if so, those who withhold
    their number take `steps`; everybody else goes on below. A block list is one whose steps hang up.
    """

    id: Id
    callers: tuple[str, ...]
    withheld: bool = False
    steps: Steps = ()
    name: str = ""


class Voicemail(msgspec.Struct, frozen=True, tag="voicemail"):
    """Say the greeting, beep, record for at most `max_seconds`; then the call is over."""

    id: Id
    greeting: Prompt = Prompt(GREETING)
    max_seconds: int = 120


class TextBack(msgspec.Struct, frozen=True, tag="text_back"):
    """Send the caller a text message, from the number they dialled, if nobody talked with them."""

    id: Id
    text: str


class HangUp(msgspec.Struct, frozen=True, tag="hang_up"):
    """Say the message, then end the call."""

    id: Id
    message: Prompt = Prompt(APOLOGY)


Step = Say | Dial | Menu | Hours | Split | Area | Match | Voicemail | TextBack | HangUp


class Flow(msgspec.Struct, frozen=True, tag="flow"):
    """A call flow: its steps from top to bottom. `version` counts its publications."""

    steps: Steps
    version: int = 0


def branches(step: Step) -> tuple[Steps, ...]:
    """The lists of steps within a step, in the order people see them."""
    match step:
        case Menu(keys=keys):
            return tuple(key.steps for key in keys)
        case Hours():
            return (step.open, step.closed)
        case Split(shares=shares):
            return tuple(share.steps for share in shares)
        case Area(areas=areas):
            return tuple(area.steps for area in areas)
        case Match():
            return (step.steps,)
    return ()


def every_step(steps: Steps) -> Iterator[Step]:
    """All steps of a list and of what hangs below them, from top to bottom."""
    for step in steps:
        yield step
        for below in branches(step):
            yield from every_step(below)


@lru_cache(maxsize=10_000)
def forwarding(destination: str, ring_seconds: int = 25, words: str = "", voicemail_seconds: int = 0) -> Flow:
    """The flow most numbers have: ring one destination; then a voicemail where it has seconds, else a sentence.

    `words` is the greeting or the sentence.
    """
    last: Step = HangUp(2, Prompt(words or APOLOGY))
    if voicemail_seconds:
        last = Voicemail(2, Prompt(words or GREETING), voicemail_seconds)
    return Flow((Dial(1, (Destination(destination),), ring_seconds=ring_seconds), last))


def destinations(flow: Flow | None) -> tuple[str, ...]:
    """Everybody a flow can ring, each once, from top to bottom."""
    steps = every_step(flow.steps) if flow else ()
    found = (one.to for step in steps if isinstance(step, Dial) for one in step.to)
    return tuple(dict.fromkeys(found))
