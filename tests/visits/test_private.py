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
        ("note", "4111.1111.1111.1111"), ("note", "٤١١١١١١١١١١١١١١١"), ("security_code", "123"), ("cvn", "123"),
        ("exp_month", "12"), ("verification-value", "123"), ("mot_de_passe", "x"), ("Contraseña", "x"), ("senha", "x"),
        ("пароль", "x"), ("hasło", "x"), ("şifre", "x"), ("รหัสผ่าน", "x"), ("Kartennummer", "1"), ("Prüfziffer", "1"),
        ("tarjeta_num", "1"), ("numero_carte", "1"), ("カード番号", "1"), ("konto", "NO93 8601 1117 947"),
        ("message", "from DE89 3704 0044 0532 0130 00 please, and soon"),
        ("message", "to DE89 3704 0044 0532 0130 00, please"), ("note", "gb82west12345698765432"),
    ],
)  # fmt: skip
def test_is_private(name: str, value: str) -> None:
    assert is_private(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Dana Reyes"), ("phone", "4111111111111111"), ("email", "dana@example.com"), ("message", "passport?"),
        ("order", "4111 1111 1111 1112"), ("compass", "north"), ("passenger", "2"), ("", ""),
        ("note", "DE88 3704 0044 0532 0130 00"), ("express", "yes"), ("explain", "why"), ("carte_des_vins", "red"),
        ("message", "Flight AB12 from London to Chicago on Friday"), ("scarf", "blue"), ("parolen", "x"),
        ("stay", "01/02/2026-03/02/2038"),
    ],
)  # fmt: skip
def test_may_be_kept(name: str, value: str) -> None:
    assert not is_private(name, value)
