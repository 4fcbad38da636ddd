"""Why a request was turned away: the closed list, each reason counted and shown to the site's owner."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Drop(StrEnum):
    """A reason, as it goes over the wire (`X-Callspring-Reason`) and into counters."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_COMPANY = "unknown_company"
    UNKNOWN_HOST = "unknown_host"
    ORIGIN_MISMATCH = "origin_mismatch"
    BOT = "bot"
    PREFETCH = "prefetch"
    STAFF = "staff"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    DISK_FULL = "disk_full"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_CONNECTION = "unknown_connection"


# For the site's owner, in plain English; the console translates.
DROP_REASONS: Mapping[Drop, str] = MappingProxyType(
    {
        Drop.BAD_REQUEST: "The request could not be read. It was probably not sent by our script.",
        Drop.UNKNOWN_COMPANY: (
            "No company has the key in the script's address. Copy the script again from Settings → Integrations."
        ),
        Drop.UNKNOWN_HOST: (
            "The script ran on a website that is not among the company's allowed hosts. Add the host if it is yours."
        ),
        Drop.ORIGIN_MISMATCH: ("The page said it was on one website while the browser said it was on another."),
        Drop.BOT: ("A program visited, not a person: a search engine's crawler, a monitor or a driven browser."),
        Drop.PREFETCH: "The browser loaded the page in advance, and nobody has looked at it yet.",
        Drop.STAFF: (
            "One of your own people looked at the site, from an address listed under Settings → Staff. "
            "The page kept its own number."
        ),
        Drop.TOO_MANY: (
            "More came from one internet connection within a minute than people send: more than 600 page loads. If a "
            "proxy of your own stands before our server, list it under CALLSPRING_TRUSTED_PROXIES; without that, all "
            "visitors seem to come from it."
        ),
        Drop.TOO_LARGE: "The request was larger than anything our script sends.",
        Drop.DISK_FULL: (
            "The server's disk is full, so the visit could not be recorded. The page kept its own number."
        ),
        Drop.BAD_SIGNATURE: (
            "A message that claimed to be from the carrier was not signed with the connection's secret."
        ),
        Drop.UNKNOWN_CONNECTION: ("A carrier called an address that belongs to no connection of this installation."),
    }
)
