"""What Vonage's later requests do not say by themselves, kept in the addresses that it is given.

The question after a dial names the two ends of the business's leg and not the call's; the one after a voicemail names
no number at all, and a report of a recording does not say of what. So the addresses of an NCCO carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from callspring.carriers.contract import CallName

CALL, CALLER, DIALLED = "call", "caller", "dialled"
AFTER = "after"  # what a `notify` comes after
KIND = "kind"  # of a recording


def with_call(url: str, call: CallName | None, **more: str) -> str:
    """The address with the call's name and `more` in its query."""
    named = {CALL: call.carrier_call_id, CALLER: call.caller, DIALLED: call.dialled} if call else {}
    return with_query(url, "&".join(f"{name}={quote(value, safe='')}" for name, value in {**named, **more}.items()))


def with_query(url: str, query: str) -> str:
    """The address with more in its query."""
    if not url or not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def query_of(url: str) -> str:
    """What stands behind the question mark."""
    return url.partition("?")[2]


def kept(url: str) -> Mapping[str, str]:
    """The parameters of an address; of a repeated one the first, for ours stand before what Vonage adds."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query_of(url), keep_blank_values=True, max_num_fields=40):
        found.setdefault(name, value)
    return found
