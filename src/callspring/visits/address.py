"""Read a web address that anybody may have written: quickly, and never failing.

By hand because it runs for every page load: `urllib.parse` takes eight times as long. Nothing here checks
that an address is right; each function takes what it can find and bounds what it gives back.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus

ADDRESS_LIMIT = 8192  # characters of an address that are looked at; browsers and proxies cut at about as many
PATH_LIMIT = 1000
PARAMETER_LIMIT = 30
NAME_LIMIT = 100
SCHEMES = frozenset({"https", "http", "android-app"})  # the last: referrers of Android apps
VALUE_LIMIT = 512  # the longest click ids have about 300

# Control characters, halves of surrogate pairs (no UTF-8), line separators, and marks that turn the reading
# direction.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_HOST = re.compile(r"[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\]").fullmatch


def clean(text: str, limit: int) -> str:
    """`text` without unwanted characters and at most `limit` characters long."""
    text = text[:limit]
    return text if text.isprintable() else _UNWANTED.sub("", text)


def decode(raw: str, limit: int) -> str:
    """One name or value of a query, percent-decoded, cleaned, bounded. What is not UTF-8 becomes U+FFFD."""
    if "%" in raw or "+" in raw:
        # An escaped character of four bytes is twelve characters long.
        raw = unquote_plus(raw[: limit * 12])
    return clean(raw, limit)


def split(address: str) -> tuple[str, str, str]:
    """(host, path, query) of an absolute address; port, user name and fragment are left out.

    The host is in lower case, "" when it has characters no host has. The path begins with "/" and stays
    percent-encoded, as does the query. All three are "" for an address of another scheme than `SCHEMES`.
    """
    scheme, _, rest = address[:ADDRESS_LIMIT].partition("://")
    if scheme not in SCHEMES and scheme.lower() not in SCHEMES:
        return "", "", ""
    if "#" in rest:
        rest = rest[: rest.index("#")]
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    if len(path) >= PATH_LIMIT or not path.isprintable():
        path = clean(path, PATH_LIMIT - 1)
    return _host(authority), "/" + path, query


# Most addresses are the company's own, or some search engine's.
@lru_cache(maxsize=1024)
def _host(authority: str) -> str:
    if "@" in authority:
        authority = authority.rpartition("@")[2]
    if ":" in authority:
        authority = _without_port(authority)
    host = authority.lower().rstrip(".")
    return host if _HOST(host) else ""


def _without_port(authority: str) -> str:
    if authority[0] == "[":
        inside, bracket, _ = authority.partition("]")
        return inside + bracket
    return authority.partition(":")[0]


def parameters(query: str) -> list[tuple[str, str]]:
    """The first `PARAMETER_LIMIT` pairs of a query that have a name, decoded, in the order given."""
    parts = [part.partition("=") for part in query.split("&", PARAMETER_LIMIT)[:PARAMETER_LIMIT]]
    if "%" in query or "+" in query or not query.isprintable():
        pairs = [(decode(name, NAME_LIMIT), decode(value, VALUE_LIMIT)) for name, _, value in parts]
        return [pair for pair in pairs if pair[0]]
    return [(name[:NAME_LIMIT], value[:VALUE_LIMIT]) for name, _, value in parts if name]
