"""How many short messages a text is sent as. Pure.

3GPP TS 23.038: 160 characters of its own alphabet, some of which take two places, else 70 of UCS-2 (an emoji takes
two). TS 23.040: what is longer is cut into pieces of 153 or 67, for each carries a header of 6 octets.
"""

from __future__ import annotations

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


def segments(body: str) -> int:
    """The number of segments; an empty text is one."""
    if all(each in _ALPHABET or each in _EXTENSION for each in body):
        return _pieces([2 if each in _EXTENSION else 1 for each in body], 160, 153)
    return _pieces([2 if ord(each) > 0xFFFF else 1 for each in body], 70, 67)


def _pieces(places: list[int], alone: int, piece: int) -> int:
    """A character is never cut in two: what does not fit begins the next piece."""
    if sum(places) <= alone:
        return 1
    count, used = 1, 0
    for width in places:
        if used + width > piece:
            count, used = count + 1, 0
        used += width
    return count
