"""Where a caller's number is from, against where a visitor is."""

from __future__ import annotations

import pytest

from callspring.calls.area import compare


@pytest.mark.parametrize(
    ("caller", "place", "found"),
    [
        ("+13125550177", ("US", "Illinois", "Chicago"), "city"),
        ("+13125550177", ("US", "Illinois", "Peoria"), "region"),
        ("+13125550177", ("US", "Texas", "Austin"), "other_region"),
        ("+13125550177", ("US", "", ""), "country"),
        ("+13125550177", ("DE", "Land Berlin", "Berlin"), "other_country"),
        ("+12035550177", ("US", "Connecticut", "Hartford"), "region"),
        ("+4930123456", ("DE", "Land Berlin", "Berlin"), "city"),
        ("+4930123456", ("DE", "Bavaria", "Munich"), "country"),
        ("+37120000000", ("LV", "Riga", "Riga"), "country"),
        ("+13125550177", ("", "", ""), ""),
        ("", ("US", "Illinois", "Chicago"), ""),
        ("+18005550199", ("US", "Illinois", "Chicago"), "country"),
        ("sip:anna@example.com", ("US", "Illinois", "Chicago"), ""),
        ("+999", ("US", "Illinois", "Chicago"), ""),
        ("+1" + "9" * 30, ("US", "", ""), ""),
    ],
)
def test_how_the_places_compare(caller: str, place: tuple[str, str, str], found: str) -> None:
    assert compare(caller, *place) == found
