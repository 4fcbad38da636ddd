"""The table of who sends visitors and what their marks prove (`channels.toml`), ready for quick questions.

Ours and not a package's: those that exist call every fbclid paid and gemini.google.com a search engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from callspring.visits.touch import Channel


class Kind(StrEnum):
    """What a site is, as far as sending visitors goes. The values are the table's headings."""

    __hash__ = str.__hash__  # an enum's own is by its name, and slow

    SEARCH = "search"
    AI = "ai"
    SOCIAL = "social"
    VIDEO = "video"
    SHOPPING = "shopping"
    MAIL = "mail"
    ADS = "ads"


class Site(NamedTuple):
    """A site that sends visitors: the name it has as a source, its kind, and its keywords' parameter."""

    name: str
    kind: Kind
    keyword_parameter: str = "q"


class ClickId(NamedTuple):
    """What a click id proves. `also`: names of other sites that use the parameter. `rank`: 0 proves most."""

    source: str
    medium: str
    channel: Channel
    also: frozenset[str]
    rank: int


PAID = "paid"  # what MEDIUMS gives for a medium that says that money was paid, not for which kind of site

# The mediums a visitor gets who comes untagged from a site of that kind, and the channels, unpaid and paid.
UNTAGGED_MEDIUM: Mapping[Kind, str] = {
    Kind.SEARCH: "organic",
    Kind.AI: "ai-assistant",
    Kind.SOCIAL: "social",
    Kind.VIDEO: "video",
    Kind.SHOPPING: "shopping",
    Kind.MAIL: "email",
    Kind.ADS: "display",
}
UNPAID_CHANNEL: Mapping[Kind, Channel] = {
    Kind.SEARCH: Channel.ORGANIC_SEARCH,
    Kind.AI: Channel.AI_ASSISTANT,
    Kind.SOCIAL: Channel.ORGANIC_SOCIAL,
    Kind.VIDEO: Channel.VIDEO,
    Kind.SHOPPING: Channel.SHOPPING,
    Kind.MAIL: Channel.EMAIL,
    Kind.ADS: Channel.DISPLAY,
}
PAID_CHANNEL: Mapping[Kind, Channel] = {
    Kind.SEARCH: Channel.PAID_SEARCH,
    Kind.SOCIAL: Channel.PAID_SOCIAL,
    Kind.VIDEO: Channel.VIDEO,
    Kind.SHOPPING: Channel.SHOPPING,
    Kind.ADS: Channel.DISPLAY,
}

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("channels.toml").read_text(encoding="utf-8"))

# The endings under which a site of many countries has its hosts: .com, .de, .co.uk, .com.au, .ne.jp,
# Catalonia's .cat.
_ENDING = re.compile(r"\.(?:com|cat|[a-z]{2}|(?:com?|ne)\.[a-z]{2})$")


def _patterns() -> Iterator[tuple[str, Site]]:
    for kind in Kind:
        for name, hosts in _TABLE[kind].items():
            site = Site(name, kind, _TABLE["keywords"].get(name, "q"))
            yield from ((pattern, site) for pattern in hosts)


_EXACT = {pattern: site for pattern, site in _patterns() if not pattern.startswith("*.")}
_BELOW = {pattern[2:]: site for pattern, site in _patterns() if pattern.startswith("*.")}
_NAMED = {site.name: site for _, site in reversed(list(_patterns()))}  # the first kind with a name has it

MEDIUMS: Mapping[str, str] = {
    medium: PAID if channel == PAID else Channel(channel)
    for channel, mediums in _TABLE["mediums"].items()
    for medium in mediums
}

CLICK_IDS: Mapping[str, ClickId] = {
    name: ClickId(
        proves["source"],
        proves["medium"],
        Channel(proves["channel"]),
        frozenset(proves.get("also", ())),
        rank,
    )
    for rank, (name, proves) in enumerate(_TABLE["click_ids"].items())
}


@lru_cache(maxsize=4096)
def site_at(host: str) -> Site | None:
    """The site a host (lower case, without port) belongs to. Remembers a bounded number of answers."""
    if host.startswith("www."):
        host = host[4:]
    if host.startswith("webmail."):
        return Site(host, Kind.MAIL)
    any_country = _ENDING.sub(".*", host)
    return _EXACT.get(host) or _EXACT.get(any_country) or _below(host) or _below(any_country)


def host_of(name: str) -> str:
    """A host of the site with this name as a source (`google` is at `google.com`), "" for a name we do not know."""
    site = _NAMED.get(name)
    patterns: list[str] = _TABLE[site.kind][name] if site else []
    hosts = (pattern.removeprefix("*.").replace(".*", ".com") for pattern in patterns)
    return next((host for host in hosts if site_at(host) == site), "")


def _below(host: str) -> Site | None:
    while host:
        if site := _BELOW.get(host):
            return site
        host = host.partition(".")[2]
    return None


@lru_cache(maxsize=1024)
def site_tagged(source: str) -> tuple[str, Site | None]:
    """How a utm_source (lower case) is to be written, and the site it means.

    A host we know is written like the same host as a referrer, so that one site is one source (chatgpt.com
    tags its links with its host); everything else stays as it was tagged.
    """
    if "." in source and (site := site_at(source)):
        return site.name, site
    alias: str = _TABLE["aliases"].get(_dashed(source), source)
    return source, _NAMED.get(alias) or site_at(alias)


@lru_cache(maxsize=1024)
def medium_channel(medium: str) -> str | None:
    """The channel a utm_medium means, `PAID`, or None when it says nothing we know."""
    return MEDIUMS.get(_dashed(medium))


def _dashed(tag: str) -> str:
    return tag.lower().replace("_", "-").replace(" ", "-")
