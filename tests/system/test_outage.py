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
from tests.system.processes import CLEAN_ENDS, System, ended_well, loading, running
from tests.system.stored import read_stored
from tests.system.world import BUSINESS

pytestmark = pytest.mark.system
SECONDS = [pytest.param(8.0, id="8s"), pytest.param(30.0, id="30s", marks=pytest.mark.soak)]
NAME = "callspring.sqlite3"
LONGEST = 120.0  # seconds of load, which a test ends sooner
FILES = (NAME, f"{NAME}-wal", f"{NAME}-shm")


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_database_that_is_away(embedded: Installation, seconds: float) -> None:
    """`chmod` does not stop root and an open handle survives a rename, so the files are moved away and the back, which
    has them open, is killed: the one that is started in its place finds nothing to open, and makes nothing new."""
    with _under_load(embedded) as system:
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
    _assert_nobody_noticed(embedded, seconds)


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_database_that_becomes_garbage(embedded: Installation, seconds: float) -> None:
    """The file turns into noise under the running back; at half-time another back is started on it. In the end a copy
    from before is put back, as an operator would: what happened since is read from the spools again."""
    with _under_load(embedded) as system:
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
    _assert_nobody_noticed(embedded, seconds)


@pytest.mark.soak
def test_a_database_that_somebody_locks(embedded: Installation) -> None:
    """For longer than the back waits for a lock (20 s): its writes fail, and it does them again."""
    with _under_load(embedded), closing(_open(embedded)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        time.sleep(30)
        somebody.rollback()
    _assert_nobody_noticed(embedded, 30)


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_postgresql_that_is_stopped(server: Server, on_postgres: Installation, seconds: float) -> None:
    """At 20 calls a second. The doors are started anew meanwhile, which they do from the snapshot and their spool."""
    with _under_load(on_postgres, visits=40, calls=20, restarts=1) as system:
        server.stop()
        stopped = time.time()
        time.sleep(seconds / 2)
        system.end("doors")
        time.sleep(seconds / 2)
        started = time.time()
        server.start()
        assert system.deaths["back"] == []
    lines = read_log(on_postgres.log)
    _assert_every_call_got_through(lines, 10 * seconds)
    _assert_every_page_got_its_number(lines, 20 * seconds)
    meanwhile = [line for line in lines if isinstance(line, Said) and stopped < line.at < started]
    assert len([line for line in meanwhile if line.endpoint == "call"]) > 7 * seconds
    assert len([line for line in meanwhile if (line.leg, line.status) == ("caller", "completed")]) > 5 * seconds
    assert [line for line in lines if isinstance(line, Refused)] == []


@contextmanager
def _under_load(there: Installation, *, visits: float = 100, calls: float = 5, restarts: int = 0) -> Iterator[System]:
    """The system with traffic before, during and after what the test does; then the checker. So often the test ends
    the doors."""
    with running(there.port) as system:
        rates = {"visits": visits, "calls": calls}
        with loading(system, there.world, there.log, seconds=LONGEST, seed=1, **rates) as load:
            time.sleep(2)
            yield system
            time.sleep(1)
            ended_well(load)
        stored = read_stored(there.environment)
        assert len(system.deaths["doors"]) == restarts
        assert set(system.deaths["doors"]) <= CLEAN_ENDS
    assert complaints(read_log(there.log), stored) == []


def _assert_nobody_noticed(there: Installation, seconds: float) -> None:
    """Every page got its number, every beacon was taken, every call was put through: the doors never failed."""
    lines = read_log(there.log)
    assert [line for line in lines if isinstance(line, Failed | Refused)] == []
    _assert_every_page_got_its_number(lines, 60 * seconds)
    _assert_every_call_got_through(lines, 3 * seconds)
    visits = [line for line in lines if isinstance(line, Visited)]
    assert len([line for line in lines if isinstance(line, Confirmed)]) == len(visits)


def _assert_every_page_got_its_number(lines: list[Line], least: float) -> None:
    visits = [line for line in lines if isinstance(line, Visited)]
    assert [line for line in visits if not line.shown] == []
    ended = lines[-1]
    assert isinstance(ended, Ended)
    assert ended.returned == ended.known
    assert len(visits) > least


def _assert_every_call_got_through(lines: list[Line], least: float) -> None:
    """Each call that came in (they are counted in their names) was told to ring the business."""
    questions = [line for line in lines if isinstance(line, Said) and line.endpoint == "call"]
    assert [line for line in questions if (line.do, line.to) != ("dial", (BUSINESS,))] == []
    counted = {int(line.call.rpartition("_")[2]) for line in questions}
    assert counted == set(range(1, len(counted) + 1))
    assert len(questions) == len(counted) > least


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
