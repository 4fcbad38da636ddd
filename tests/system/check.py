"""The checker: what the load process was promised against what the stores hold. Pure.

`complaints` gives one sentence for each broken promise; an empty list means that everything acknowledged is in the
record exactly once and every visitor kept their number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tests.system.acknowledged import Confirmed, Line, Said, Visited
from tests.system.stored import Stored, StoredShow

# Pools on which the number never changes, whatever happens.
FAITHFUL = ("roomy", "static")
CLOCK = 0.001  # seconds that two times may differ by having been stored


def complaints(lines: Sequence[Line], stored: Stored) -> list[str]:
    """Everything that is wrong."""
    visits = [line for line in lines if isinstance(line, Visited)]
    confirmed = [line for line in lines if isinstance(line, Confirmed)]
    said = [line for line in lines if isinstance(line, Said)]
    people = _visitors(visits, stored)
    return [
        *(f"set aside: {text}" for text in stored.rejected),
        *_twice(stored),
        *_missing_visits(visits, stored),
        *_mixed_up_people(people),
        *_changed_numbers(visits),
        *_missing_shows(visits, confirmed, stored),
        *_shared_numbers(stored),
        *_missing_events(confirmed, stored),
        *_missing_signals(said, stored),
        *_wrong_calls(said, people, stored),
    ]


def _twice(stored: Stored) -> Iterator[str]:
    """Nothing is there twice, acknowledged or not: the load gives every page, event and signal a name of its own."""
    yield from _repeated("visit number", (visit.number for visit in stored.visits))
    yield from _repeated("page", (page.url for page in stored.pages))
    yield from _repeated("event", (event.name for event in stored.events))
    yield from _repeated("call", (call.call for call in stored.calls))
    yield from _repeated("signal", ((s.call, s.sequence, s.leg, s.status) for s in stored.signals))


def _repeated(what: str, keys: Iterable[object]) -> Iterator[str]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield f"{what} {key} is in the record {count} times"


def _missing_visits(visits: Sequence[Visited], stored: Stored) -> Iterator[str]:
    numbers = {visit.number: visit.id for visit in stored.visits}
    pages = {page.id: page for page in stored.pages}
    for line in visits:
        page = pages.get(line.page)
        if line.visit not in numbers:
            yield f"visit {line.visit} was acknowledged and is not in the record"
        if page is None:
            yield f"page {line.page} of visit {line.visit} was acknowledged and is not in the record"
        elif (page.visit, page.url) != (numbers.get(line.visit), line.url):
            yield f"page {line.page} was acknowledged as {line.url} of visit {line.visit}; the record has {page}"


def _visitors(visits: Sequence[Visited], stored: Stored) -> dict[int, set[str]]:
    """For each of the load's people, the visitors that the record has for their visits."""
    visitors = {visit.number: visit.visitor for visit in stored.visits}
    people: dict[int, set[str]] = defaultdict(set)
    for line in visits:
        if line.visit in visitors:
            people[line.person].add(visitors[line.visit])
    return people


def _mixed_up_people(people: dict[int, set[str]]) -> Iterator[str]:
    for person, visitors in people.items():
        if len(visitors) > 1:
            yield f"person {person} is {len(visitors)} visitors in the record"
    yield from _repeated("for different people, visitor", (v for visitors in people.values() for v in visitors))


def _changed_numbers(visits: Sequence[Visited]) -> Iterator[str]:
    numbers: dict[int, dict[str, None]] = defaultdict(dict)
    for line in visits:
        if line.pool in FAITHFUL:
            numbers[line.person][line.shown] = None
    for person, seen in numbers.items():
        if len(seen) > 1 or "" in seen:
            yield f"person {person} was shown one number after the other: {', '.join(n or 'none' for n in seen)}"


def _missing_shows(visits: Sequence[Visited], confirmed: Sequence[Confirmed], stored: Stored) -> Iterator[str]:
    ids = {visit.number: visit.id for visit in stored.visits}
    granted: dict[tuple[str, str], bool] = defaultdict(bool)
    for show in stored.shows:
        granted[show.visit, show.number] |= show.confirmed
    seen = {line.page for line in confirmed}
    for line in visits:
        lease = ids.get(line.visit, ""), line.shown
        if line.shown and lease not in granted:
            yield f"visit {line.visit} was given {line.shown}, and the record knows of no lease"
        elif line.shown and not granted[lease] and line.page in seen:
            yield f"visit {line.visit} confirmed {line.shown}, and the record has only a lease"


def _shared_numbers(stored: Stored) -> Iterator[str]:
    """On the roomy pool nobody ever shares (invariant 1), also not with somebody whose answer was lost."""
    latest: dict[str, StoredShow] = {}
    for show in sorted(stored.shows, key=lambda show: show.granted_at):
        if show.scenario != "roomy":
            continue
        if show.overflow:
            yield f"the roomy pool overflowed for visitor {show.visitor}"
        before = latest.get(show.number)
        if before and before.visitor != show.visitor and before.until > show.granted_at + CLOCK:
            yield f"{show.number} was given to {show.visitor} while {before.visitor} held it"
        if before is None or show.until > before.until:
            latest[show.number] = show


def _missing_events(confirmed: Sequence[Confirmed], stored: Stored) -> Iterator[str]:
    pages = {event.name: event.page for event in stored.events}
    for line in confirmed:
        if pages.get(line.name) != line.page:
            yield f"event {line.name} on page {line.page} was acknowledged; the record has {pages.get(line.name)}"


def _missing_signals(said: Sequence[Said], stored: Stored) -> Iterator[str]:
    signals = {(s.call, s.sequence, s.leg, s.status) for s in stored.signals}
    for line in said:
        status = "asked" if line.endpoint == "call" else line.status
        if (line.call, line.sequence, line.leg, status) not in signals:
            yield f"call {line.call}: {line.leg} {status} was acknowledged and is not in the record"


def _wrong_calls(said: Sequence[Said], people: dict[int, set[str]], stored: Stored) -> Iterator[str]:
    """Each call is there, ended as the carrier said, and is credited to the visitor who saw the number."""
    calls = {call.call: call for call in stored.calls}
    visitors = {visit.id: visit.visitor for visit in stored.visits}
    for line in said:
        call = calls.get(line.call)
        if call is None:
            yield f"call {line.call} was acknowledged and is not in the record"
        elif line.leg == "caller" and line.status == "completed" and call.status != "completed":
            yield f"call {line.call} ended; the record says {call.status}"
        elif [{visitors.get(visit)} for visit in call.credited] != [people.get(line.person)]:
            yield f"call {line.call} of person {line.person} is credited to visits {call.credited}"
