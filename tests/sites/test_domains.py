"""For which domain cookies are set."""

from __future__ import annotations

import pytest

from callspring.sites.domains import cookie_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.example", "shop.example"),
        ("offers.shop.example:8443", "shop.example"),
        ("a.b.shop.co.uk", "shop.co.uk"),
        ("co.uk", ""),
        ("somebody.github.io", "somebody.github.io"),
        ("github.io", ""),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("127.0.0.1:8002", ""),
        ("192.168.0.1", ""),
        ("localhost", ""),
        ("localhost:3000", ""),
        ("", ""),
    ],
)
def test_the_registrable_part(host: str, domain: str) -> None:
    assert cookie_domain(host) == domain
