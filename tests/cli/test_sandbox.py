from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from callspring.carriers.contract import HangUp, Leg, TextSignal
from callspring.cli import sandbox
from tests.demo.scripted_door import CALLER, NUMBER, Answer, ScriptedDoor, door_in_a_thread, sell

Script = Callable[[ScriptedDoor], list[Answer]]
QUICK = ["--answer-after", "0", "--duration", "0.1"]


def callspring(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="callspring")
    sandbox.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(["sandbox", "call", *words])
    code: int = args.run(args)
    return code


def call(folder: Path, script: Script, *words: str) -> tuple[int, ScriptedDoor]:
    with door_in_a_thread(script) as door:
        books = sell(folder, door.origin)
        code = callspring("--from", CALLER, "--to", NUMBER, "--books", str(books), *words)
    return code, door


def test_each_step_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, door = call(tmp_path, lambda door: [door.dial()], *QUICK)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert "callspring  Ring (800) 555-0199 for 5 seconds." in out
    assert out.rstrip().endswith("The call is over: completed, ended by business.")
    assert door.statuses(Leg.CALLER) == ["ringing", "answered", "completed"]


@pytest.mark.parametrize(
    ("words", "status"),
    [(["--no-answer"], "no-answer"), (["--busy"], "busy"), ([*QUICK, "--hung-up-by", "caller"], "completed")],
)
def test_the_business_does_as_asked(tmp_path: Path, words: list[str], status: str) -> None:
    code, door = call(tmp_path, lambda door: [door.dial(ring_seconds=1)], *words)
    assert code == 0
    assert door.statuses(Leg.BUSINESS)[-1] == status


def test_an_answer_that_comes_after_the_ringing_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = call(tmp_path, lambda door: [door.dial(ring_seconds=1)], "--answer-after", "3")
    assert code == 1
    assert "The ringing ended before the business answered." in capsys.readouterr().err


def test_a_phone_that_never_rings_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = call(tmp_path, lambda _: [HangUp()], *QUICK)
    assert code == 1
    assert "never rang" in capsys.readouterr().err


def test_a_refusal_of_the_voice_door_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = call(tmp_path, lambda _: [403], *QUICK)
    out, err = capsys.readouterr()
    assert code == 1
    assert "The voice door gave no instruction; the call went to the number's fallback." in err
    assert "it refused with status 403" in out


def test_an_unknown_number_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = callspring("--from", CALLER, "--to", NUMBER, "--books", str(tmp_path / "none.json"))
    assert code == 1
    assert capsys.readouterr().err == f"callspring: Nobody in the sandbox's network has the number {NUMBER}.\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--from", CALLER, "--to", "12"], "not a telephone number"),
        (["--from", "me", "--to", NUMBER], "not a telephone number"),
        (["--from", CALLER, "--to", NUMBER, "--duration", "nan"], "Seconds go from 0"),
        (["--from", CALLER, "--to", NUMBER, "--duration", "-1"], "Seconds go from 0"),
        (["--from", CALLER, "--to", NUMBER, "--busy", "--no-answer"], "not allowed with"),
        (["--to", NUMBER], "--from"),
    ],
)
def test_nonsense_is_refused(words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        callspring(*words)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_voicemail_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, door = call(tmp_path, lambda door: [door.dial(), door.record()], "--voicemail", "1")
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert "callspring  Say “Speak.”, then beep, and record for 5 seconds at most." in out
    assert "caller      I speak for 1 seconds." in out
    assert len(door.reports) == 1


def test_where_nobody_asks_for_a_message_none_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = call(tmp_path, lambda door: [door.dial(), HangUp()], "--voicemail", "1")
    assert code == 1
    assert "Nobody asked the caller to leave a message." in capsys.readouterr().err


def text(folder: Path, *words: str, status: int = 200) -> tuple[int, ScriptedDoor]:
    with door_in_a_thread(lambda _: []) as door:
        door.event_script = [status]
        books = sell(folder, door.origin)
        parser = argparse.ArgumentParser(prog="callspring")
        sandbox.add_parser(parser.add_subparsers(required=True))
        args = parser.parse_args(["sandbox", "text", "--books", str(books), *words])
        code: int = args.run(args)
    return code, door


def test_a_text_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, door = text(tmp_path, "--from", CALLER, "--to", NUMBER, "Do you come on Sundays?")
    assert code == 0
    assert capsys.readouterr().out == "Callspring took the text from (773) 555-0177 to (312) 555-0142.\n"
    (signal,) = door.reports
    assert isinstance(signal, TextSignal)
    assert (signal.caller, signal.body) == (CALLER, "Do you come on Sundays?")


@pytest.mark.parametrize(
    ("body", "to", "status", "complaint"),
    [
        ("Hello", NUMBER, 403, "status 403"),
        ("x" * 1_601, NUMBER, 200, "1 to 1600 characters"),
        ("Hello", "+13125550143", 200, "Nobody in the sandbox's network"),
    ],
)
def test_a_text_that_nobody_took_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], body: str, to: str, status: int, complaint: str
) -> None:
    code, _ = text(tmp_path, "--from", CALLER, "--to", to, body, status=status)
    assert code == 1
    assert complaint in capsys.readouterr().err


def test_a_withheld_caller(tmp_path: Path) -> None:
    with door_in_a_thread(lambda door: [door.dial()]) as door:
        books = sell(tmp_path, door.origin)
        assert callspring("--from", "withheld", "--to", NUMBER, "--books", str(books), *QUICK) == 0
    assert {signal.caller for _, signal in door.heard if signal.leg is Leg.CALLER} == {""}
