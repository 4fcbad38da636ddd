"""Host names as people type them and as sites keep them."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}(?::[0-9]{{1,5}})?", re.ASCII)


def parse_host(text: str) -> str:
    """`host` or `host:port`, lower case, without `www.`, from a host or a whole address; IDNs become punycode.

    Raises `ValueError`: a sentence that says what is wrong.
    """
    shown = text.strip()[:100]
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2].rstrip(".")
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise ValueError(f"“{shown}” is not a host name. Write it like example.com.") from None
    host = host.removeprefix("www.")
    if len(host) > 259 or not _HOST.fullmatch(host):
        raise ValueError(f"“{shown}” is not a host name. Write it like example.com.")
    return host
