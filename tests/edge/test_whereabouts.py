"""Where a visitor is: what is remembered is what would be found, and a hostile header is not remembered."""

from __future__ import annotations

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from callspring.config import assets
from callspring.edge.whereabouts import LONGEST, REMEMBERED, Whereabouts
from callspring.visits.client_ip import Proxies
from callspring.visits.location import Location, Locator

PROXIES = Proxies([ip_network("127.0.0.0/8")])
LOCATOR = Locator(assets() / "geo" / "country.mmdb")
KNOWING = Whereabouts(PROXIES, LOCATOR)
ADDRESSES = st.ip_addresses().map(str) | st.sampled_from(
    ["8.8.8.8", "127.0.0.1", "10.1.2.3", "nobody", "", "8.8.8.8:1"]
)


def test_an_address_behind_a_trusted_proxy_is_located() -> None:
    assert KNOWING.find("127.0.0.1", b"8.8.8.8") == ("8.8.8.8", Location("US"), "8.8.8.8")
    assert KNOWING.find("9.9.9.9", b"8.8.8.8")[0] == "9.9.9.9"


@given(ADDRESSES, st.lists(ADDRESSES, max_size=4).map(", ".join) | st.text(max_size=80))
def test_asking_again_gives_the_same(peer: str, header: str) -> None:
    raw = header.encode()
    ip = PROXIES.client_ip(peer, raw.decode("latin-1"))
    first, second = (KNOWING.find(peer, raw) for _ in range(2))
    assert first == second == (ip, LOCATOR.locate(ip), first[2])


def test_memory_is_bounded_in_number_and_length() -> None:
    whereabouts = Whereabouts(PROXIES, Locator(None))
    long = b"8.8.8.8, " * LONGEST
    for n in range(REMEMBERED + 100):
        whereabouts.find("127.0.0.1", b"8.8.%d.%d" % divmod(n, 256))
        whereabouts.find("127.0.0.1", long + b"%d" % n)
    assert whereabouts._remembered.cache_info().currsize == REMEMBERED
