"""The verdict on a caller: what makes one spam or suspicious, and what never does."""

from __future__ import annotations

import pytest

from callspring.flows.screening import (
    Attempt,
    Blocked,
    Known,
    Screening,
    blocked_by,
    must_press,
    verdict,
)

DIALLING = Screening(repeat_calls=6, repeat_numbers=4, repeat_minutes=30)
CALLER, AT = "+13125550177", 1_780_000_000.0


def dialling_around(calls: int, numbers: int, talked: float = 0.0, apart: float = 60.0) -> tuple[Attempt, ...]:
    return tuple(Attempt(f"+1773555{place % numbers:04d}", AT - place * apart, talked) for place in range(calls))


@pytest.mark.parametrize(
    ("attempts", "spam"),
    [
        (dialling_around(6, 4), True),
        (dialling_around(5, 5), False),  # too few calls
        (dialling_around(12, 3), False),  # somebody who tries the same numbers again and again
        (dialling_around(6, 4, talked=10), False),  # they talked
        (dialling_around(6, 4, apart=600), False),  # over an hour
    ],
)
def test_many_short_calls_to_many_numbers_in_a_short_time(attempts: tuple[Attempt, ...], spam: bool) -> None:
    found = verdict(Known(CALLER, AT, attempts=attempts), DIALLING)
    assert (found.spam, found.suspicious, found.reject) == (spam, spam, False)
    if spam:
        assert found.reasons == ({"kind": "repeat", "calls": 6, "numbers": 4, "minutes": 30},)


def test_people_and_settings_switch_it_off() -> None:
    attempts = dialling_around(9, 9)
    assert not verdict(Known(CALLER, AT, attempts=attempts, trusted=True), DIALLING).reasons
    assert not verdict(Known(CALLER, AT, attempts=attempts), Screening(repeat_calls=0)).reasons
    assert not verdict(Known("", AT, attempts=attempts), DIALLING).reasons, "withheld callers are nobody"


def test_the_most_exact_entry_decides() -> None:
    blocked = (Blocked("+1*"), Blocked("+1312*", reject=False), Blocked(CALLER), Blocked("withheld", reject=False))
    screening = Screening(blocked=blocked)
    assert verdict(Known(CALLER, AT, trusted=True), screening).reject
    quiet = verdict(Known("+13125550178", AT), screening)
    assert (quiet.spam, quiet.reject) == (True, False)
    assert blocked_by(screening, "+447700900123") is None
    withheld = blocked_by(screening, "")
    assert withheld is not None
    assert withheld.pattern == "withheld"
    assert blocked_by(Screening(blocked=(Blocked("*"),)), "") is None, "nobody's number begins with nothing"


@pytest.mark.parametrize(("level", "weak"), [("A", False), ("B", False), ("C", True), ("failed", True), ("", False)])
def test_a_weak_attestation_is_suspicious_where_that_is_set(level: str, weak: bool) -> None:
    known = Known(CALLER, AT, attestation=level)
    assert not verdict(known, Screening()).suspicious
    found = verdict(known, Screening(weak_attestation=True))
    assert (found.suspicious, found.spam) == (weak, False), "it never makes spam of anybody"


def test_who_has_to_press_a_key() -> None:
    weak = Known(CALLER, AT, attestation="C")
    for ask, expected in (("nobody", False), ("suspicious", True), ("everybody", True)):
        screening = Screening(ask=ask, weak_attestation=True)
        assert must_press(screening, verdict(weak, screening)) is expected
    everybody = Screening(ask="everybody")
    assert must_press(everybody, verdict(Known(CALLER, AT), everybody))
    suspicious = Screening(ask="suspicious")
    assert not must_press(suspicious, verdict(Known(CALLER, AT), suspicious))
