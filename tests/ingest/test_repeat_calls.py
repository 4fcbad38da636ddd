"""A caller who called the number before brings the first call's source (K3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from callspring.calls.models import Call, Credit, FirstCall, Flag
from callspring.ids import derived_id
from callspring.inbox.actions import flag_call
from callspring.ingest.credits import credit
from callspring.jobs.run import run_due
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from tests.ingest.test_crediting import settle, told
from tests.ingest.world import CALLER, GOOGLE, MAIL, Person, World

pytestmark = pytest.mark.django_db(transaction=True)


def repeat(world: World, number: Number, call: str, at: float, **changes: Any) -> Credit:
    """A later call, judged for good."""
    world.ingest(world.said(at, number, call, **changes), at=at)
    settle(world, at)
    return world.credit(call)


def first_call(world: World, caller: str = CALLER) -> Person:
    """Ann, from the newsletter, calls the first pool number."""
    ann = Person(world, MAIL)
    world.ingest(*ann.arrives(0, world.pool[0]), world.said(10, world.pool[0], "sb_1", caller), at=10)
    settle(world, 10)
    return ann


def test_a_repeat_call_takes_the_first_calls_source(world: World) -> None:
    ann = first_call(world)
    ben = Person(world, GOOGLE)
    world.ingest(*ben.arrives(5000, world.pool[0]), at=5000)
    credit = repeat(world, world.pool[0], "sb_2", 5010)
    assert (credit.basis, credit.source, credit.campaign, credit.channel) == ("repeat", "newsletter", "May", "email")
    assert credit.first_call == UUID(derived_id("call", "sb_1"))
    assert credit.visit == UUID(ben.visit), "the visit it came from stays recorded beside it"
    assert world.credit("sb_1").visit == UUID(ann.visit)


def test_a_call_that_is_flagged_while_it_is_judged_is_nobodys_first_one(world: World) -> None:
    ann = Person(world, MAIL)
    world.ingest(*ann.arrives(0, world.pool[0]), world.said(10, world.pool[0]), at=10)
    loaded = world.call()
    flag_call(world.call(), Flag.SPAM)
    run_due()
    assert credit(loaded, final=True)
    assert not FirstCall.objects.exists()
    assert repeat(world, world.pool[0], "sb_2", 5000).basis != "repeat"


def test_a_repeat_call_without_a_visitor_is_certain_of_its_source(world: World) -> None:
    first_call(world)
    credit = repeat(world, world.pool[0], "sb_2", 90_000)
    assert (credit.basis, credit.source, credit.grade, credit.visit) == ("repeat", "newsletter", "certain", None)


def test_the_source_stays_when_the_number_moves_to_a_static_scenario(world: World) -> None:
    first_call(world)
    number = world.pool[0]
    static = world.rule("referral", value="partner.example")
    Number.objects.filter(pk=number.pk).update(scenario=static.scenario, rule=static)
    number.refresh_from_db()
    credit = repeat(world, number, "sb_2", 5000)
    assert (credit.basis, credit.source) == ("repeat", "newsletter")
    stranger = repeat(world, number, "sb_3", 6000, caller="+17735550199")
    assert (stranger.basis, stranger.source) == ("static", "partner.example")


def test_an_old_call_stays_credited_when_its_number_moves(world: World) -> None:
    ann, number = first_call(world), world.pool[0]
    static = world.rule("referral", value="partner.example")
    Number.objects.filter(pk=number.pk).update(scenario=static.scenario, rule=static)
    world.ingest(world.business(60, "completed", duration=40), at=60)
    assert told(world) == ("final", "holder", "certain", "newsletter", UUID(ann.visit))
    assert Credit.objects.count() == 2


def test_another_number_is_no_repeat(world: World) -> None:
    first_call(world)
    credit = repeat(world, world.pool[1], "sb_2", 5000)
    assert (credit.basis, credit.source) == ("nobody", "")


def test_another_caller_is_no_repeat(world: World) -> None:
    first_call(world)
    credit = repeat(world, world.pool[0], "sb_2", 5000, caller="+17735550199")
    assert (credit.basis, credit.first_call) == ("holder", None), (
        "the only one who saw the number may have another phone"
    )
    assert credit.grade != "certain"


def test_withheld_callers_are_never_the_same_person(world: World) -> None:
    first_call(world, caller="")
    assert repeat(world, world.pool[0], "sb_2", 5000, caller="").basis != "repeat"
    assert not FirstCall.objects.exists()


def test_a_first_call_that_was_credited_to_nobody_gives_no_source(world: World) -> None:
    repeat(world, world.pool[0], "sb_1", 0)
    ann = Person(world, MAIL)
    world.ingest(*ann.arrives(5000, world.pool[0]), at=5000)
    assert repeat(world, world.pool[0], "sb_2", 5010).basis == "holder"
    assert repeat(world, world.pool[0], "sb_3", 9000).first_call == UUID(derived_id("call", "sb_2"))


def test_the_first_calls_source_outlives_the_call(world: World) -> None:
    first_call(world)
    Call.objects.all().delete()
    assert repeat(world, world.pool[0], "sb_2", 5000).source == "newsletter"


def test_calls_of_a_backlog_are_judged_in_the_order_they_were_placed(world: World) -> None:
    """Everything of an outage is ingested at once: the earlier call of each pair is still the first."""
    callers = [f"+1773555{n:04d}" for n in range(8)]
    ann, ben, number = Person(world, MAIL), Person(world, GOOGLE), world.pool[0]
    world.spool(*ann.arrives(0, number), *(world.said(10, number, f"first {c}", c) for c in callers))
    world.spool(*ben.arrives(900, number), *(world.said(910, number, f"second {c}", c) for c in callers))
    world.ingest(world.tick(1000), at=1001)
    for caller in callers:
        assert told(world, f"first {caller}")[1:2] == ("holder",)
        second = world.credit(f"second {caller}")
        assert (second.basis, second.source, second.visit) == ("repeat", "newsletter", UUID(ben.visit))


def test_an_earlier_call_that_comes_to_light_late_is_the_first(world: World) -> None:
    ann, ben, number = Person(world, MAIL), Person(world, GOOGLE), world.pool[0]
    world.ingest(*ann.arrives(0, number), *ben.arrives(900, number), at=900)
    assert repeat(world, number, "later", 910).source == "google"
    world.ingest(world.said(10, number, "earlier"), world.tick(1000), at=1000, door="doors-2")
    world.ingest(world.tick(1000), at=1000)
    earlier = world.credit("earlier")
    assert (earlier.stage, earlier.basis, earlier.source) == ("final", "holder", "newsletter")
    assert repeat(world, number, "third", 9000).source == "newsletter"


def test_late_evidence_about_the_first_call_mends_what_is_remembered(world: World) -> None:
    world.ingest(*Person(world, GOOGLE).arrives(0, world.pool[0]), at=0)
    world.ingest(world.said(10, world.pool[0]), world.tick(15), at=15)
    ann = Person(world, MAIL)
    world.ingest(*ann.arrives(5, world.pool[0]), ann.clicks(8, world.pool[0]), at=300, door="doors-2")
    assert told(world)[3] == "newsletter"
    assert repeat(world, world.pool[0], "sb_2", 5000).source == "newsletter"


def test_later_calls_are_credited_again_when_the_first_ones_source_changes(world: World) -> None:
    """Ann's visit comes to light only after both calls were credited for good."""
    world.ingest(*Person(world, GOOGLE).arrives(0, world.pool[0]), at=0)
    world.ingest(world.said(10, world.pool[0]), world.tick(15), at=15)
    assert repeat(world, world.pool[0], "sb_2", 5000).source == "google"
    ann = Person(world, MAIL)
    world.ingest(*ann.arrives(5, world.pool[0]), ann.clicks(8, world.pool[0]), at=5100, door="doors-2")
    run_due()
    second = world.credit("sb_2")
    assert (second.stage, second.basis, second.source) == ("final", "repeat", "newsletter")


def test_an_earlier_call_that_comes_to_light_late_gives_its_source_to_the_later_one(world: World) -> None:
    ann, ben, number = Person(world, MAIL), Person(world, GOOGLE), world.pool[0]
    world.ingest(*ann.arrives(0, number), *ben.arrives(900, number), at=900)
    assert repeat(world, number, "later", 910).basis == "holder"
    world.ingest(world.said(10, number, "earlier"), world.tick(1000), at=1000, door="doors-2")
    world.ingest(world.tick(1000), at=1000)
    run_due()
    later = world.credit("later")
    assert (later.stage, later.basis, later.source) == ("final", "repeat", "newsletter")


@pytest.mark.parametrize("caller", ["sip:anna@example.com", "anonymous", "12345"])
def test_who_has_no_number_of_their_own_is_never_the_same_person(world: World, caller: str) -> None:
    first_call(world, caller=caller)
    assert repeat(world, world.pool[0], "sb_2", 5000, caller=caller).basis != "repeat"
    assert not FirstCall.objects.exists()


def test_companies_are_apart(world: World) -> None:
    first_call(world)
    other = World.__new__(World)
    other.__dict__.update(world.__dict__)
    folder = world.folder.parent / "other"
    folder.mkdir()
    World.__init__(other, folder)
    other.t, other.folder, other.ingester = world.t, world.folder, world.ingester
    other._writers = world._writers
    Number.objects.filter(pk=world.pool[0].pk).update(state=Number.State.RELEASED)
    same = other.pool[0]
    Number.objects.filter(pk=same.pk).update(e164=world.pool[0].e164)
    same.refresh_from_db()
    assert repeat(other, same, "sb_9", 5000).basis == "nobody"
    assert Scenario.objects.count() == 4
