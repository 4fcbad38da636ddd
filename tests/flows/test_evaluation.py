"""What a caller meets: whatever the flow, a human, a voicemail or a spoken message, within a bounded time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callspring.carriers.contract import Status
from callspring.flows.checks import problems, silences
from callspring.flows.evaluation import Ask, End, Facts, Position, Record, Ring, Turn, next_turn, owed_texts
from callspring.flows.rehearsal import rehearse
from callspring.flows.steps import (
    APOLOGY,
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
    TextBack,
    Voicemail,
    every_step,
    forwarding,
)
from tests.flows.strategies import FLOWS

SHOP, SALES, SERVICE = "+18005550199", "+13125550101", "+13125550102"
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
FACTS = Facts(SUNDAY_NIGHT, "+16175550177", "call-1")
UNANSWERED = (Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED)
BYE = HangUp(99, Prompt("Bye."))


def to(*numbers: str, **more: object) -> Dial:
    return Dial(1, tuple(map(Destination, numbers)), **more)  # type: ignore[arg-type]


def play(flow: Flow, facts: Facts, outcomes: list[Status], keys: list[str]) -> list[Turn]:
    """The turns of one call; outcomes and keys are used up in turn, then repeat."""
    turns = [next_turn(flow, None, None, facts)]
    while not isinstance(turns[-1].act, End):
        act, n = turns[-1].act, len(turns)
        assert n <= 2_000, "the call never ends"
        match act:
            case Ring():
                turns.append(next_turn(flow, act.position, outcomes[n % len(outcomes)], facts))
            case Ask():
                turns.append(next_turn(flow, act.position, None, facts, keys[n % len(keys)]))
            case Record():
                turns.append(next_turn(flow, act.position, Status.RECORDED, facts))
    return turns


@settings(max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
@given(
    flow=FLOWS,
    outcomes=st.lists(st.sampled_from(UNANSWERED), min_size=1, max_size=4),
    keys=st.lists(st.sampled_from(["", "1", "2", "3", "#", "9"]), min_size=1, max_size=4),
    hours=st.integers(0, 24 * 8),
    caller=st.sampled_from(["", "+16175550177", "+17735550177", "+442079460000", "+13125550100"]),
    turn=st.integers(0, 100),
)
def test_every_call_ends_in_a_human_a_voicemail_or_a_spoken_message(
    flow: Flow, outcomes: list[Status], keys: list[str], hours: int, caller: str, turn: int
) -> None:
    facts = Facts(SUNDAY_NIGHT + timedelta(hours=hours), caller, "call-1", turn, "+13125550101")
    turns = play(flow, facts, outcomes, keys)
    steps = len(list(every_step(flow.steps)))
    assert len(turns) <= 1 + 6 * steps  # a dial has at most four destinations here, a menu at most five tries
    last, before = turns[-1], turns[-2].act if len(turns) > 1 else None
    had_their_say = isinstance(before, Record)
    assert had_their_say or any(prompt.text.strip() for prompt in last.prompts)
    if had_their_say:
        assert turns[-2].prompts[-1].text.strip(), "nobody is asked to speak by silence"
    assert play(flow, facts, outcomes, keys) == turns, "evaluation is deterministic"


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(flow=FLOWS)
def test_a_flow_survives_being_written_down(flow: Flow) -> None:
    assert msgspec.json.decode(msgspec.json.encode(flow), type=Flow) == flow


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(
    flow=FLOWS, keys=st.lists(st.sampled_from(["", "1", "2", "#"]), min_size=1, max_size=4), hours=st.integers(0, 170)
)
def test_where_no_silence_is_found_no_apology_is_needed(flow: Flow, keys: list[str], hours: int) -> None:
    """The check at save and the net on the phone agree: what passes the one never needs the other."""
    written = {step.prompt.text for step in every_step(flow.steps) if isinstance(step, Say)}
    if silences(flow) or problems(flow) or APOLOGY in written:
        return
    facts = replace(FACTS, now=SUNDAY_NIGHT + timedelta(hours=hours))
    assert all(
        prompt.text != APOLOGY for turn in play(flow, facts, [Status.NO_ANSWER], keys) for prompt in turn.prompts
    )


def test_the_usual_flow_rings_and_then_takes_a_message() -> None:
    flow = forwarding(SHOP, 20, "Speak now.", 120)
    first = next_turn(flow, None, None, FACTS)
    assert first == Turn((), Ring((SHOP,), 20, Position(1)))
    for ended in UNANSWERED:
        assert next_turn(flow, Position(1), ended, FACTS) == Turn((Prompt("Speak now."),), Record(120, Position(2)))
    assert next_turn(flow, Position(1), Status.COMPLETED, FACTS) == Turn((), End())
    assert next_turn(flow, Position(2), Status.RECORDED, FACTS) == Turn((), End())


def test_a_menu_leads_where_the_key_says_and_asks_again() -> None:
    menu = Menu(1, Prompt("Press 1."), (MenuKey("1", (replace_id(to(SALES), 2),)),), tries=2)
    flow = Flow((menu, BYE))
    asked = next_turn(flow, None, None, FACTS)
    assert asked == Turn((Prompt("Press 1."),), Ask(6, Position(1)))
    assert next_turn(flow, Position(1), None, FACTS, "1").act == Ring((SALES,), 25, Position(2))
    assert next_turn(flow, Position(1), None, FACTS, "7") == Turn((Prompt("Press 1."),), Ask(6, Position(1, 1)))
    assert next_turn(flow, Position(1, 1), None, FACTS, "") == Turn((Prompt("Bye."),), End())
    assert next_turn(flow, Position(2), Status.BUSY, FACTS) == Turn((Prompt("Bye."),), End())


def replace_id(dial: Dial, step: int) -> Dial:
    return msgspec.structs.replace(dial, id=step)


def test_destinations_ring_in_order_and_at_once() -> None:
    in_order, at_once = Flow((to(SHOP, SALES, order="in_order"), BYE)), Flow((to(SHOP, SALES), BYE))
    first = next_turn(in_order, None, None, FACTS).act
    assert first == Ring((SHOP,), 25, Position(1, 0, 0))
    second = next_turn(in_order, Position(1, 0, 0), Status.BUSY, FACTS).act
    assert second == Ring((SALES,), 25, Position(1, 1, 0))
    assert next_turn(in_order, Position(1, 1, 0), Status.BUSY, FACTS).prompts == (Prompt("Bye."),)
    assert next_turn(at_once, None, None, FACTS).act == Ring((SHOP, SALES), 25, Position(1))


def test_a_round_robin_gives_turns_by_weight() -> None:
    dial = Dial(1, (Destination(SHOP, 3), Destination(SALES, 1)), order="round_robin")
    firsts = []
    for turn in range(8):
        act = next_turn(Flow((dial, BYE)), None, None, replace(FACTS, turn=turn)).act
        assert isinstance(act, Ring)
        firsts.append(act.destinations[0])
    assert firsts.count(SHOP) == 6
    assert firsts[:4] == firsts[4:]
    assert (SALES, SALES) not in list(pairwise(firsts))


@pytest.mark.parametrize("order", ["all", "in_order", "round_robin"])
def test_a_caller_reaches_whoever_answered_before_and_then_the_others(order: str) -> None:
    flow = Flow((to(SHOP, SALES, SERVICE, order=order, sticky=True), BYE))
    act = next_turn(flow, None, None, replace(FACTS, answered_before=SALES)).act
    assert isinstance(act, Ring)
    assert act.destinations == (SALES,)
    rung = set(act.destinations)
    while isinstance(act, Ring):
        rung |= set(act.destinations)
        act = next_turn(flow, act.position, Status.NO_ANSWER, FACTS).act
    assert rung == {SHOP, SALES, SERVICE}


def test_hours_go_by_the_clock_of_the_place() -> None:
    week = (Opening(("mon", "tue", "wed", "thu", "fri"), "09:00", "17:00"), Opening(("sat",), "22:00", "02:00"))
    hours = Hours(
        1, "America/New_York", week, ("12-25", "2026-11-26"), (Say(2, Prompt("open")),), (Say(3, Prompt("closed")),)
    )

    def heard(*when: int) -> str:
        now = datetime(*when, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)  # type: ignore[arg-type,misc]
        return next_turn(Flow((hours, BYE)), None, None, replace(FACTS, now=now)).prompts[0].text

    assert heard(2026, 11, 23, 9, 0) == "open"
    assert heard(2026, 11, 23, 8, 59) == heard(2026, 11, 23, 17, 0) == "closed"
    assert heard(2026, 11, 26, 10, 0) == heard(2026, 12, 25, 10, 0) == "closed"  # holidays
    assert heard(2026, 11, 21, 23, 0) == heard(2026, 11, 22, 1, 59) == "open"  # past midnight
    assert heard(2026, 11, 22, 2, 0) == "closed"


def test_callers_are_told_apart_by_area_and_by_list() -> None:
    areas = (AreaBranch(("+1",), (Say(2, Prompt("America")),)), AreaBranch(("+1617",), (Say(3, Prompt("Boston")),)))
    blocked = Match(4, ("+1900*", "+16175550177"), withheld=True, steps=(HangUp(5, Prompt("blocked")),))
    by_area, by_list = Flow((Area(1, areas), BYE)), Flow((blocked, BYE))

    def heard(flow: Flow, caller: str) -> list[str]:
        return [prompt.text for prompt in next_turn(flow, None, None, replace(FACTS, caller=caller)).prompts]

    assert heard(by_area, "+16175550177") == ["Boston", "Bye."]
    assert heard(by_area, "+13125550177") == ["America", "Bye."]
    assert heard(by_area, "+442079460000") == heard(by_area, "") == ["Bye."]
    assert heard(by_list, "+16175550177") == heard(by_list, "+19005550100") == heard(by_list, "") == ["blocked"]
    assert heard(by_list, "+16175550178") == ["Bye."]


def test_a_split_keeps_its_percentages_and_its_word() -> None:
    flow = Flow((Split(1, (Share(30, (Say(2, Prompt("a")),)), Share(70, (Say(3, Prompt("b")),)))), BYE))
    facts = [replace(FACTS, call=f"call-{n}") for n in range(4_000)]
    share = sum(next_turn(flow, None, None, each).prompts[0].text == "a" for each in facts) / len(facts)
    assert 0.27 < share < 0.33
    assert next_turn(flow, None, None, facts[7]) == next_turn(flow, None, None, facts[7])


def test_a_missed_caller_is_texted_also_when_they_hang_up_early() -> None:
    flow = Flow((to(SHOP, SALES, order="in_order"), TextBack(2, "Sorry we missed you."), Voicemail(3)))
    waiting = next_turn(flow, None, None, FACTS)
    assert waiting.texts == ()
    assert owed_texts(flow, Position(1, 0, 0), Status.CANCELED, FACTS) == ((2, "Sorry we missed you."),)
    assert next_turn(flow, Position(1, 1, 0), Status.BUSY, FACTS).texts == ((2, "Sorry we missed you."),)
    assert owed_texts(flow, Position(1, 0, 0), Status.COMPLETED, FACTS) == ()


def test_the_recording_is_announced_before_it_rings() -> None:
    announced = to(
        SHOP, record=True, announcement=Prompt("This call is recorded."), whisper=Prompt("Web"), accept_key="1"
    )
    turn = next_turn(Flow((announced, BYE)), None, None, FACTS)
    assert turn.prompts == (Prompt("This call is recorded."),)
    assert turn.act == Ring((SHOP,), 25, Position(1), Prompt("Web"), "1", record=True)


def test_a_step_that_was_deleted_meanwhile_begins_the_flow_anew() -> None:
    assert next_turn(forwarding(SHOP), Position(77), Status.BUSY, FACTS).act == Ring((SHOP,), 25, Position(1))
    assert next_turn(forwarding(SHOP), Position(77), Status.COMPLETED, FACTS).act == End()
    assert next_turn(None, Position(1), Status.NO_ANSWER, FACTS).prompts


def test_the_dry_run_says_what_happens() -> None:
    closed = Hours(
        1, "America/New_York", (Opening(("mon",), "09:00", "17:00"),), (), (), (Say(2, Prompt("We are closed.")),)
    )
    flow = Flow((closed, replace_id(to(SHOP), 3), Voicemail(4, Prompt("Speak."))))
    lines = [(line.kind, line.text) for line in rehearse(flow, FACTS)]
    assert lines == [
        ("hears", "We are closed."),
        ("rings", SHOP),
        ("no_answer", ""),
        ("hears", "Speak."),
        ("records", ""),
    ]
    assert [line.kind for line in rehearse(flow, FACTS, answers=SHOP)][-1] == "answers"
