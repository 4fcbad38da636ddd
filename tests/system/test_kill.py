"""`kill -9` of either process at random moments loses nothing that was acknowledged, and changes nobody's number."""

from __future__ import annotations

import random
import time

import pytest

from tests.system.acknowledged import Ended, Failed, Line, Refused, Said, Visited, read_log
from tests.system.check import complaints
from tests.system.conftest import Installation
from tests.system.processes import System, ended_well, loading, running
from tests.system.stored import read_stored

pytestmark = pytest.mark.system
KILLS = [pytest.param(5, id="5"), pytest.param(20, id="20", marks=pytest.mark.soak)]
# Of so many kills one meets the process while it is still starting: it reads its spool just then.
WHILE_STARTING = 0.25


@pytest.mark.parametrize("kills", KILLS)
def test_everything_acknowledged_is_in_the_record_once(embedded: Installation, kills: int) -> None:
    _kill_and_check(embedded, kills)


def test_it_is_in_the_record_once_on_postgresql(on_postgres: Installation) -> None:
    _kill_and_check(on_postgres, 5)


def _kill_and_check(there: Installation, kills: int) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    with running(there.port) as system:
        with loading(system, there.world, there.log, seconds=60 + 15 * kills, seed=seed) as load:
            _kill(system, kills, random.Random(seed))
            system.wait_until_healthy()
            ended_well(load)
        stored = read_stored(there.environment)
    lines = read_log(there.log)
    assert complaints(lines, stored) == []
    _assert_enough_happened(lines, kills)


def _kill(system: System, kills: int, chance: random.Random) -> None:
    """Both processes in turn, in random order; the moments are random within the load."""
    victims = ["doors", "back"] * (kills // 2) + ["doors"] * (kills % 2)
    chance.shuffle(victims)
    time.sleep(1)
    for victim in victims:
        time.sleep(chance.uniform(0.05, 2.5))
        print(f"kill -9 {victim} {system.kill(victim)}")
        if chance.random() >= WHILE_STARTING:
            system.wait_until_healthy(victim)
    codes = [code for codes in system.deaths.values() for code in codes]
    time.sleep(0.5)
    assert set(codes) == {-9}, f"a process ended by itself: {system.deaths}"


def _assert_enough_happened(lines: list[Line], kills: int) -> None:
    """A load that did nothing proves nothing."""
    visits = [line for line in lines if isinstance(line, Visited)]
    ended = lines[-1]
    assert isinstance(ended, Ended)
    assert ended.returned == ended.known > 10 * kills
    assert not [line for line in lines if isinstance(line, Refused)]
    assert [line for line in lines if isinstance(line, Failed)], "no request was ever cut off"
    assert len(visits) > 100 * kills
    assert len({line.call for line in lines if isinstance(line, Said)}) > 3 * kills
