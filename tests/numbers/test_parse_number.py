"""Numbers as people type them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.numbers.e164 import kind_of, parse_number


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("(312) 555-0142", "US", "+13125550142"),
        ("1 800 555 0199", "US", "+18005550199"),
        ("312.555.0142", "US", "+13125550142"),
        ("  +1-312-555-0142 ", "DE", "+13125550142"),
        ("030 901820", "DE", "+4930901820"),
        ("020 7946 0018", "GB", "+442079460018"),
    ],
)
def test_usual_ways_of_writing(text: str, country: str, e164: str) -> None:
    assert parse_number(text, country) == e164


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Give a phone number."),
        ("  ", "Give a phone number."),
        ("call me", "“call me” is not a phone number. Write it like +1 312 555 0142."),
        ("+999 123 4567", "“+999 123 4567” begins with a country code that does not exist."),
        ("312 55", "“312 55” has too few digits for a phone number."),
        ("+1 312 555 0142 0142", "“+1 312 555 0142 0142” has too many digits for a phone number."),
        ("555-0199", "“555-0199” lacks the area code."),
        ("312-555-0142 ext. 5", "“312-555-0142 ext. 5” has an extension: give the number without it."),
        ("111 555 0142", "“111 555 0142” is a number that nobody can have. Check its digits."),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        parse_number(text, "US")


@given(st.text(max_size=300))
def test_anything_else_is_a_value_error(text: str) -> None:
    try:
        e164 = parse_number(text, "US")
    except ValueError:
        return
    assert parse_number(e164, "DE") == e164


def test_kinds() -> None:
    assert kind_of("+18005550199") == "toll_free"
    assert kind_of("+13125550142") == "local"
    with pytest.raises(ValueError, match="is not a phone number"):
        kind_of("x")
