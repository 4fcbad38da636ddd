"""Reads recorded visits and calls, as CSV, for a replay. Pure: lines in, rows out.

visits.csv: `visitor,start,end,source,device,tel_click` (`tel_click` may be empty), calls.csv: `visitor,time`. Times are
Unix seconds. Columns may stand in any order, others are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from sys import intern
from typing import TypeVar

from callspring.pools.replay import CallRow, VisitRow

VISITS = ("visitor", "start", "end", "source", "device", "tel_click")
CALLS = ("visitor", "time")

Row = TypeVar("Row")


def read_visits(lines: Iterable[str], name: str) -> Iterator[VisitRow]:
    """The visits in the order they stand. Raises `ValueError` that names file (`name`) and line."""
    return _read(lines, name, VISITS, _visit)


def read_calls(lines: Iterable[str], name: str) -> list[CallRow]:
    """All calls in order of time. Raises `ValueError` that names file (`name`) and line."""
    return sorted(_read(lines, name, CALLS, _call), key=lambda call: call.time)


def in_order(visits: Iterable[VisitRow]) -> tuple[int, bool]:
    """How many visits there are, and whether they stand in the order of their start."""
    count, ordered, last = 0, True, float("-inf")
    for visit in visits:
        count += 1
        ordered = ordered and visit.start >= last
        last = visit.start
    return count, ordered


def _read(
    lines: Iterable[str], name: str, columns: Sequence[str], make: Callable[[Sequence[str]], Row]
) -> Iterator[Row]:
    reader = csv.reader(lines)
    try:
        places = _places(next(reader, []), columns)
        for fields in reader:
            if not fields:
                continue
            if len(fields) <= max(places):
                raise ValueError(f"{len(fields)} values, but the first line names more columns")
            yield make([fields[place] for place in places])
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}, after line {reader.line_num}: this is no text in UTF-8 ({error.reason})") from None
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}") from None


def _places(header: Sequence[str], columns: Sequence[str]) -> list[int]:
    found = [word.strip().lower() for word in header]
    missing = [column for column in columns if column not in found]
    if missing:
        raise ValueError(
            f"the first line must name the columns {','.join(columns)}; there is no {' and no '.join(missing)}"
        )
    return [found.index(column) for column in columns]


def _visit(fields: Sequence[str]) -> VisitRow:
    visitor, start, end, source, device, tapped = fields
    began, left = _time("start", start), _time("end", end)
    if left < began:
        raise ValueError(f"the visit ends ({end}) before it starts ({start})")
    tap = _time("tel_click", tapped) if tapped.strip() else None
    return VisitRow(_visitor(visitor), began, left, intern(source), intern(device.strip().lower()), tap)


def _call(fields: Sequence[str]) -> CallRow:
    return CallRow(_visitor(fields[0]), _time("time", fields[1]))


def _visitor(text: str) -> str:
    if not text:
        raise ValueError("visitor is empty")
    return text


def _time(column: str, text: str) -> float:
    try:
        time = float(text)
    except ValueError:
        time = float("nan")
    if not isfinite(time):
        raise ValueError(f"{column} must be Unix seconds, not {text[:40]!r}")
    return time
