"""What of a form may be kept: no passwords, no cards, no codes (W6)."""

from __future__ import annotations

import pytest

from callspring.visits.private import is_private


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "x"), ("Your-Password", "x"), ("passwd", "x"), ("pass", "x"), ("card_number", "1"), ("CVV", "123"),
        ("cc-exp", "12/30"), ("iban", "DE1"), ("pin", "1234"), ("csrfmiddlewaretoken", "x"), ("g-recaptcha-token", "x"),
        ("message", "my card is 4111 1111 1111 1111, thanks"), ("note", "4111-1111-1111-1111"),
    ],
)  # fmt: skip
def test_is_private(name: str, value: str) -> None:
    assert is_private(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Dana Reyes"), ("phone", "4111111111111111"), ("email", "dana@example.com"), ("message", "passport?"),
        ("order", "4111 1111 1111 1112"), ("compass", "north"), ("passenger", "2"), ("", ""),
    ],
)  # fmt: skip
def test_may_be_kept(name: str, value: str) -> None:
    assert not is_private(name, value)
