"""Finds our script on a page, wherever it stands, and the tag managers that may bring it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from callspring.sites.page.markup import Comment, Part, Start

# As `snippet/src/script.ts` reads its own address; keys begin with ck_ (`accounts.actions.create_company`).
_ADDRESS = re.compile(r"([^?#]*)/cs/(ck_[\w-]{1,60})(?:/(\w{1,64}))?\.js(?:[?#].*)?", re.ASCII | re.DOTALL)
_IN_CODE = re.compile(r"((?:https?:)?//[^\s\"'<>\\?#]{1,300}?)/cs/(ck_[\w-]{1,60})(?:/(\w{1,64}))?\.js", re.ASCII)
_RUNS = frozenset(
    {"", "module", "text/javascript", "application/javascript", "text/ecmascript", "application/ecmascript"}
)
_MOST = 20
_MOST_CONTAINERS = 3
_MOST_CODE = 500_000  # characters of one script that are looked through


class Where(StrEnum):
    """How our script is there. Only the first three run by themselves."""

    TAG = "tag"
    CODE = "code"
    CONTAINER = "container"
    WAITS = "waits"  # a consent tool starts it
    COMMENT = "comment"
    NOSCRIPT = "noscript"


RUNNING = frozenset({Where.TAG, Where.CODE, Where.CONTAINER})


@dataclass(frozen=True, slots=True)
class Snippet:
    """One copy of our script. `base` is what stands before `/cs/KEY`: there it asks for numbers.

    `version` is the one that the page names; "" where it takes the newest.
    """

    key: str
    base: str
    where: Where
    holds_up: bool = False  # the page waits for it
    nonce: str = ""
    integrity: str = ""
    container: str = ""
    version: str = ""

    @property
    def url(self) -> str:
        """Where it is loaded from."""
        version = f"/{self.version}" if self.version else ""
        return f"{self.base}/cs/{self.key}{version}.js"


@dataclass(frozen=True, slots=True)
class Container:
    """What a tag manager loads: its name for people, and its address."""

    name: str
    url: str


_MANAGERS = {
    "Tealium": re.compile(r"//tags\.tiqcdn\.com/utag/[\w./-]{1,200}/utag\.js"),
    "Adobe Launch": re.compile(r"//assets\.adobedtm\.com/[\w./-]{1,200}\.js"),
    "Matomo": re.compile(r"//[\w.:-]{1,250}/(?:[\w.-]{1,80}/){0,4}container_\w{1,20}\.js"),
    "Piwik PRO": re.compile(r"//[\w-]{1,63}\.containers\.piwik\.pro/[\w-]{1,60}\.js"),
}
_GTM_ID = re.compile(r"GTM-[A-Z0-9]{4,12}(?![A-Z0-9])")
_GTM_FILE = re.compile(r"((?:https?:)?//[\w.:-]{1,250}/(?:[\w.-]{1,80}/){0,4}gtm\.js)\?id=", re.ASCII)
_GTM = "https://www.googletagmanager.com/gtm.js"


def snippets(page: Iterable[Part], url: str) -> list[Snippet]:
    """All copies of our script on the page at `url`, whoever's key they carry; a few are enough."""
    found: list[Snippet] = []
    base = url
    for part in page:
        if isinstance(part, Start) and part.name == "base" and base == url:
            base = _joined(url, part.attributes.get("href", "")) or url
        found += _of(part, base)
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def in_container(code: str, container: Container) -> list[Snippet]:
    """Our script in what a tag manager loads."""
    return [
        Snippet(key, base, Where.CONTAINER, container=container.name, version=version)
        for base, key, version in _in_code(code, container.url)
    ]  # fmt: skip


def containers(page: Iterable[Part], url: str) -> list[Container]:
    """The tag managers on a page, as far as they can be recognised and looked into."""
    found: dict[Container, None] = {}
    for part in page:
        if isinstance(part, Start) and part.name == "script":
            code = _plain(part.attributes.get("src", "") + "\n" + part.content)
            for each in _containers(code, url):
                found[each] = None
        if len(found) >= _MOST_CONTAINERS:
            break
    return list(found)[:_MOST_CONTAINERS]


def read_address(url: str) -> tuple[str, str]:
    """Base and key of our script's address; ("", "") for another one."""
    found = _ADDRESS.fullmatch(url)
    return (found[1], found[2]) if found else ("", "")


def _of(part: Part, base: str) -> Iterator[Snippet]:
    if isinstance(part, Comment):
        yield from (Snippet(key, at, Where.COMMENT) for at, key, _ in _in_code(part.text, base))
    elif isinstance(part, Start) and part.name == "noscript":
        yield from (Snippet(key, at, Where.NOSCRIPT) for at, key, _ in _in_code(part.content, base))
    elif isinstance(part, Start) and part.name == "script":
        yield from _of_script(part, base)


def _of_script(tag: Start, base: str) -> Iterator[Snippet]:
    said = tag.attributes
    runs = said.get("type", "").partition(";")[0].strip().lower() in _RUNS
    for name, value in said.items():
        found = _ADDRESS.fullmatch(_joined(base, value)) if "/cs/ck_" in value else None
        if found:
            waits = name != "src" or not runs
            holds_up = not {"async", "defer"} & said.keys() and said.get("type") != "module"
            where = Where.WAITS if waits else Where.TAG
            nonce, integrity = said.get("nonce", ""), said.get("integrity", "")
            version = found[3] or ""
            yield Snippet(found[2], found[1], where, not waits and holds_up, nonce, integrity, version=version)
            return
    for at, key, version in _in_code(tag.content, base):
        yield Snippet(key, at, Where.CODE if runs else Where.WAITS, version=version)


def _in_code(code: str, base: str) -> Iterator[tuple[str, str, str]]:
    """Base, key and version of each address of ours in a text, once each."""
    if "ck_" not in code:
        return
    every = ((_joined(base, found[1]), found[2], found[3] or "") for found in _IN_CODE.finditer(_plain(code)))
    yield from dict.fromkeys(each for each in every if each[0])


def _containers(code: str, url: str) -> Iterator[Container]:
    file = _GTM_FILE.search(code)
    if file or "googletagmanager.com" in code:
        origin = _joined(url, file[1]) if file else _GTM
        for name in dict.fromkeys(_GTM_ID.findall(code)):
            yield Container(f"Google Tag Manager ({name})", f"{origin or _GTM}?id={name}")
    for name, form in _MANAGERS.items():
        for found in form.finditer(code):
            yield Container(name, _joined(url, found[0]))


def _plain(code: str) -> str:
    """Addresses as they are, where a script has them in a string with escapes."""
    code = code[:_MOST_CODE].replace("\\/", "/")
    return re.sub(r"\\(?:u00|x)2[fF]", "/", code)


def _joined(base: str, address: str) -> str:
    """An http(s) address in full; "" for another one, or one that nobody can read."""
    try:
        joined = urljoin(base, address.strip())
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1)
    except ValueError:
        return ""
    return joined if usable else ""
