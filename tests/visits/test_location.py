from __future__ import annotations

from pathlib import Path

import maxminddb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.visits import location as module
from callspring.visits.location import NAME_LIMIT, NOWHERE, Location, Locator, location
from tests.visits.hostile import ANY_TEXT

FILES = Path(__file__).parents[2] / "node_modules/@ip-location-db/geo-whois-asn-country-mmdb"
COUNTRIES = Locator(FILES / "geo-whois-asn-country.mmdb")


@pytest.mark.parametrize(
    ("ip", "country"),
    [("8.8.8.8", "US"), ("81.2.69.142", "GB"), ("2001:4860:4860::8888", "US"), ("::ffff:8.8.8.8", "US")],
)
def test_the_country_file(ip: str, country: str) -> None:
    assert COUNTRIES.locate(ip) == Location(country)


@pytest.mark.parametrize(
    "ip",
    [
        *["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.0.1", "0.0.0.0", "::ffff:192.168.1.1"],
        *["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"],
    ],
)
def test_private_addresses_are_nowhere(ip: str) -> None:
    assert COUNTRIES.locate(ip) == NOWHERE == Location("", "", "")


@pytest.mark.parametrize(
    "ip",
    [
        *["", "x", ":", "8.8.8", "134744072", "010.8.8.8", "999.1.1.1", "٨.8.8.8", "\ud800"],
        *["8.8.8.8 ", "8.8.8.8\n", "8.8.8.8\x00", "8.8.8.8:80", "[2001:4860:4860::8888]"],
        *["1" * 100_000, ":" * 100_000],
    ],
)
def test_what_is_no_address_is_nowhere(ip: str) -> None:
    assert COUNTRIES.locate(ip) == NOWHERE


@given(ANY_TEXT | st.text("0123456789.:abcdef%[]", max_size=50))
def test_no_text_raises(ip: str) -> None:
    assert isinstance(COUNTRIES.locate(ip), Location)


@given(st.ip_addresses())
def test_no_address_raises(ip: object) -> None:
    assert len(COUNTRIES.locate(str(ip)).country) in {0, 2}


def test_the_file_is_not_asked_for_private_addresses() -> None:
    # A file may name the company's own network; nobody else's private address is there.
    assert [module._public(ip) for ip in ("10.1.2.3", "172.31.0.1", "fc00::1", "::1")] == [None] * 4
    assert module._public("172.32.0.1") == "172.32.0.1"
    assert str(module._public("2001:4860:4860::8888")) == "2001:4860:4860::8888"


def test_a_file_for_ipv4_knows_nothing_of_ipv6() -> None:
    four = Locator(FILES / "geo-whois-asn-country-ipv4.mmdb")
    assert four.locate("8.8.8.8") == Location("US")
    assert four.locate("2001:4860:4860::8888") == NOWHERE


def test_without_a_file_everything_is_nowhere() -> None:
    assert Locator(None).locate("8.8.8.8") == NOWHERE


def test_a_wrong_file_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Locator(tmp_path / "none.mmdb")
    (tmp_path / "text.mmdb").write_text("not a location file")
    with pytest.raises(maxminddb.InvalidDatabaseError):
        Locator(tmp_path / "text.mmdb")


def test_maxminds_nested_city_layout() -> None:
    record = {
        "city": {"geoname_id": 2643743, "names": {"de": "London", "en": "London", "ru": "Лондон"}},
        "country": {"iso_code": "GB", "names": {"en": "United Kingdom"}},
        "registered_country": {"iso_code": "US"},
        "subdivisions": [
            {"iso_code": "ENG", "names": {"en": "England"}},
            {"iso_code": "WSM", "names": {"en": "Westminster"}},
        ],
    }
    assert location(record) == Location("GB", "England", "London")


def test_the_nested_layout_with_parts_missing() -> None:
    assert location({"registered_country": {"iso_code": "FR"}}) == Location("FR")
    assert location({"country": {"iso_code": "DE"}, "subdivisions": [], "city": {"names": {}}}) == Location("DE")


def test_dbips_flat_city_layout() -> None:
    record = {
        "city": "Mountain View",
        "country_code": "US",
        "latitude": 37.4,
        "longitude": -122.1,
        "state1": "California",
        "state2": "Santa Clara",
    }
    assert location(record) == Location("US", "California", "Mountain View")


def test_the_layout_of_countries_alone() -> None:
    assert location({"country_code": "us"}) == Location("US")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["city", "country", "country_code", "state1", "subdivisions", "names", "en", "iso_code"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_records_of_any_layout_are_bounded(record: object) -> None:
    found = location(record)
    assert len(found.country) in {0, 2}
    assert len(found.region) <= NAME_LIMIT
    assert len(found.city) <= NAME_LIMIT
