"""Spam in the record: flagged with why, kept apart, undone by people for good."""

from __future__ import annotations

from typing import Any

import pytest

from callspring.accounts.models import Account, BlockedCaller, Company, SpamSettings
from callspring.calls.models import Call, CallChange, Flag
from callspring.inbox.actions import flag_call
from callspring.inbox.models import Thread
from callspring.numbers.models import Number
from callspring.records import CallSaid
from tests.ingest.world import CALLER, World

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "+16175550123"


def hangs_up(world: World, at: float, called: Number, call: str, **changes: Any) -> list[CallSaid]:
    """Somebody calls and hangs up after two seconds."""
    over = {"status": "canceled", "duration": 2, **changes}
    return [
        world.said(at, called, call, changes.get("caller", CALLER)),
        world.said(at + 2, called, call, **{"caller": CALLER, **over}),
    ]


def dials_around(world: World, calls: int = 6, **changes: Any) -> list[Call]:
    figures = {"repeat_calls": 6, "repeat_numbers": 4, "repeat_minutes": 30}
    SpamSettings.objects.get_or_create(company=world.company, defaults=figures)
    numbers = [*world.pool, world.static]
    for place in range(calls):
        at = place * 20.0
        world.ingest(*hangs_up(world, at, numbers[place % 4], f"sb_{place}", **changes), at=at + 3)
    return [world.call(f"sb_{place}") for place in range(calls)]


def test_repeat_dialling_is_recognised_and_flags_the_pattern(world: World) -> None:
    calls = dials_around(world, 5)
    assert {call.flag for call in calls} == {""}
    calls = dials_around(world, 7)
    assert {call.flag for call in calls} == {"spam"}
    assert calls[0].flag_reasons == [{"kind": "repeat", "calls": 6, "numbers": 4, "minutes": 30}]
    changes = CallChange.objects.filter(call=calls[0])
    assert [(one.what, one.before, one.after, one.by) for one in changes] == [("flag", "", "spam", None)]


def test_what_people_undo_stays_undone(world: World) -> None:
    calls = dials_around(world, 6)
    flag_call(calls[2], "")
    again = dials_around(world, 9)
    assert (again[2].flag, again[2].flag_reasons) == ("", [])
    assert {call.flag for call in again[6:]} == {""}, "the caller is trusted from now on"


def test_a_blocked_caller_is_spam_and_stands_apart_in_the_inbox(world: World) -> None:
    BlockedCaller.objects.create(company=world.company, pattern="+1773*")
    world.ingest(world.said(0, world.static), at=0)
    call = world.call()
    assert (call.flag, call.flag_reasons) == ("spam", [{"kind": "blocked", "pattern": "+1773*"}])
    thread = Thread.objects.get(contact=CALLER)
    assert thread.flag == Flag.SPAM
    flag_call(call, "")
    thread.refresh_from_db()
    call.refresh_from_db()
    assert (thread.flag, call.flag) == ("", ""), "undone on the call's page, the caller is back in the inbox"
    world.ingest(world.said(9, world.static, status="canceled"), at=9)
    assert world.call().flag == ""


def test_a_block_list_is_its_companys_own(world: World) -> None:
    other = Company.objects.create(account=Account.objects.create(name="Elsewhere"), name="Elsewhere", key="ck_else")
    BlockedCaller.objects.create(company=other, pattern=CALLER)
    SpamSettings.objects.create(company=world.company, repeat_calls=0)
    world.ingest(world.said(0, world.static), at=0)
    assert world.call().flag == ""
    assert {call.flag for call in dials_around(world, 8)} == {""}, "switched off"


def test_withheld_is_only_who_asks_without_a_number(world: World) -> None:
    BlockedCaller.objects.create(company=world.company, pattern="withheld", reject=False)
    world.ingest(world.business(1, "ringing", "sb_late"), at=1)
    assert world.call("sb_late").flag == "", "nobody has said yet who calls"
    world.ingest(world.said(0, world.static, "sb_late", OTHER), at=2)
    assert world.call("sb_late").flag == ""
    world.ingest(world.said(5, world.static, "sb_withheld", ""), at=5)
    assert world.call("sb_withheld").flag == "spam"


def test_the_attestation_is_kept(world: World) -> None:
    world.ingest(world.said(0, world.static, attestation="C"), at=0)
    assert (world.call().attestation, world.call().flag) == ("C", "")
