"""What is refused at save, and in which words."""

from __future__ import annotations

import pytest

from callspring.flows.checks import is_destination, problems, silences
from callspring.flows.steps import (
    Area,
    AreaBranch,
    Destination,
    Dial,
    Flow,
    HangUp,
    Hours,
    Match,
    Menu,
    MenuKey,
    Opening,
    Prompt,
    Say,
    Share,
    Split,
    Step,
    TextBack,
    Voicemail,
    forwarding,
)

HELLO = Prompt("Hello.")
DIAL = Dial(1, (Destination("+18005550199"),))
WEEK = (Opening(("mon",), "09:00", "17:00"),)


def texts(*steps: Step) -> str:
    return " ".join(problem.text for problem in problems(Flow(steps)))


def test_the_usual_flows_are_sound() -> None:
    assert problems(forwarding("+18005550199")) == []
    assert problems(forwarding("sip:desk@pbx.example.com", voicemail_seconds=60)) == []


def test_a_dial_with_nothing_after_it_ends_in_silence_and_is_named() -> None:
    (silence,) = silences(Flow((DIAL,)))
    assert silence.path == ("nobody answers (+18005550199)",)
    assert "nobody answers (+18005550199) → the call ends in silence" in texts(DIAL)


def test_the_path_goes_through_menus_and_hours() -> None:
    hours = Hours(3, "UTC", WEEK, open=(DIAL,), closed=(Voicemail(4),))
    menu = Menu(2, HELLO, (MenuKey("1", (hours,)), MenuKey("2", (HangUp(5),))))
    paths = [silence.path for silence in silences(Flow((menu,)))]
    assert ("the caller presses 1", "open", "nobody answers (+18005550199)") in paths


def test_a_menu_in_which_nobody_presses_a_key_needs_something_below() -> None:
    menu = Menu(2, HELLO, (MenuKey("1", (Voicemail(3),)),))
    assert [silence.path for silence in silences(Flow((menu,)))] == [("the caller presses no key",)]
    assert silences(Flow((menu, HangUp(4)))) == []


@pytest.mark.parametrize(
    "step",
    [
        Match(2, ("+13125550142",), steps=(HangUp(3),)),
        Area(2, (AreaBranch(("+1",), (Voicemail(3),)),)),
        Split(2, (Share(50, (Voicemail(3),)), Share(50, ()))),
        TextBack(2, "Sorry."),
    ],
    ids=lambda step: type(step).__name__,
)
def test_branches_that_lead_nowhere_are_found(step: Step) -> None:
    assert len(silences(Flow((step,)))) == 1
    assert silences(Flow((step, Say(9, HELLO)))) == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Dial(1, ()), "from one to"),
        (Dial(1, (Destination("555-0199"),)), "cannot be rung"),
        (Dial(1, (Destination("sip:x@y\r\nVia: z"),)), "cannot be rung"),
        (Dial(1, (Destination("+18005550199"), Destination("+18005550199"))), "twice"),
        (Dial(1, (Destination("+18005550199", 0),)), "weight"),
        (Dial(1, DIAL.to, order="random"), "all at once"),
        (Dial(1, DIAL.to, ring_seconds=1_000), "5 to 120"),
        (Dial(1, DIAL.to, accept_key="1"), "whisper"),
        (Dial(1, DIAL.to, accept_key="12", whisper=HELLO), "key to accept"),
        (Say(1, Prompt(" ")), "Write what the caller hears"),
        (Say(1, Prompt("x" * 1_001)), "Shorten"),
        (Say(1, Prompt("x", "not a language")), "no language"),
        (Menu(1, HELLO, ()), "at least one key"),
        (Menu(1, HELLO, (MenuKey("1"), MenuKey("1"))), "used twice"),
        (Menu(1, HELLO, (MenuKey("A"),)), "0–9"),
        (Menu(1, HELLO, (MenuKey("1"),), tries=50), "one to five"),
        (Hours(1, "Mars/Olympus", WEEK), "no time zone"),
        (Hours(1, "UTC", ()), "which days"),
        (Hours(1, "UTC", (Opening(("someday",), "09:00", "17:00"),)), "Choose the days"),
        (Hours(1, "UTC", (Opening(("mon",), "9", "25:00"),)), "no time"),
        (Hours(1, "UTC", WEEK, ("02-30",)), "no date"),
        (Split(1, (Share(50),)), "100 %"),
        (Area(1, ()), "at least one area"),
        (Area(1, (AreaBranch(("1312",)),)), "beginning of a number"),
        (Area(1, (AreaBranch(("+1",)), AreaBranch(("+1",)))), "same beginning"),
        (Match(1, ()), "at least one caller"),
        (Match(1, ("312*",)), "is no number"),
        (Voicemail(1, max_seconds=4_000), "5 to 600"),
        (TextBack(1, "x" * 500), "480"),
        (HangUp(1, Prompt("")), "Write the message"),
    ],
)
def test_what_is_wrong_with_a_step_is_said_at_the_step(step: Step, words: str) -> None:
    found = [problem for problem in problems(Flow((step, HangUp(9)))) if problem.step == 1]
    assert any(words in problem.text for problem in found)


def test_flows_are_bounded() -> None:
    deep: Step = Voicemail(1)
    for n in range(2, 12):
        deep = Match(n, ("+1*",), steps=(deep,))
    assert "deep" in texts(deep, HangUp(99))
    assert "200" in texts(*(Say(n, HELLO) for n in range(1, 203)))
    assert "empty" in texts()
    assert "same id" in texts(Say(1, HELLO), Say(1, HELLO))


@pytest.mark.parametrize("text", ["+18005550199", "sip:desk@10.0.0.1:5060", "sips:a.b@pbx.example.com"])
def test_numbers_and_sip_addresses_can_be_rung(text: str) -> None:
    assert is_destination(text)
