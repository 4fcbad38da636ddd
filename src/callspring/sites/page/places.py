"""Counts the places where a page shows a target number, as the snippet would find them, in the HTML as served.

What only a browser knows (scripts that write more, styles that set parts apart) is not in it.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from callspring.sites.page.lookalikes import category, genuine
from callspring.sites.page.markup import RAW, VOID, End, Part, Start, Text

_OFF = frozenset({"template", "input", "select", "option"}) | RAW
# As the snippet has it (`snippet/src/runs.ts`): it counts its bytes, and knows the usual ones.
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "ins", "mark", "nobr", "q", "s", "small", "span"),
        *("strong", "sub", "sup", "tspan", "u", "wbr"),
    )
)
_HOLDERS = ("a", "sup")
_ATTRIBUTES = ("title", "aria-label", "alt")
_LINK = re.compile(r"\s*(?:tel|sms|callto):((?:%..|[^%;?,&#a-z])*)", re.IGNORECASE | re.DOTALL)
_MOST_STRANGERS = 5
# Arabic, Persian and full-width digits and brackets stand for the usual ones, a character for a character.
_PLAIN = {zero + n: str(n) for zero in (0x660, 0x6F0, 0xFF10) for n in range(10)} | {0xFF08: "(", 0xFF09: ")"}
TEXT, LINK, ATTRIBUTE = "text", "link", "attribute"


@dataclass(slots=True)
class Places:
    """`found`: target → kind of place → how many. `strangers`: numbers of `tel:` links that are no target's."""

    found: dict[str, Counter[str]] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)

    def count(self, target: str, kind: str) -> None:
        """One place more."""
        self.found.setdefault(target, Counter())[kind] += 1

    def meet(self, number: str) -> None:
        """A number that is no target's; a few of them are enough."""
        if 7 <= len(number) <= 16 and number not in self.strangers and len(self.strangers) < _MOST_STRANGERS:
            self.strangers.append(number)


class Targets:
    """The numbers that are looked for: target → its digits as pages write them (`scenarios.tagging.spellings`)."""

    def __init__(self, spellings: Mapping[str, Iterable[str]]) -> None:
        self._of: dict[str, str] = {}
        self._international: set[str] = set()
        for target, forms in spellings.items():
            for form in forms:
                digits = form.lstrip("+")
                # Where two targets claim the same digits the first one has them.
                if self._of.setdefault(digits, target) == target and form.startswith("+"):
                    self._international.add(digits)
        self._lengths = sorted({len(digits) for digits in self._of}, reverse=True)

    def in_text(self, text: str) -> Iterator[str]:
        """The target of each place in a text, in order. Digits are the usual ones."""
        done = 0
        for start, end, digits in sorted(self._spots(text)):
            right = text[end : end + 60]
            is_in = {"international": digits in self._international}
            if start >= done and genuine(text[max(0, start - 60) : start], text[start:end], right, **is_in):
                done = end
                yield self._of[digits]

    def in_link(self, href: str) -> str:
        """The target of a `tel:`, `sms:` or `callto:` link, "" when it is none's."""
        digits = dialled(href).replace("+", "")
        return self._of.get(digits) or self._of.get(re.sub(r"^0(?:0|11)", "", digits), "")

    def _spots(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where digits of a target stand, phone number or not; "(0)" may be the trunk zero of +44 (0)20 …"""
        for row in _rows().finditer(text):
            digits = [each.start() for each in re.finditer("[0-9]", row[0])]
            without = [each.start() for each in re.finditer(r"\(0\)|[0-9]", row[0]) if len(each[0]) == 1]
            for at in [digits] if digits == without else [digits, without]:
                yield from self._in_row(text, row.start(), at)

    def _in_row(self, text: str, offset: int, at: list[int]) -> Iterator[tuple[int, int, str]]:
        digits = "".join(text[offset + each] for each in at)
        for first in range(len(digits)):
            for length in self._lengths:
                form = digits[first : first + length]
                if len(form) == length and form in self._of:
                    yield offset + at[first], offset + at[first + length - 1] + 1, form
                    break


def places(page: Iterable[Part], targets: Targets) -> Places:
    """All places of a page."""
    found = Places()
    for part in _switched_on(page):
        if isinstance(part, str):
            for target in targets.in_text(part):
                found.count(target, TEXT)
        else:
            _in_attributes(part, targets, found)
    return found


def dialled(href: str) -> str:
    """The number in the address of such a link: digits, and a `+` where there is one; "" for another address."""
    match = _LINK.match(href)
    if not match:
        return ""
    return re.sub(r"%..|\(0\)|[^0-9+]", "", re.sub(r"%2b", "+", match[1], count=1, flags=re.IGNORECASE))


def _in_attributes(tag: Start, targets: Targets, found: Places) -> None:
    href = tag.attributes.get("href", "")
    number = dialled(href)
    target = targets.in_link(href) if number else ""
    if target:
        found.count(target, LINK)
    elif href[:4].lower() == "tel:":
        found.meet(number)
    for name in _ATTRIBUTES:
        for target in targets.in_text(tag.attributes.get(name, "").translate(_PLAIN)):
            found.count(target, ATTRIBUTE)


def _switched_on(page: Iterable[Part]) -> Iterator[Start | str]:
    """The tags whose attributes count, and the texts that read as one; without what is switched off."""
    run: list[str] = []
    named = itertools.count(1)
    holders = [0, 0]  # which link or mark of a footnote the last text was in, and which one is open now; 0 is none
    off: list[str] = []  # the names of open elements, from the one that is switched off inwards
    for part in page:
        if isinstance(part, Text) and not off:
            text = part.text.translate(_PLAIN)
            if run and not _reads_on(run[-1], text, apart=holders[0] != holders[1]):
                yield from _whole(run)
            run.append(text)
            holders[0] = holders[1]
        elif isinstance(part, Start | End):
            if not _is_inline(part.name) or off or (isinstance(part, Start) and _is_off(part)):
                yield from _whole(run)
            if isinstance(part, Start) and not off and not _is_off(part):
                yield part
            if part.name in _HOLDERS:
                holders[1] = next(named) if isinstance(part, Start) else 0
            _go(part, off)
    yield from _whole(run)


def _is_inline(name: str) -> bool:
    return name in _INLINE or "-" in name  # custom elements stand in a line unless their style says otherwise


def _whole(run: list[str]) -> Iterator[str]:
    text = "".join(run)
    run.clear()
    if re.search("[0-9]", text):
        yield text


def _go(part: Start | End, off: list[str]) -> None:
    """Keep track of what is open inside an element that is switched off."""
    if isinstance(part, Start):
        if part.name not in VOID | RAW and (off or _is_off(part)):
            off.append(part.name)
    elif off and part.name in off[-50:]:  # deeper is nobody's mistake in writing
        del off[len(off) - 1 - off[::-1].index(part.name) :]


def _is_off(tag: Start) -> bool:
    editable = tag.attributes.get("contenteditable")
    return (
        tag.name in _OFF
        or (editable is not None and editable.lower() != "false")
        or tag.attributes.get("data-callspring") == "off"
    )


def _reads_on(before: str, after: str, *, apart: bool) -> bool:
    """Whether two neighbouring texts may be parts of one number: each has a digit, or no letter at all.

    No number has a letter where they meet; where digits touch, it is not half in a link or in the mark of a footnote.
    """
    ends, begins = before[-1:], after[:1]
    if any(one.isascii() and one.isalpha() for one in (ends, begins)) or (
        apart and ends.isdecimal() and begins.isdecimal()
    ):
        return False
    return all(re.search("[0-9]", each) or not any(map(str.isalpha, each)) for each in (before, after))


@cache
def _rows() -> re.Pattern[str]:
    """Digits in a row, with at most three marks between two, as the snippet has it."""
    space = rf"[\s{category('Cf')}]{{0,60}}"
    gap = rf"{space}(?:(?:\(0\)|[-.()\[\]/·•−{category('Pd')}]){space}){{0,3}}"
    return re.compile(rf"[0-9](?:{gap}[0-9])*")
