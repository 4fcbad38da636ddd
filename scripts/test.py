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
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.postgres import NoPostgres, postgres  # noqa: E402 - found only now

QUICK = "not soak and not browser and not system"
# Tests share nothing, so that several processes run them at once: one more than there are cores in the machine that
# builds this, for a test that waits for a page, a server or a clock leaves a core idle. File by file in their order: by
# itself pytest-xdist begins with those that have most tests, and our longest have few and would be waited for.
AT_ONCE = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
ON_POSTGRESQL = "tests that touch the database, on PostgreSQL"


@dataclass(frozen=True, slots=True)
class Part:
    """One run of pytest."""

    title: str
    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a part."""

    title: str
    passed: bool
    seconds: float


def parts(templates: Mapping[str, str]) -> list[Part]:
    """One after the other. `templates`: for each database its template, "" for SQLite."""
    from_file = {"CALLSPRING_TEST_TEMPLATE": templates[""]}
    return [
        Part("tests within one process, on SQLite", ("-m", QUICK, *AT_ONCE), from_file),
        _only("pages in a real browser", AT_ONCE, from_file, browser=True, system=False),
        # Whole systems have the machine to themselves: their tests count what gets through in a time.
        _only("whole systems with a real browser", browser=True, system=True),
        _only("whole systems under load and faults", browser=False, system=True),
        *(_on_postgresql(url, name) for url, name in templates.items() if url),
    ]


def _on_postgresql(url: str, template: str) -> Part:
    """The tests that touch the database, on the server at `url`."""
    there = {"CALLSPRING_DATABASE_URL": url, "CALLSPRING_TEST_TEMPLATE": template}
    return Part(ON_POSTGRESQL, ("-p", "tests.only_database", "-m", QUICK, *AT_ONCE), there)


def _only(title: str, words: Sequence[str] = (), there: Mapping[str, str] | None = None, **marks: bool) -> Part:
    """The tests that have these marks and not those. Only files that name what is wanted are read: tests/conftest.py
    sees to it that whatever has such a mark has it in its own file."""
    wanted = [f"mark.{mark}" for mark, there_is in marks.items() if there_is]
    texts = {str(file): file.read_text("utf-8") for file in sorted((ROOT / "tests").rglob("test_*.py"))}
    files = [file for file, text in texts.items() if all(mark in text for mark in wanted)]
    which = " and ".join(mark if there_is else f"not {mark}" for mark, there_is in {**marks, "soak": False}.items())
    return Part(title, ("-m", which, *words, *files), dict(there or {}))


@contextmanager
def migrated(*urls: str) -> Iterator[dict[str, str]]:
    """An empty database with all migrations done, on SQLite (the address is empty) and at each address: its file or
    its name. Raises `CalledProcessError`."""
    with tempfile.TemporaryDirectory(prefix="callspring-template-") as folder, ThreadPoolExecutor() as pool:
        on_server = [pool.submit(_migrate, f"{folder}/{place}", url) for place, url in enumerate(urls)]
        _migrate(f"{folder}/file", "")
        for one in on_server:
            one.result()
        yield {"": f"{folder}/file/callspring.sqlite3", **{url: urlsplit(url).path.lstrip("/") for url in urls}}


def _migrate(var: str, url: str) -> None:
    there = _environment({"CALLSPRING_VAR": var, "CALLSPRING_DATABASE_URL": url})
    subprocess.run([sys.executable, "-m", "callspring.cli", "migrate"], check=True, cwd=ROOT, env=there)


def run(part: Part, more: list[str]) -> Outcome:
    """Run one part. That it found no test at all is a failure."""
    # Another one each time, so that no test comes to rely on the order of a set; the same one in all its processes,
    # which must find the same tests in the same order.
    hash_seed = os.environ.get("PYTHONHASHSEED") or str(random.SystemRandom().randrange(1, 2**32))
    print(f"\n=== {part.title} (PYTHONHASHSEED={hash_seed}) ===\n", flush=True)
    there = _environment({"PYTHONHASHSEED": hash_seed, **part.environment})
    command = [sys.executable, "-m", "pytest", "-q", *part.words, *more]
    begin = time.monotonic()
    done = subprocess.run(command, check=False, cwd=ROOT, env=there)  # noqa: S603 - our own words
    return Outcome(part.title, done.returncode == 0, time.monotonic() - begin)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours, but without a database that somebody happens to work with."""
    return {name: value for name, value in os.environ.items() if name != "CALLSPRING_DATABASE_URL"} | dict(more)


def main(more: list[str]) -> int:
    """All parts, and what became of each."""
    with ExitStack() as stack:
        outcomes, urls = [], []
        try:
            urls.append(stack.enter_context(postgres()).url)
        except NoPostgres as error:
            print(error, file=sys.stderr)
            outcomes.append(Outcome(ON_POSTGRESQL, passed=False, seconds=0))
        templates = stack.enter_context(migrated(*urls))
        outcomes += [run(part, more) for part in parts(templates)]
    print()
    for outcome in outcomes:
        print(f"{'passed' if outcome.passed else 'FAILED'}  {outcome.seconds:4.0f} s  {outcome.title}")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
