"""Visit numbers: never twice, whoever asks and whatever dies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from callspring.stores.visit_numbers import VisitNumbers
from tests.stores.disk import files_end_at

TAKER = """
import sys
from pathlib import Path
from callspring.stores.visit_numbers import VisitNumbers
numbers = VisitNumbers(Path(sys.argv[1]), block=7)
print(*(numbers.next(1) for _ in range(200)), flush=True)
if sys.argv[2] == "closes":
    numbers.close()
"""


def take(numbers: VisitNumbers, count: int, company: int = 1) -> list[int]:
    return [numbers.next(company) for _ in range(count)]


def test_numbers_count_up_from_one_for_each_company(tmp_path: Path) -> None:
    numbers = VisitNumbers(tmp_path, block=3)
    assert take(numbers, 8) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert take(numbers, 2, company=2) == [1, 2]


def test_a_clean_restart_leaves_no_gap(tmp_path: Path) -> None:
    for expected in ([1, 2, 3], [4, 5, 6], [7, 8, 9]):
        numbers = VisitNumbers(tmp_path, block=100)
        assert take(numbers, 3) == expected
        numbers.close()


def test_a_death_leaves_a_gap_and_repeats_nothing(tmp_path: Path) -> None:
    first = take(VisitNumbers(tmp_path, block=100), 3)
    assert first == [1, 2, 3]
    assert take(VisitNumbers(tmp_path, block=100), 3) == [101, 102, 103]


def test_who_closes_gives_back_only_the_newest_block(tmp_path: Path) -> None:
    early, late = VisitNumbers(tmp_path, block=10), VisitNumbers(tmp_path, block=10)
    taken = take(early, 2) + take(late, 2)
    early.close()
    taken += take(VisitNumbers(tmp_path, block=10), 15) + take(late, 8)
    assert len(set(taken)) == len(taken)


def test_a_closed_store_goes_on_behind_what_it_gave_back(tmp_path: Path) -> None:
    numbers = VisitNumbers(tmp_path, block=10)
    taken = take(numbers, 4)
    numbers.close()
    numbers.close()
    assert take(numbers, 3) == [5, 6, 7]
    assert taken == [1, 2, 3, 4]


@pytest.mark.parametrize("ending", ["closes", "dies"])
def test_processes_never_share_a_number(tmp_path: Path, ending: str) -> None:
    takers = [
        subprocess.Popen([sys.executable, "-c", TAKER, str(tmp_path), ending], stdout=subprocess.PIPE) for _ in range(3)
    ]
    taken = [int(word) for taker in takers for word in taker.communicate(timeout=30)[0].split()]
    taken += take(VisitNumbers(tmp_path, block=7), 20)
    assert len(taken) == 620
    assert len(set(taken)) == 620


def test_without_room_there_is_no_number_and_later_none_twice(tmp_path: Path) -> None:
    numbers = VisitNumbers(tmp_path, block=2)
    taken = take(numbers, 2)
    with files_end_at(0), pytest.raises(OSError, match="large"):
        numbers.next(1)
    with files_end_at(0), pytest.raises(OSError, match="large"):
        numbers.next(2)
    assert take(numbers, 2) == [3, 4]
    assert take(numbers, 1, company=2) == [1]
    assert taken == [1, 2]
