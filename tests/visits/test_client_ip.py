from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.visits import client_ip as module
from callspring.visits.client_ip import Network, Networks, Proxies
from tests.visits.hostile import ANY_TEXT

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("fd00::/8"))


def client_ip(peer: str, header: str, trusted: Sequence[Network]) -> str:
    return Proxies(trusted).client_ip(peer, header)


def public_url(scheme: str, host: str, proto: str, outside: str, peer: str) -> str:
    headers = {"x-forwarded-proto": proto, "x-forwarded-host": outside}
    return Proxies(TRUSTED).public_url(peer, scheme, host, headers)


@pytest.mark.parametrize(
    ("peer", "header", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # nobody we trust wrote that
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the left one the visitor may have invented
        ("10.0.0.1", "198.51.100.1, 10.0.0.7,10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.1", "198.51.100.1, rubbish, 10.0.0.7", "10.0.0.7"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("fd00::1", "2001:DB8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_walk_through_trusted_proxies(peer: str, header: str, expected: str) -> None:
    assert client_ip(peer, header, TRUSTED) == expected


def test_without_trusted_proxies_the_peer_it_is() -> None:
    assert client_ip("10.0.0.1", "198.51.100.1", ()) == "10.0.0.1"


def test_a_chain_of_proxies_ends_somewhere() -> None:
    assert client_ip("10.0.0.1", ",".join(["198.51.100.1", *["10.0.0.2"] * 30]), TRUSTED) == "10.0.0.2"


def test_what_is_remembered_is_bounded_in_number_and_length() -> None:
    module._parse.cache_clear()
    client_ip("fd00::1", "1" * 1_000_000, TRUSTED)
    assert module._parse.cache_info().currsize == 1  # the peer alone
    for i in range(5000):
        client_ip("10.0.0.1", f"2001:db8::{i:x}", TRUSTED)
    assert module._parse.cache_info().currsize == 4096


@given(st.lists(st.ip_addresses().map(str) | st.text(max_size=20), max_size=6), st.ip_addresses().map(str))
def test_only_an_address_that_a_trusted_proxy_vouched_for_is_believed(header: list[str], visitor: str) -> None:
    found = client_ip("10.0.0.1", ", ".join([*header, visitor]), TRUSTED)
    real = getattr(ip_address(visitor), "ipv4_mapped", None) or ip_address(visitor)
    if not any(real in network for network in TRUSTED):
        assert ip_address(found) == real


@given(ANY_TEXT, st.text(max_size=200))
def test_nothing_is_raised(peer: str, header: str) -> None:
    client_ip(peer, header, TRUSTED)
    client_ip("10.0.0.1", peer + header, TRUSTED)
    public_url("http", "h", header, peer, "10.0.0.1")


@pytest.mark.parametrize(
    ("proto", "host", "peer", "expected"),
    [
        ("", "", "10.0.0.1", "http://inner:8001"),
        ("https", "calls.example.com", "10.0.0.1", "https://calls.example.com"),
        ("https", "", "10.0.0.1", "https://inner:8001"),
        ("", "calls.example.com:8443", "10.0.0.1", "http://calls.example.com:8443"),
        ("https, http", "calls.example.com, inner-proxy", "10.0.0.1", "https://calls.example.com"),
        ("https", "calls.example.com", "203.0.113.9", "http://inner:8001"),
        ("javascript", "a/b", "10.0.0.1", "http://inner:8001"),
        ("HTTPS", "user@calls.example.com", "10.0.0.1", "https://inner:8001"),
        ("https", "calls.example.com\r\nX: y", "10.0.0.1", "https://inner:8001"),
        ("https", "[2001:db8::1]:443", "::ffff:10.0.0.1", "https://[2001:db8::1]:443"),
    ],
)
def test_the_address_the_outside_called(proto: str, host: str, peer: str, expected: str) -> None:
    assert public_url("http", "inner:8001", proto, host, peer) == expected


NETWORKS = ("192.0.2.7/32", "198.51.100.0/24", "198.51.100.128/25", "10.0.0.0/8", "2001:db8::/32", "fd00::7/128")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("198.51.100.255", True),
        ("198.51.101.0", False),
        ("::ffff:10.9.9.9", True),
        ("2001:db8:ffff::1", True),
        ("2001:db9::", False),
        ("fd00::7", True),
        ("fd00::8", False),
        ("", False),
        ("10.0.0.1\x00", False),
        ("nobody", False),
    ],
)
def test_whether_an_address_is_in_some_networks(text: str, expected: bool) -> None:
    assert (text in Networks(ip_network(each) for each in NETWORKS)) is expected
    assert text not in Networks(())


@given(
    st.ip_addresses(),
    st.lists(st.ip_addresses().flatmap(lambda a: st.integers(0, a.max_prefixlen).map(lambda n: (a, n)))),
)
def test_networks_say_what_the_standard_library_says(address: Any, ends: list[tuple[Any, int]]) -> None:
    networks = [ip_network(f"{one}/{length}", strict=False) for one, length in ends]
    mapped = getattr(address, "ipv4_mapped", None) or address
    assert (str(address) in Networks(networks)) == any(mapped in network for network in networks)
