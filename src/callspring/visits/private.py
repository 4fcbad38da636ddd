"""What visitors write into forms and nobody should keep here: passwords, cards, bank accounts, codes (W6). Pure."""

from __future__ import annotations

import re

FORM_EVENT = "form"  # how the site's code names the event that says that a form was sent
PHONE = ("phone", "tel", "telephone", "mobile")
# Names are compared without case and punctuation.
_SECRET = re.compile(
    r"(?<!com)pass(word|wd|code|phrase|wort)?$|password|pwd|secret|token|csrf|captcha|nonce|card|cc(num|number|exp|csc)"
    r"|ccname|cvv|cvc|cvn|csc|iban|bic$|sortcode|routing|account(no|num)|ssn|social(security)|^pin(code)?$|otp"
    r"|security(code|answer)|verification(value|number)|expir|^exp(date|month|year|mm|yy)|taxid|passport|licen[cs]e"
)
# The same in the languages that sites name fields in: passwords, then cards. Marks above letters are punctuation.
_SECRET_ELSEWHERE = re.compile(
    "kennwort|motdepasse|^mdp|contrase(n|ñ)a|^clave$|senha|parola|parool|parol$|пароль|wachtwoord|has(l|ł)o$|heslo|jelszo|jelszó"
    "|salasana|l(o|ö)senord|adgangskode|kodeord|(s|ş)ifre|סיסמ|密码|密碼|パスワード|暗証|비밀번호|รหสผาน|matkhau"
    "|kreditkart|karten(nummer|nr|inhaber|pr)|pr(ue|ü)f(nummer|ziffer)|carte(bancaire|bleue|credit|decredit)|numerocarte"
    "|cryptogramme|tarjeta|cart(a|ao|ão)(di|de)?(credito|crédito)|numero(da)?carta|kaartnummer|номеркарты|卡号|カード番号"
)
_CARD = re.compile(r"(?:\d[ -]?){13,19}|(?:\d{4}[./]){3}\d{1,7}")  # dots and slashes are dates' as well
SHORTEST_IBAN = 15  # characters: Norway's
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])", re.ASCII)
_LETTERS = {letter: str(ord(letter) - 55) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}  # A is 10 (ISO 13616-1)


def is_private(name: str, value: str) -> bool:
    """Whether a form's field is nobody's business: by its name, or because a card's or account's number stands in it.

    A field for phone numbers may have as many digits as a card.
    """
    bare = bare_name(name)
    if _SECRET.search(bare) or _SECRET_ELSEWHERE.search(bare):
        return True
    return bare not in PHONE and (_holds_a_card(value) or _holds_an_account(value))


def bare_name(name: str) -> str:
    """A field's name without case and punctuation: `First-Name` is `firstname`."""
    return re.sub(r"[\W_]", "", name).lower()


def _holds_a_card(value: str) -> bool:
    """Thirteen to nineteen digits that pass the check of payment cards (Luhn, ISO/IEC 7812-1)."""
    return any(_passes("".join(filter(str.isdecimal, found))) for found in _CARD.findall(value))


def _passes(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _holds_an_account(value: str) -> bool:
    """An IBAN whose check digits are right (ISO 13616-1: the remainder by 97 is 1), with words behind it or not."""
    for found in _IBAN.findall(value.upper()):
        words = found.split(" ")
        if any(_remainder("".join(words[: count + 1])) == 1 for count in range(len(words))):
            return True
    return False


def _remainder(iban: str) -> int:
    if len(iban) < SHORTEST_IBAN:
        return 0
    return int("".join(_LETTERS.get(sign, sign) for sign in iban[4:] + iban[:4])) % 97
