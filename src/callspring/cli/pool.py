"""`callspring pool replay`: how well would a pool of this size have done with this traffic?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from callspring.pools.policies import NAMES, PLAYED
from callspring.pools.recorded import in_order, read_calls, read_visits
from callspring.pools.replay import Figures, VisitRow, replay

MOST_NUMBERS = 1_000_000
MOST_CHARACTERS = 1_000_000  # of a line; a visit has some hundred
EXPLAINED = "Files, figures and policies are explained in docs/pools.md."


def add_parser(commands: Any) -> None:
    """The command and its options."""
    pool = commands.add_parser("pool", help="try out pools of numbers", description="Try out pools of numbers.")
    text = "play recorded visits and calls against a pool of any size"
    command = pool.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "replay", help=text, description=f"{text[0].upper()}{text[1:]}. {EXPLAINED}"
    )
    command.add_argument(
        "--visits", required=True, type=Path, help="CSV (no pipe): visitor,start,end,source,device,tel_click"
    )
    command.add_argument("--calls", required=True, type=Path, help="CSV: visitor,time")
    command.add_argument("--numbers", required=True, type=int, help="how many numbers the pool has")
    command.add_argument(
        "--policy",
        action="append",
        metavar="POLICY",
        help="next-in-line, least-recently-used, callspring or oracle; may be repeated (default: the first three)",
    )
    command.add_argument(
        "--hold", type=float, default=150.0, help="seconds a number is held after a visit (default 150)"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object, a key for each policy")
    command.set_defaults(run=_replay)


def _replay(options: argparse.Namespace) -> int:
    """Print the figures of each policy. Raises `ValueError` for options and files that are wrong."""
    try:
        return _play(options)
    except _Unreadable as problem:
        raise ValueError(str(problem)) from None


def _play(options: argparse.Namespace) -> int:
    policies = _policies(options.policy or list(PLAYED))
    _check(options)
    traffic = _Traffic(options.visits, options.calls)
    found = {policy: traffic.replay(policy, options.numbers, options.hold) for policy in policies}
    if options.json:
        print(json.dumps({policy: figures.as_dict() for policy, figures in found.items()}, indent=2))
    else:
        print(f"{traffic.count:,} visits, {len(traffic.calls):,} calls, {options.numbers:,} numbers")
        _print_table(found)
    strangers = next(iter(found.values())).unknown_callers
    if strangers:
        print(f"{strangers:,} calls came from visitors who had no visit before; they are left out.", file=sys.stderr)
    return 0


def _policies(wanted: list[str]) -> list[str]:
    for name in wanted:
        if name not in NAMES:
            raise ValueError(f"there is no policy {name!r}; choose one of {', '.join(NAMES)}")
    return list(dict.fromkeys(wanted))


def _check(options: argparse.Namespace) -> None:
    if not 1 <= options.numbers <= MOST_NUMBERS:
        raise ValueError(f"--numbers goes from 1 to {MOST_NUMBERS:,}")
    if not 0 <= options.hold <= 86_400:
        raise ValueError("--hold goes from 0 to 86400 seconds")


class _Traffic:
    """The two files, checked. Visits are read anew for each policy, so that they need not fit into memory; only when
    they do not stand in the order of their start they are kept and sorted.
    """

    def __init__(self, visits: Path, calls: Path) -> None:
        if visits.exists() and not (visits.is_file() or visits.is_dir()):
            raise ValueError(f"{visits} must be a file: visits are read more than once, which no pipe allows")
        self.path = visits
        self.calls = read_calls(_lines(calls), str(calls))
        self.count, ordered = in_order(self._read())
        if not self.count:
            raise ValueError(f"{visits} has no visits")
        self.kept = None if ordered else sorted(self._read(), key=lambda visit: visit.start)

    def replay(self, policy: str, numbers: int, hold: float) -> Figures:
        """The figures of one policy."""
        visits = self._read() if self.kept is None else self.kept
        figures = replay(visits, self.calls, numbers=numbers, policy=policy, hold=hold, progress=self._progress(policy))
        _say("")
        return figures

    def _read(self) -> Iterator[VisitRow]:
        return read_visits(_lines(self.path), str(self.path))

    def _progress(self, policy: str) -> Callable[[int], None]:
        def progress(done: int) -> None:
            _say(f"{policy}: {done / self.count:.0%} of {self.count:,} visits")

        return progress


class _Unreadable(Exception):
    """No `ValueError`, which whoever reads the lines would take for one about what stands in them."""


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for at in count(1):
                line = file.readline(MOST_CHARACTERS + 1)
                if len(line) > MOST_CHARACTERS:
                    raise _Unreadable(f"{path}, line {at}: it has more than {MOST_CHARACTERS:,} characters")
                if not line:
                    return
                yield line
    except OSError as error:
        raise _Unreadable(f"{path} cannot be read: {error.strerror}") from None


def _say(text: str) -> None:
    """Progress: one line that changes at a terminal, else a line each."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def _print_table(found: Mapping[str, Figures]) -> None:
    print("\npolicy               right source right visitor  exclusive  overflow calibration")
    for policy, one in found.items():
        row = one.as_dict()
        print(
            f"{policy:20} {_percent(row['right_source']):>12} {_percent(row['right_visitor']):>13} "
            f"{_percent(row['exclusive_share']):>10} {row['overflow']:>9,} {_error(row['calibration_error']):>11}"
        )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"


def _error(error: float | None) -> str:
    return "–" if error is None else f"{error:.3f}"
