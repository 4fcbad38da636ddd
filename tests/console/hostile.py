"""Text that wants to be more than text, and how to see that a page, a file or a mail shows it as text.

`HOSTILE` are the texts. Each stands where somebody wrote it together with a mark (`marked`) that tells it from all
others. Whatever they manage to make is called evil: an element `cs-evil`, an attribute `evil`, a function `evil()`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

MARKUP = {
    "tag": "</p></main><script>evil()</script><cs-evil evil=1>",
    "picture": "<img src=/evil onerror=evil()><svg onload=evil()>",
    "double": '" onmouseover="evil()" autofocus onfocus="evil()" evil="',
    "single": "' onmouseover='evil()' style='x:y' evil='",
    "bare": " onfocus=evil() evil=1 ",
    "end": "</title></textarea></script></style></select><cs-evil>--><cs-evil>",
    "escaped": "&lt;script&gt;evil()&lt;/script&gt;&#60;cs-evil&#62;&quot;",
    "address": "javascript:evil()",
    "template": "{{ 7|add:7 }}{{ settings.SECRET_KEY }}{% debug %}{# gone #}",
    "format": "%(label)s %s %(who)n {0.__class__} ${7*7} #{7*7}",
}
HOSTILE = {
    **MARKUP,
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "newline": "\n=1+1",
    "wide": "＝1+1",
    "quoted": 'a","=1+1",";=1+1\t=1+1',
    "header": "one\r\nBcc: evil@example.com\r\nX-Evil: 1\r\n\r\n<cs-evil>",
    "folded": "one\n Bcc: evil@example.com\x0b\x0cTo: evil@example.com\x85\u2028Cc: evil@example.com",
    "nuls": "a\x00b\x1b[31m\x07\x7f",
    "direction": "\u202egnp.exe\u2066\u200f",
    "surrogates": "\ud83d \udc00",
    "sql": "'; DROP TABLE calls_call; -- \" OR 1=1 \\",
    "emoji": "👩\u200d🔧 Zoë 株式会社 ﷽ İ",
    "long": "long " * 2_000,
}
MARK = re.compile(r"zq-[a-z]+-[a-z]+-zq")
RUNS_IN_SHEETS = tuple("=+-@\t\r\n＝＋－＠")
PHONE = re.compile(r"\+[0-9]{3,15}")
# What turns the direction of writing, and the controls: nobody sees them, and they move or hide what is seen.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def mark(place: str, name: str) -> str:
    """The mark of the text `name` where it was written (both in letters only)."""
    return f"zq-{place}-{name}-zq"


def marked(place: str, name: str, kept: int = 10_000) -> str:
    """The whole text with its mark behind it, or in front where only `kept` characters will be kept."""
    text, its_mark = HOSTILE[name], mark(place, name)
    fits = len(text) + 1 + len(its_mark) <= kept
    return f"{text} {its_mark}" if fits else f"{its_mark} {text}"


def fitting(place: str, name: str, limit: int) -> str:
    """The same, as much of it as a field takes."""
    return marked(place, name, limit)[:limit]


def single(text: str) -> str:
    """Text as a person reads it on a page: all white space is one space."""
    return " ".join(text.split())


@dataclass
class Page(HTMLParser):
    """An HTML page as a browser reads it. `problems`: what no template of ours makes; `text`: what can be read."""

    html: str
    mail: bool = False
    problems: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._program = ""
        self.feed(self.html)
        self.close()

    @property
    def text(self) -> str:
        """What stands on it, and in its attributes, in one line."""
        return single(" ".join(self.said))

    @property
    def unseen(self) -> list[str]:
        """Characters on it that nobody sees, with what stands around them."""
        return [self.html[max(0, found.start() - 80) : found.end() + 40] for found in UNSEEN.finditer(self.html)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        told = dict(attrs)
        self._program = tag if tag in ("script", "style") and told.get("type") != "application/json" else ""
        new_tabs = self.mail and tag == "base" and told == {"target": "_blank"}
        if (tag in ("cs-evil", "iframe", "object", "embed", "base") and not new_tabs) or len(told) != len(attrs):
            self.problems.append(f"<{tag} {told}>")
        if tag == "script" and self._program and not (told.get("src") or "").startswith("/static/"):
            self.problems.append(f"<script {told}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        self.said += [value or "" for _, value in attrs]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without a content."""
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        """Text, or a program."""
        if self._program and "evil" in data:
            self.problems.append(f"a {self._program} says {data}")
        self.said.append(data)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        ours = re.fullmatch(r"[a-z][a-z0-9:_-]*", name, re.ASCII) and "evil" not in name
        inline = name.startswith("on") or (name == "style" and not self.mail)
        if not ours or inline:
            self.problems.append(f"<{tag} {name}={value!r}>")
        if name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-push-url", "xlink:href"):
            self._address(tag, name, value)

    def _address(self, tag: str, name: str, value: str) -> None:
        """Links lead to the web, to us, or to a telephone; only links lead away at all."""
        scheme = urlsplit(value).scheme
        leads_away = tag == "a" and scheme in ("http", "https", "mailto", "tel")
        if scheme and not leads_away and not value.startswith(("http://testserver", "http://127.0.0.1")):
            self.problems.append(f"<{tag} {name}={value!r}>")


def harmless(cell: str) -> bool:
    """Whether a spreadsheet takes a cell of a CSV file for text. A telephone number is one."""
    return bool(PHONE.fullmatch(cell)) or not cell.startswith(RUNS_IN_SHEETS)
