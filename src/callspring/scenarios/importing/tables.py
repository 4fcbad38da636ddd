"""A file as somebody sends it → a table. Whatever it is, the answer is rows or a sentence that says what to do. Pure.

CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252; and JSON, as the products' APIs answer it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from callspring.carriers.outside import clean, clean_lines

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 200
MOST_CELL = 4_000  # characters
HEADER_WITHIN = 10  # lines: some exports begin with a title
_SEPARATORS = ",;\t|"
_DEPTH = 6
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Unreadable(ValueError):
    """The file makes no table; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are (line, cells); the cells are as many as `headers`. `line` counts records, the header being 1."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def decode(data: bytes) -> str:
    """The text of a file. Raises `Unreadable` for one that is empty, too large, or no text."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than %(most)d MB. Split it.") % {"most": MOST_BYTES // 1_000_000})
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(_("This is a spreadsheet. Save it as CSV and send that."))
    text = _decoded(data)
    if "\0" in text:
        raise Unreadable(_("This is no text file. Export the numbers as CSV and send that."))
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise Unreadable(_("The file is empty."))
    return text


def table(text: str) -> Table:
    """The table of a decoded file. Raises `Unreadable`."""
    if text.lstrip()[:1] in "[{":
        return _of_json(text)
    lines = list(_records(text))
    start = _header_at(lines)
    headers = tuple(cell.strip()[:MOST_CELL] for cell in lines[start])
    if len(headers) > MOST_COLUMNS:
        raise Unreadable(_("The file has more than %(most)d columns. Leave some out.") % {"most": MOST_COLUMNS})
    rows = [(line, _fitted(cells, len(headers))) for line, cells in enumerate(lines[start + 1 :], 2) if any(cells)]
    return _checked(headers, rows)


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _records(text: str) -> Iterator[list[str]]:
    """The file's records. One more row than is allowed is read, so that too many are noticed without reading all."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text), delimiter=_separator(text))
    try:
        for cells in reader:
            yield [clean_lines(cell, MOST_CELL).strip() for cell in cells]
            if reader.line_num > MOST_ROWS * 4 + HEADER_WITHIN:
                raise Unreadable(_too_many())
    except csv.Error:
        raise Unreadable(
            _("Line %(line)d cannot be read: a quotation mark is not closed. Export the file anew.")
            % {"line": reader.line_num}
        ) from None


def _separator(text: str) -> str:
    """The one that stands most often in the first lines that have any."""
    if text.startswith("sep=") and text[4:5] in _SEPARATORS:
        return text[4]
    start = text[:20_000].split("\n")[:HEADER_WITHIN]
    best = max(_SEPARATORS, key=lambda sign: max(line.count(sign) for line in start))
    return best if any(best in line for line in start) else ","


def _header_at(lines: list[list[str]]) -> int:
    """The first line that is as wide as a table and holds no phone number: titles before it are narrower."""
    start = lines[:HEADER_WITHIN]
    if not start:
        raise Unreadable(_("The file is empty."))
    filled = [sum(bool(cell) for cell in cells) for cells in start]
    wide = [count * 2 > max(filled) and not _is_number_row(cells) for cells, count in zip(start, filled, strict=True)]
    return wide.index(True) if True in wide else 0


def _is_number_row(cells: list[str]) -> bool:
    """Whether it holds a phone number: no header has so many digits."""
    return any(len(re.sub(r"\D", "", cell)) >= 7 for cell in cells)


def _fitted(cells: list[str], width: int) -> tuple[str, ...]:
    return tuple(cells[:width]) + ("",) * (width - len(cells))


def _checked(headers: tuple[str, ...], rows: list[tuple[int, tuple[str, ...]]]) -> Table:
    if len(rows) > MOST_ROWS:
        raise Unreadable(_too_many())
    if not rows:
        raise Unreadable(_("The file has headers and no rows. Export the numbers with their settings."))
    return Table(headers, tuple(rows))


def _too_many() -> str:
    return _("The file has more than %(most)d rows. Split it.") % {"most": MOST_ROWS}


def _of_json(text: str) -> Table:
    """The answer of a product's API: a list of objects, or an object that holds one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(_("The file begins like JSON and is none. Download it anew, or send CSV.")) from None
    objects = _objects(found)
    if len(objects) > MOST_ROWS:
        raise Unreadable(_too_many())
    flat = [_flat(one) for one in objects]
    headers = list(dict.fromkeys(name for one in flat for name in one))[:MOST_COLUMNS]
    rows = [(line, tuple(one.get(name, "") for name in headers)) for line, one in enumerate(flat, 2)]
    return _checked(tuple(headers), rows)


def _objects(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        lists = [
            inner for inner in found.values() if isinstance(inner, list) and any(isinstance(x, dict) for x in inner)
        ]
        found = max(lists, key=len) if lists else [found]
    objects = [one for one in found if isinstance(one, dict)]
    if not objects:
        raise Unreadable(_("No list of numbers was found in this file."))
    return objects


def _flat(value: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str]:
    """Nested names joined by dots, lists by `, `: {"options": {"a": [1, 2]}} → options.a: "1, 2"."""
    flat: dict[str, str] = {}
    for key, inner in list(value.items())[:MOST_COLUMNS]:
        name = clean(f"{before}{key}", 200)
        if isinstance(inner, dict) and depth < _DEPTH:
            flat |= _flat(inner, f"{name}.", depth + 1)
        else:
            flat[name] = _text(inner)[:MOST_CELL]
    return flat


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value[:500])
    if isinstance(value, dict):
        return next(
            (_text(value[key]) for key in ("number", "phone", "formatted", "name", "value") if key in value), ""
        )
    if value is None:
        return ""
    return clean_lines(str(value), MOST_CELL)
