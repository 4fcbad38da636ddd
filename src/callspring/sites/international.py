"""International host names, written as browsers write them (UTS 46, unicode.org/reports/tr46)."""

from __future__ import annotations

import idna


def to_ascii(host: str) -> str:
    """`bücher.example` as `xn--bcher-kva.example`, lower case. Raises `UnicodeError` for what is no name.

    Like browsers: `ß` stays itself, `１２７。０` becomes 127.0, and emoji are taken, which IDNA 2008 alone refuses.
    """
    if host.isascii():
        return host.lower()
    return ".".join(map(_label, idna.uts46_remap(host, std3_rules=False).split(".")))


def _label(text: str) -> str:
    return text if text.isascii() else f"xn--{text.encode('punycode').decode()}"
