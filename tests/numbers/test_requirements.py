"""What countries ask: each that is known can be searched, each thing has its words and is said once."""

from __future__ import annotations

from callspring.console.countries import COUNTRIES
from callspring.console.requirement_words import WORDS
from callspring.numbers.requirements import known, requirements

PLACES = {"address_anywhere", "address_country", "address_area"}


def test_each_is_said_once_and_in_words() -> None:
    assert len(known()) >= 25
    assert known() <= COUNTRIES.keys()
    for country in known():
        found = requirements(country, "local")
        assert found is not None
        every = [*found.asks, *found.may_ask]
        assert len(set(every)) == len(every), country
        assert set(every) <= WORDS.keys()
        assert len(PLACES & set(every)) == bool(every), f"{country} asks for one address, and says where"


def test_of_toll_free_numbers_and_of_unknown_countries_nothing_is_claimed() -> None:
    assert requirements("DE", "toll_free") is None
    assert requirements("XX", "local") is None
    for country in ("US", "CA"):
        found = requirements(country, "toll_free")
        assert found is not None
        assert not found.asks
