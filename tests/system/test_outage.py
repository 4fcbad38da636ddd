"""While the database cannot be read, pages swap and calls route; afterwards everything is in the record once.

The outage is 30 s long in `make soak` and 8 s otherwise: long enough for several restarts and for some thousand
waiting records.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.postgres import Server
from tests.system.acknowledged import Confirmed, Ended, Failed, Line, Refused, Said, Visited, read_log
from tests.system.check import complaints
from tests.system.conftest import Installation
from tests.system.processes import System, ended_well, loading, running
from tests.system.stored import read_stored

pytestmark = pytest.mark.system
SECONDS = [pytest.param(8.0, id="8s"), pytest.param(30.0, id="30s", marks=pytest.mark.soak)]
NAME = "callspring.sqlite3"
FILES = (NAME, f"{NAME}-wal", f"{NAME}-shm")


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_database_that_is_away(embedded: Installation, seconds: float) -> None:
    """`chmod` does not stop root and an open handle survives a rename, so the files are moved away and the back, which
    has them open, is killed: the one that is started in its place finds nothing to open, and makes nothing new."""
    with _under_load(embedded, seconds) as system:
        away = embedded.var.with_name("away")
        _move(embedded.var, away)
        system.kill("back")
        before = _times(away)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert not (embedded.var / NAME).exists(), "a new database was made in place of the one that is away"
            time.sleep(0.1)
        assert _times(away) == before, "somebody still wrote to the database that was away"
        _move(away, embedded.var)


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_database_that_becomes_garbage(embedded: Installation, seconds: float) -> None:
    """The file turns into noise under the running back; at half-time another back is started on it. In the end a copy
    from before is put back, as an operator would: what happened since is read from the spools again."""
    with _under_load(embedded, seconds) as system:
        copy = embedded.var.with_name("copy.sqlite3")
        with closing(_open(embedded)) as there, closing(sqlite3.connect(copy)) as here:
            there.backup(here)
        _fill_with_noise(embedded.var)
        time.sleep(seconds / 2)
        system.kill("back")
        time.sleep(seconds / 2)
        with system.without("back"):
            for name in FILES:
                (embedded.var / name).unlink(missing_ok=True)
            copy.rename(embedded.var / NAME)


@pytest.mark.soak
def test_a_database_that_somebody_locks(embedded: Installation) -> None:
    """For longer than the back waits for a lock (20 s): its writes fail, and it does them again."""
    with _under_load(embedded, 30), closing(_open(embedded)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        time.sleep(30)
        somebody.rollback()


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_postgresql_that_is_stopped(server: Server, on_postgres: Installation, seconds: float) -> None:
    with _under_load(on_postgres, seconds) as system:
        server.stop()
        time.sleep(seconds)
        server.start()
        assert system.deaths["back"] == []


@contextmanager
def _under_load(there: Installation, seconds: float) -> Iterator[System]:
    """The system with traffic before, during and after what the test does; then the checker."""
    with running(there.port) as system:
        with loading(system, there.world, there.log, seconds=seconds + 60, seed=1) as load:
            time.sleep(2)
            yield system
            time.sleep(1)
            ended_well(load)
        stored = read_stored(there.environment)
        assert system.deaths["doors"] == []
    lines = read_log(there.log)
    assert complaints(lines, stored) == []
    _assert_nobody_noticed(lines, seconds)


def _assert_nobody_noticed(lines: list[Line], seconds: float) -> None:
    """Every page got its number, every beacon was taken, every call was put through: the doors never failed."""
    assert [line for line in lines if isinstance(line, Failed | Refused)] == []
    visits = [line for line in lines if isinstance(line, Visited)]
    assert [line for line in visits if not line.shown] == []
    questions = [line for line in lines if isinstance(line, Said) and line.endpoint == "call"]
    assert [line for line in questions if line.do != "dial"] == []
    ended = lines[-1]
    assert isinstance(ended, Ended)
    assert ended.returned == ended.known
    assert len(visits) > 60 * seconds
    assert len(questions) > 3 * seconds
    assert len([line for line in lines if isinstance(line, Confirmed)]) == len(visits)


def _open(there: Installation) -> sqlite3.Connection:
    return sqlite3.connect(there.var / NAME, timeout=20, isolation_level=None)


def _move(source: Path, target: Path) -> None:
    """The database last: whoever opens it finds its log beside it, without which it would be an older database."""
    target.mkdir(exist_ok=True)
    for name in reversed(FILES):
        if (source / name).exists():
            (source / name).rename(target / name)


def _fill_with_noise(var: Path) -> None:
    """In place, so that whoever has the files open reads noise too. The shared memory is no file of the database's:
    noise there would only crash the reader, and that is what `kill -9` does."""
    for name in FILES[:2]:
        with (var / name).open("r+b") as file:
            file.write(os.urandom((var / name).stat().st_size))


def _times(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.iterdir()}
