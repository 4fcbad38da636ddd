"""The checker finds each kind of broken promise: a check that cannot fail proves nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.system.acknowledged import Confirmed, Line, Said, Visited
from tests.system.check import complaints
from tests.system.stored import (
    Stored,
    StoredCall,
    StoredEvent,
    StoredPage,
    StoredShow,
    StoredSignal,
    StoredVisit,
)

URL, NUMBER, OTHER = "https://roomy.example/page/1", "+13122000001", "+13122000002"
VISIT = Visited(1.0, 0, "roomy", URL, 1, "p1", NUMBER, "token")
SEEN = Confirmed(1.1, 0, 1, "p1", "seen-1")
SAID = Said(2.0, "sb_1", 0, "call", "caller", "ringing", 1, "dial")
OVER = Said(3.0, "sb_1", 0, "events", "caller", "completed", 5, "")
LINES: list[Line] = [VISIT, SEEN, SAID, OVER]
SHOW = StoredShow("v1", "anna", NUMBER, "roomy", False, True, 1.0, 151.0)
STORED = Stored(
    visits=[StoredVisit("v1", 1, "anna")],
    pages=[StoredPage("p1", "v1", URL)],
    shows=[SHOW],
    events=[StoredEvent("seen-1", "v1", "p1")],
    signals=[StoredSignal("sb_1", "caller", "asked", 1), StoredSignal("sb_1", "caller", "completed", 5)],
    calls=[StoredCall("sb_1", "completed", ["v1"])],
    rejected=[],
)


def replace(item: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(item, **changes)


def test_a_kept_promise_is_no_complaint() -> None:
    assert complaints(LINES, STORED) == []


def test_more_than_was_acknowledged_is_no_complaint() -> None:
    lost = StoredVisit("v2", 2, "bert"), StoredPage("p2", "v2", "https://roomy.example/page/2")
    assert complaints(LINES, replace(STORED, visits=[*STORED.visits, lost[0]], pages=[*STORED.pages, lost[1]])) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"visits": []}, "visit 1 was acknowledged and is not in the record"),
        ({"visits": [*STORED.visits, StoredVisit("v2", 1, "anna")]}, "visit number 1 is in the record 2 times"),
        ({"pages": []}, "page p1 of visit 1 was acknowledged and is not"),
        ({"pages": [*STORED.pages, StoredPage("p2", "v1", URL)]}, f"page {URL} is in the record 2 times"),
        ({"pages": [StoredPage("p1", "v9", URL)]}, "page p1 was acknowledged as"),
        ({"shows": []}, "knows of no lease"),
        ({"shows": [replace(SHOW, confirmed=False)]}, "has only a lease"),
        ({"shows": [SHOW, replace(SHOW, visitor="bert", granted_at=150.0)]}, "was given to bert while anna held it"),
        ({"shows": [replace(SHOW, overflow=True)]}, "the roomy pool overflowed"),
        ({"events": []}, "event seen-1 on page p1 was acknowledged"),
        ({"events": STORED.events * 2}, "event seen-1 is in the record 2 times"),
        ({"signals": STORED.signals[1:]}, "call sb_1: caller asked was acknowledged and is not"),
        ({"signals": STORED.signals * 2}, "is in the record 2 times"),
        ({"calls": []}, "call sb_1 was acknowledged and is not in the record"),
        ({"calls": STORED.calls * 2}, "call sb_1 is in the record 2 times"),
        ({"calls": [StoredCall("sb_1", "ringing", ["v1"])]}, "the record says ringing"),
        ({"calls": [StoredCall("sb_1", "completed", [])]}, "is credited to visits []"),
        ({"calls": [StoredCall("sb_1", "completed", ["v9"])]}, "is credited to visits"),
        ({"calls": [StoredCall("sb_1", "completed", ["v1", "v1"])]}, "is credited to visits"),
        ({"rejected": ["why"]}, "set aside: why"),
    ],
)
def test_a_broken_promise_is_named(changes: dict[str, Any], complaint: str) -> None:
    found = complaints(LINES, replace(STORED, **changes))
    assert [text for text in found if complaint in text], found


def test_another_number_for_the_same_person_is_named() -> None:
    again = replace(VISIT, shown=OTHER)
    stored = replace(STORED, shows=[SHOW, replace(SHOW, number=OTHER)])
    assert complaints([*LINES, again], stored) == [f"person 0 was shown one number after the other: {NUMBER}, {OTHER}"]


def test_a_person_who_becomes_two_visitors_is_named() -> None:
    again = Visited(5.0, 0, "roomy", "https://roomy.example/page/2", 2, "p2", NUMBER, "token")
    stored = replace(
        STORED,
        visits=[*STORED.visits, StoredVisit("v2", 2, "bert")],
        pages=[*STORED.pages, StoredPage("p2", "v2", again.url)],
        shows=[SHOW, replace(SHOW, visit="v2", visitor="bert", granted_at=200.0)],
    )
    assert "person 0 is 2 visitors in the record" in complaints([*LINES, again], stored)
