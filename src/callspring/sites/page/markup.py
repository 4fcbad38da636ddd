"""HTML cut into tags, texts and comments, in time that grows with its length whatever is in it.

By hand because the standard library's parser takes half a minute for fifty kilobytes of `<a <a <a`, and raises on some
pages. It follows the HTML standard's tokeniser as far as it matters here; source: html.spec.whatwg.org, section 13.2.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

# Their content is text up to their own end tag, without tags in it; `noscript` is such a one where scripts run.
RAW = frozenset({"script", "style", "textarea", "title", "noscript", "iframe", "xmp", "noembed", "noframes"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
MOST_PARTS = 300_000  # a page of 2 MB has a third of that
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_NAME = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)\s*(=?)\s*")
_BARE = re.compile(r"[^\s>]*")


@dataclass(frozen=True, slots=True)
class Start:
    """A start tag. Names are lower case; `content` is what stands in a `RAW` element, which has no `End`."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    content: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """An end tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text, its character references read."""

    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, or what counts as one."""

    text: str


Part = Start | End | Text | Comment


def parts(html: str) -> Iterator[Part]:
    """The parts of a page in their order; `MOST_PARTS` at most. Never fails."""
    at = 0
    for _ in range(MOST_PARTS):
        if at >= len(html):
            return
        part, at = _next(html, at)
        if part is not None:
            yield part


def _next(html: str, at: int) -> tuple[Part | None, int]:
    if html[at] != "<":
        end = _found(html, "<", at)
        return Text(unescape(html[at:end])), end
    tag = _TAG.match(html, at)
    if tag and tag[1]:
        return End(tag[2].lower()), _found(html, ">", tag.end()) + 1
    if tag:
        return _start(html, tag[2].lower(), tag.end())
    if html.startswith("<!--", at):
        end = _found(html, "-->", at + 2)  # <!--> is a whole one
        return Comment(html[at + 4 : end]), end + 3
    if html.startswith(("<!", "<?", "</"), at):
        end = _found(html, ">", at)
        return Comment(html[at + 2 : end]), end + 1
    return Text("<"), at + 1


def _found(html: str, what: str, at: int) -> int:
    """Where it stands; the end of the page when it does not, so that nothing is searched twice."""
    found = html.find(what, at)
    return len(html) if found < 0 else found


def _start(html: str, name: str, at: int) -> tuple[Part | None, int]:
    attributes: dict[str, str] = {}
    while found := _NAME.match(html, at):
        at = found.end()
        value = ""
        if found[2]:
            value, at = _value(html, at)
        attributes.setdefault(found[1].lower(), unescape(value))
    end = html.find(">", at)
    if end < 0:  # browsers drop a tag that is never closed
        return None, len(html)
    content, end = _content(html, name, end + 1) if name in RAW else ("", end + 1)
    return Start(name, attributes, content), end


def _value(html: str, at: int) -> tuple[str, int]:
    quote = html[at : at + 1]
    if quote in ('"', "'"):
        end = _found(html, quote, at + 1)
        return html[at + 1 : end], end + 1
    found = _BARE.match(html, at)
    return (found[0], found.end()) if found else ("", at)


def _content(html: str, name: str, at: int) -> tuple[str, int]:
    """What stands in a raw element, and where the page goes on behind its end tag."""
    found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, at)
    if not found:
        return html[at:], len(html)
    return html[at : found.start()], _found(html, ">", found.end()) + 1
