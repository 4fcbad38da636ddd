"""Is this caller spam, or maybe so? A pure function of what is known of the call; every verdict says why.

The voice door asks it while the phone rings, with what it remembers; the ingester asks it again with what the record
knows. Whoever is only suspected is never turned away: they may be asked to press a key, and reach a voicemail without.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

WITHHELD = "withheld"  # as a pattern: callers who withhold their number
WEAK = frozenset({"C", "failed"})  # attestations (SHAKEN, ATIS-1000074) that vouch for nothing
TRIES = 2  # for the key; then there is the voicemail
KEY = "1"
KEY_SECONDS = 6
ASK = "Please press 1 to be connected."
REFUSED = "This number does not take your call. Goodbye."
MESSAGE = "We did not hear a key. Please leave a message after the beep, and we will call you back."
VOICEMAIL_SECONDS = 120

Reason = dict[str, Any]


class AskWhom(StrEnum):
    """Who has to press a key before anybody is rung."""

    NOBODY = "nobody"
    SUSPICIOUS = "suspicious"
    EVERYBODY = "everybody"


class Blocked(msgspec.Struct, frozen=True, array_like=True):
    """An entry of a block list: E.164, the beginning of such numbers with `*` behind it, or `WITHHELD`.

    With `reject` such a caller hears a sentence and nobody is rung; without, they ring and count as spam.
    """

    pattern: str
    reject: bool = True


class Screening(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a company has set. Repeat dialling: at least `repeat_calls` calls of one caller to at least
    `repeat_numbers` of its numbers within `repeat_minutes`, each talked for less than `short_seconds`; 0 calls is off.

    `weak_attestation`: a caller whose network does not vouch for the number is suspicious.
    """

    blocked: tuple[Blocked, ...] = ()
    ask: str = AskWhom.NOBODY
    weak_attestation: bool = False
    repeat_calls: int = 8
    repeat_numbers: int = 5
    repeat_minutes: int = 20
    short_seconds: int = 10
    words: str = ASK
    language: str = "en-US"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One earlier call of the same caller that is over. `at` in Unix seconds, `talked` in seconds with the business."""

    dialled: str
    at: float
    talked: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a call that came in at `at`: the caller (E.164, "" when withheld), the attestation, "" for none,
    and the caller's earlier calls. `trusted`: a person has said that this caller is no spam."""

    caller: str
    at: float
    attestation: str = ""
    attempts: tuple[Attempt, ...] = ()
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`spam` counts as nothing, and with `reject` rings nobody; `suspicious` only may have to press a key.

    `reasons` have a `kind` (blocked, repeat, attestation) and its figures.
    """

    spam: bool = False
    reject: bool = False
    suspicious: bool = False
    reasons: tuple[Reason, ...] = ()


def verdict(known: Known, screening: Screening) -> Verdict:
    """Judge one call. A block list is people's own word; for the rest a caller whom people trust is innocent."""
    entry = blocked_by(screening, known.caller)
    if entry is not None:
        return Verdict(spam=True, reject=entry.reject, reasons=({"kind": "blocked", "pattern": entry.pattern},))
    if known.trusted:
        return Verdict()
    repeats = _repeats(known, screening)
    weak = _weak(known, screening)
    return Verdict(spam=bool(repeats), suspicious=bool(repeats or weak), reasons=(*repeats, *weak))


def blocked_by(screening: Screening, caller: str) -> Blocked | None:
    """The entry that names this caller; a whole number before the beginning of one, a longer one before a shorter."""
    found = [entry for entry in screening.blocked if _names(entry.pattern, caller)]
    return max(found, key=lambda entry: (not entry.pattern.endswith("*"), len(entry.pattern)), default=None)


def must_press(screening: Screening, found: Verdict) -> bool:
    """Whether this caller has to press the key first."""
    if screening.ask == AskWhom.EVERYBODY:
        return True
    return screening.ask == AskWhom.SUSPICIOUS and (found.suspicious or found.spam)


def within(attempts: Iterable[Attempt], at: float, screening: Screening) -> list[Attempt]:
    """The short calls of the window that ends at `at` (Unix seconds)."""
    since = at - screening.repeat_minutes * 60
    return [one for one in attempts if since <= one.at <= at and one.talked < screening.short_seconds]


def _repeats(known: Known, screening: Screening) -> tuple[Reason, ...]:
    if not known.caller or not screening.repeat_calls:
        return ()
    short = within(known.attempts, known.at, screening)
    numbers = len({one.dialled for one in short})
    if len(short) < screening.repeat_calls or numbers < screening.repeat_numbers:
        return ()
    return ({"kind": "repeat", "calls": len(short), "numbers": numbers, "minutes": screening.repeat_minutes},)


def _weak(known: Known, screening: Screening) -> tuple[Reason, ...]:
    if not screening.weak_attestation or known.attestation not in WEAK:
        return ()
    return ({"kind": "attestation", "level": known.attestation},)


def _names(pattern: str, caller: str) -> bool:
    if not caller or pattern == WITHHELD:
        return not caller and pattern == WITHHELD
    return caller.startswith(pattern[:-1]) if pattern.endswith("*") else caller == pattern
