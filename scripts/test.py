"""`make test`: the whole suite on SQLite, then whatever touches the database again on a real PostgreSQL.

Everything is run even if a part fails; the exit code is 0 only when all parts passed. Words after the command go to
pytest (`.venv/bin/python scripts/test.py -x`). What takes minutes is left to `make soak`.
"""

# ruff: noqa: T201 - it is a command: what it prints is what it is for
from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.postgres import NoPostgres, postgres  # noqa: E402 - found only now

QUICK = "not soak and not browser and not system"
# Two processes at once where tests share nothing. Whole systems have the machine to themselves: their tests measure
# time, and the machine that builds this has two cores.
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile")


@dataclass(frozen=True, slots=True)
class Part:
    """One run of pytest."""

    title: str
    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


ON_SQLITE = (
    Part("tests within one process, on SQLite", ("-m", QUICK, *TWO_AT_ONCE)),
    Part("pages in a real browser", ("-m", "browser and not system and not soak", *TWO_AT_ONCE)),
    Part("whole systems with a real browser", ("-m", "browser and system and not soak")),
    Part("whole systems under load and faults", ("-m", "system and not browser and not soak")),
)


def on_postgresql(url: str) -> Part:
    """The tests that touch the database, on the server at `url`."""
    words = ("-p", "tests.only_database", "-m", QUICK, *TWO_AT_ONCE)
    return Part("tests that touch the database, on PostgreSQL", words, {"CALLSPRING_DATABASE_URL": url})


def run(part: Part, more: list[str]) -> bool:
    """Run one part; whether it passed. That it found no test at all is a failure."""
    # Another one each time, so that no test comes to rely on the order of a set; the same one in both processes, which
    # must find the same tests in the same order.
    hash_seed = os.environ.get("PYTHONHASHSEED") or str(random.SystemRandom().randrange(1, 2**32))
    print(f"\n=== {part.title} (PYTHONHASHSEED={hash_seed}) ===\n", flush=True)
    kept = {name: value for name, value in os.environ.items() if name != "CALLSPRING_DATABASE_URL"}
    kept["PYTHONHASHSEED"] = hash_seed
    command = [sys.executable, "-m", "pytest", "-q", *part.words, *more]
    done = subprocess.run(command, check=False, cwd=ROOT, env=kept | part.environment)  # noqa: S603 - our own words
    return done.returncode == 0


def main(more: list[str]) -> int:
    """All parts, and what became of each."""
    outcomes = [(part.title, *_timed(part, more)) for part in ON_SQLITE]
    try:
        with postgres() as server:
            part = on_postgresql(server.url)
            outcomes.append((part.title, *_timed(part, more)))
    except NoPostgres as error:
        print(error, file=sys.stderr)
        outcomes.append(("tests that touch the database, on PostgreSQL", False, 0.0))
    print()
    for title, passed, seconds in outcomes:
        print(f"{'passed' if passed else 'FAILED'}  {seconds:4.0f} s  {title}")
    return 0 if all(passed for _, passed, _ in outcomes) else 1


def _timed(part: Part, more: list[str]) -> tuple[bool, float]:
    begin = time.monotonic()
    return run(part, more), time.monotonic() - begin


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
