"""`callspring pool replay`: files in, figures out, and clear words for files that are wrong."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest
from benchmarks.pool_traffic import SHAPES, traffic, write

from callspring.cli.main import main

VISITS = "visitor,start,end,source,device,tel_click\n"
CALLS = "visitor,time\n"
KEYS = {"right_source", "right_visitor", "exclusive_share", "overflow", "calls", "calibration_error"}


class Shell:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.visits, self.calls, self.capsys = folder / "visits.csv", folder / "calls.csv", capsys

    def write(self, visits: str, calls: str) -> None:
        self.visits.write_text(VISITS + visits)
        self.calls.write_text(CALLS + calls)

    def run(self, *words: str) -> tuple[int, str, str]:
        files = ["--visits", str(self.visits), "--calls", str(self.calls)]
        code = main(["pool", "replay", *files, *words])
        said = self.capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


def test_json_has_the_figures_of_three_policies(shell: Shell) -> None:
    shell.write("a,100,160,ads,mobile,\nb,110.5,180,mail,desktop,\n", "a,150\nb,400\n")
    code, out, err = shell.run("--numbers", "2", "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found) == ["next-in-line", "least-recently-used", "callspring"]
    assert {frozenset(figures) for figures in found.values()} == {frozenset(KEYS)}
    assert found["callspring"] | {"calibration_error": None} == found["next-in-line"]
    assert found["next-in-line"] == {
        "right_source": 1.0, "right_visitor": 1.0, "exclusive_share": 1.0, "overflow": 0, "calls": 2,
        "calibration_error": None,
    }  # fmt: skip
    assert "callspring: 0% of 2 visits" in err


def test_a_table_for_people_with_the_policies_asked_for(shell: Shell) -> None:
    shell.write("a,100,160,ads,mobile,\n", "a,150\nnobody,150\n")
    code, out, err = shell.run("--numbers", "1", "--policy", "oracle", "--policy", "callspring")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[-2:]] == ["oracle", "callspring"]
    assert "100.00%" in out
    assert "1 calls came from visitors who had no visit before" in err


def test_visits_may_stand_in_any_order_and_columns_too(shell: Shell) -> None:
    shell.write("b,400,460,mail,desktop,\na,100,160,ads,mobile,\n", "a,150\nb,450\n")
    unordered = shell.run("--numbers", "1", "--json")[1]
    shell.visits.write_text(
        "\ufeffsource,tel_click,device,extra,end,start,visitor\nads,,mobile,x,160,100,a\nmail,,desktop,x,460,400,b\n"
    )
    assert shell.run("--numbers", "1", "--json")[1] == unordered
    assert json.loads(unordered)["callspring"]["right_visitor"] == 1.0


def test_the_hold_can_be_chosen(shell: Shell) -> None:
    shell.write("a,100,160,ads,mobile,\nb,200,260,mail,desktop,\n", "a,150\n")
    assert json.loads(shell.run("--numbers", "1", "--json")[1])["callspring"]["overflow"] == 1
    assert json.loads(shell.run("--numbers", "1", "--hold", "30", "--json")[1])["callspring"]["overflow"] == 0


@pytest.mark.parametrize(
    ("visits", "calls", "complaint"),
    [
        ("a,100,160,ads,mobile,\nb,soon,160,ads,mobile,\n", "", "visits.csv, line 3: start must be Unix seconds"),
        ("a,100,nan,ads,mobile,\n", "", "visits.csv, line 2: end must be Unix seconds"),
        ("a,100,90,ads,mobile,\n", "", "visits.csv, line 2: the visit ends (90) before it starts (100)"),
        ("a,100\n", "", "visits.csv, line 2: 2 values, but the first line names more columns"),
        (",100,160,ads,mobile,\n", "", "visits.csv, line 2: visitor is empty"),
        ("a,100,160,ads,mobile,\n", "a,\n", "calls.csv, line 2: time must be Unix seconds, not ''"),
        ("", "", "visits.csv has no visits"),
        ('a,100,160,"' + "x" * 200_000 + '",mobile,\n', "", "visits.csv, line 2: field larger than"),
    ],
)
def test_bad_rows_are_named(shell: Shell, visits: str, calls: str, complaint: str) -> None:
    shell.write(visits, calls)
    code, out, err = shell.run("--numbers", "1", "--json")
    assert (code, out) == (2, "")
    assert complaint in err


def test_files_that_are_no_such_files(shell: Shell, tmp_path: Path) -> None:
    assert "calls.csv cannot be read: No such file" in shell.run("--numbers", "1")[2]
    shell.write("a,100,160,ads,mobile,\n", "")
    shell.calls.write_text("who,when\n")
    assert "line 1: the first line must name the columns visitor,time; there is no" in shell.run("--numbers", "1")[2]
    shell.calls.write_bytes(b"visitor,time\n\xff\xfe,3\n")
    assert "this is no text in UTF-8" in shell.run("--numbers", "1")[2]
    shell.calls.write_text(CALLS)
    shell.visits = tmp_path
    assert "cannot be read: Is a directory" in shell.run("--numbers", "1")[2]


def test_a_pipe_is_refused_at_once(shell: Shell, tmp_path: Path) -> None:
    shell.write("a,100,160,ads,mobile,\n", "")
    shell.visits = tmp_path / "pipe"
    os.mkfifo(shell.visits)
    code, out, err = shell.run("--numbers", "1")
    assert (code, out) == (2, "")
    assert "pipe must be a file: visits are read more than once, which no pipe allows" in err


def test_an_endless_line_is_not_held(shell: Shell) -> None:
    shell.write("a,100,160,ads,mobile," + ",x" * 5_000_000 + "\n", "")
    tracemalloc.start()
    code, out, err = shell.run("--numbers", "1")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (code, out) == (2, "")
    assert err.endswith("visits.csv, line 2: it has more than 1,000,000 characters\n")
    assert most < 6_000_000


@pytest.mark.parametrize(
    "words", [["--numbers", "0"], ["--numbers", "3", "--hold", "-1"], ["--numbers", "3", "--policy", "best"]]
)
def test_options_out_of_bounds_are_refused(shell: Shell, words: list[str]) -> None:
    shell.write("a,100,160,ads,mobile,\n", "")
    code, out, err = shell.run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("callspring: ")


def test_ours_finds_more_sources_than_the_plain_policies(shell: Shell, tmp_path: Path) -> None:
    """A day of traffic that the model was not made from; the goal of issue 6 with room for so short a time."""
    write(tmp_path, *traffic(SHAPES["taps"], 200, 3, 11))
    found = json.loads(shell.run("--numbers", "50", "--json")[1])
    ours, plain = found["callspring"], found["least-recently-used"]
    assert 1 - ours["right_source"] <= 0.5 * (1 - plain["right_source"])
    assert ours["right_visitor"] >= plain["right_visitor"] - 0.01
    assert ours["calibration_error"] <= 0.08  # of so few calls, chance alone makes 0.05
