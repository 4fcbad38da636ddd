"""What is wrong with a flow that somebody wants to save, each problem at its step and in a sentence. Pure.

Above all: a flow that can end in silence is refused, and the path that does is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from callspring.flows.hours import minutes
from callspring.flows.steps import (
    KEYS,
    LONGEST_TEXT,
    LONGEST_TEXT_BACK,
    MOST_DEPTH,
    MOST_DESTINATIONS,
    MOST_STEPS,
    WEEKDAYS,
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
    branches,
    every_step,
)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SIP = re.compile(r"sips?:[A-Za-z0-9_.!~*'()&=+$,;?/%-]{1,64}@[A-Za-z0-9.\-\[\]:]{1,190}")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong. `step` is the id of the step it is at, 0 for the flow as a whole."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A way through the flow after which the caller hears nothing: what happens on it, from top to bottom."""

    path: tuple[str, ...]

    @property
    def text(self) -> str:
        """The path as a sentence."""
        way = " → ".join((*self.path, "the call ends in silence")) if self.path else "The call ends in silence at once"
        return f"{way}. Add a voicemail or a message at the end of this path."


def problems(flow: Flow) -> list[Problem]:
    """Everything that is wrong with the flow; it may be published when nothing is."""
    found = list(_size(flow))
    if found:  # too deep or too large to be looked at further
        return found
    steps = list(every_step(flow.steps))
    found += [Problem(step, "Two steps have the same id.") for step, n in Counter(s.id for s in steps).items() if n > 1]
    found += [Problem(step.id, text) for step in steps for text in _wrong(step)]
    found += [Problem(0, silence.text) for silence in silences(flow)]
    return found


def silences(flow: Flow) -> list[Silence]:
    """The ways through the flow that end in silence: one for each reason, not every combination."""
    return [Silence(way.path) for way in _ways(flow.steps, [_Way((), spoken=False)]) if not way.spoken]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to get to a place in the flow. `spoken`: the caller was told something since the last disappointment."""

    path: tuple[str, ...]
    spoken: bool


def _ways(steps: Steps, ways: list[_Way]) -> list[_Way]:
    """The ways that come out at the end of the list. At most one of each kind is followed: that names every reason."""
    for step in steps:
        ways = _one_of_each([out for way in ways for out in _through(step, way)])
    return ways


def _one_of_each(ways: list[_Way]) -> list[_Way]:
    kinds: dict[bool, _Way] = {}
    for way in ways:
        kinds.setdefault(way.spoken, way)
    return list(kinds.values())


def _through(step: Step, way: _Way) -> list[_Way]:
    """The ways out at the end of one step."""
    match step:
        case Say():
            return [_Way(way.path, spoken=True)]
        case Dial():
            return [_Way((*way.path, f"nobody answers ({_named(step)})"), spoken=False)]
        case Voicemail() | HangUp():
            return []
        case TextBack():
            return [way]
    outs = []
    for label, steps, spoken in _turnings(step, way.spoken):
        outs += _ways(steps, [_Way((*way.path, label), spoken)])
    return outs


def _turnings(step: Step, spoken: bool) -> Iterator[tuple[str, Steps, bool]]:
    """Where a branching step can lead: what that is called, the steps there, whether the caller was told something."""
    match step:
        case Menu(keys=keys):
            yield from ((f"the caller presses {key.key}", key.steps, True) for key in keys)
            yield "the caller presses no key", (), False
        case Hours():
            yield "open", step.open, spoken
            yield "closed", step.closed, spoken
        case Split(shares=shares):
            yield from ((f"the {share.percent} % branch", share.steps, spoken) for share in shares)
        case Area(areas=areas):
            yield from ((area.name or " ".join(area.prefixes), area.steps, spoken) for area in areas)
            yield "a caller from elsewhere", (), spoken
        case Match():
            yield step.name or "a caller on the list", step.steps, spoken
            yield "a caller not on the list", (), spoken


def _named(dial: Dial) -> str:
    names = ", ".join(one.to for one in dial.to[:3])
    return names + (" …" if len(dial.to) > 3 else "") or "no destination"


def _size(flow: Flow) -> Iterator[Problem]:
    if not flow.steps:
        yield Problem(0, "The flow is empty: add a step that rings somebody, or a voicemail.")
    elif _depth(flow.steps) > MOST_DEPTH:
        yield Problem(0, f"Steps are nested more than {MOST_DEPTH} deep: make the flow flatter.")
    elif sum(1 for _ in every_step(flow.steps)) > MOST_STEPS:
        yield Problem(0, f"The flow has more than {MOST_STEPS} steps.")


def _depth(steps: Steps) -> int:
    return 1 + max((_depth(below) for step in steps for below in branches(step)), default=0)


def _wrong(step: Step) -> Iterator[str]:
    """What is wrong with one step, not with those below it."""
    return _CHECKS[type(step)](step)


def _say(step: Say) -> Iterator[str]:
    yield from _prompt(step.prompt, "what the caller hears")


def _voicemail(step: Voicemail) -> Iterator[str]:
    yield from _prompt(step.greeting, "the greeting")
    if not 5 <= step.max_seconds <= 600:
        yield "A voicemail lasts from 5 to 600 seconds."


def _text_back(step: TextBack) -> Iterator[str]:
    if not step.text.strip() or len(step.text) > LONGEST_TEXT_BACK:
        yield f"Write the text message, with at most {LONGEST_TEXT_BACK} characters."


def _hang_up(step: HangUp) -> Iterator[str]:
    yield from _prompt(step.message, "the message")


def _prompt(prompt: Prompt, name: str) -> Iterator[str]:
    if not prompt.text.strip() and not prompt.sound:
        yield f"Write {name}, or choose a recording."
    if len(prompt.text) > LONGEST_TEXT:
        yield f"Shorten {name} to at most {LONGEST_TEXT} characters."
    if not _LANGUAGE.fullmatch(prompt.language):
        yield f"{prompt.language!r} is no language: write it as en-US."


def is_destination(text: str) -> bool:
    """Can this be rung: an E.164 number or a SIP address?"""
    return bool(_E164.fullmatch(text) or _SIP.fullmatch(text))


def _dial(dial: Dial) -> Iterator[str]:
    yield from _destinations(dial)
    if dial.order not in ("all", "in_order", "round_robin"):
        yield "Choose whether to ring all at once, in order, or by turns."
    if not 5 <= dial.ring_seconds <= 120:
        yield "Ring for 5 to 120 seconds."
    if dial.accept_key and (dial.accept_key not in KEYS or len(dial.accept_key) != 1):
        yield "The key to accept a call is one of 0–9, * and #."
    if dial.accept_key and dial.whisper is None:
        yield "Say in the whisper which key accepts the call."
    if dial.whisper is not None:
        yield from _prompt(dial.whisper, "the whisper")
    if dial.announcement is not None and dial.announcement.text:
        yield from _prompt(dial.announcement, "the announcement")


def _destinations(dial: Dial) -> Iterator[str]:
    if not 1 <= len(dial.to) <= MOST_DESTINATIONS:
        yield f"Ring from one to {MOST_DESTINATIONS} destinations."
    if len({one.to for one in dial.to}) < len(dial.to):
        yield "A destination is named twice."
    for one in dial.to:
        if not is_destination(one.to):
            yield f"{one.to!r} cannot be rung: write a number with its country code, or a SIP address."
        if not 1 <= one.weight <= 100:
            yield "A weight is a whole number from 1 to 100."


def _menu(menu: Menu) -> Iterator[str]:
    yield from _prompt(menu.prompt, "the menu's question")
    pressed = [key.key for key in menu.keys]
    if not pressed:
        yield "Give the menu at least one key."
    if len(set(pressed)) < len(pressed):
        yield "A key is used twice."
    if any(len(key) != 1 or key not in KEYS for key in pressed):
        yield "A key is one of 0–9, * and #."
    if not 1 <= menu.tries <= 5:
        yield "Ask from one to five times."
    if not 2 <= menu.seconds <= 30:
        yield "Wait for a key from 2 to 30 seconds."


def _hours(hours: Hours) -> Iterator[str]:
    if hours.zone not in _zones():
        yield f"{hours.zone!r} is no time zone."
    if not hours.week:
        yield "Say on which days you are open."
    for opening in hours.week:
        if not opening.days or not set(opening.days) <= set(WEEKDAYS):
            yield "Choose the days of each opening."
        for clock in (opening.start, opening.end):
            try:
                minutes(clock)
            except ValueError as error:
                yield f"{error}."
    for day in hours.holidays:
        if not _is_date(day):
            yield f"{day!r} is no date: write 2026-12-25, or 12-25 for every year."


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_date(day: str) -> bool:
    try:
        date.fromisoformat(day if len(day) == 10 else f"2024-{day}")  # a leap year
    except ValueError:
        return False
    return True


def _split(split: Split) -> Iterator[str]:
    if sum(share.percent for share in split.shares) != 100 or any(share.percent < 0 for share in split.shares):
        yield "The shares have to make up 100 %."


def _areas(area: Area) -> Iterator[str]:
    if not area.areas:
        yield "Name at least one area."
    prefixes = [prefix for one in area.areas for prefix in one.prefixes]
    if any(not one.prefixes for one in area.areas):
        yield "Give each area the beginnings of its numbers."
    if len(set(prefixes)) < len(prefixes):
        yield "Two areas have the same beginning of numbers."
    yield from (f"{one!r} is no beginning of a number: write +1312." for one in prefixes if not _PREFIX.fullmatch(one))


def _match(match: Match) -> Iterator[str]:
    if not match.callers and not match.withheld:
        yield "Name at least one caller."
    if len(match.callers) > 1_000:
        yield "A list has at most 1,000 callers."
    for one in match.callers:
        if not (_E164.fullmatch(one) or (one.endswith("*") and _PREFIX.fullmatch(one[:-1]))):
            yield f"{one!r} is no number: write +13125550142, or +1900* for all that begin so."


_CHECKS: dict[type, Callable[[Any], Iterator[str]]] = {
    Say: _say,
    Dial: _dial,
    Menu: _menu,
    Hours: _hours,
    Split: _split,
    Area: _areas,
    Match: _match,
    Voicemail: _voicemail,
    TextBack: _text_back,
    HangUp: _hang_up,
}
