"""The call is credited: provisional at once, final when the evidence is in, again when late evidence comes (K3, K4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from callspring.calls.models import Call, Credit, FirstCall
from callspring.ids import derived_id
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from tests.ingest.world import CALLER, GOOGLE, MAIL, Person, World

pytestmark = pytest.mark.django_db(transaction=True)


def told(world: World, call: str = "sb_1") -> tuple[str, str, str, str, UUID | None]:
    """(stage, basis, grade, source, visit) of the credit in force."""
    credit = world.credit(call)
    return credit.stage, credit.basis, credit.grade, credit.source, credit.visit


def settle(world: World, at: float) -> None:
    """The door lives on until its events up to 5 s after the call are in."""
    world.ingest(world.tick(at + 5), at=at + 5)


def test_a_pool_call_is_credited_to_who_views_the_number(world: World) -> None:
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    first, second, _ = world.pool
    world.ingest(*ann.arrives(0, first), *ben.arrives(2, second), world.said(10, first), at=10)
    assert told(world) == ("provisional", "holder", "certain", "newsletter", UUID(ann.visit))
    settle(world, 10)
    credit = world.credit()
    assert told(world) == ("final", "holder", "certain", "newsletter", UUID(ann.visit))
    assert (credit.visit_number, credit.campaign, credit.channel) == (ann.number, "May", "email")
    assert credit.page_view == UUID(ann.page)
    (candidate,) = credit.candidates
    assert candidate["visit"] == ann.visit
    assert [evidence["kind"] for evidence in candidate["evidence"]] == ["exclusive", "viewing"]
    assert credit.probability is not None
    assert 0.9 < credit.probability < 1


def test_a_static_call_is_credited_to_its_number(world: World) -> None:
    world.ingest(world.said(0, world.static), at=0)
    settle(world, 0)
    credit = world.credit()
    assert (credit.stage, credit.basis, credit.grade, credit.visit) == ("final", "static", "certain", None)
    assert credit.source == "promo=leaflet"


def test_a_number_that_nobody_held_credits_nobody(world: World) -> None:
    world.ingest(world.said(0, world.pool[0]), at=0)
    assert told(world) == ("provisional", "nobody", "unknown", "", None)


def test_a_number_whose_scenario_is_off_credits_nobody(world: World) -> None:
    world.ingest(*Person(world).arrives(0, world.pool[0]), world.said(5, world.pool[0], scenario=0), at=5)
    assert told(world)[1:3] == ("nobody", "unknown")


def test_a_call_that_dialled_no_number_of_ours(world: World) -> None:
    world.ingest(world.said(0, world.static, number=0, scenario=0, destination=""), at=0)
    assert (world.call().number, told(world)[1]) == (None, "nobody")


def test_a_call_one_second_after_the_page_opened(world: World) -> None:
    """And before the page said that it swapped anything; the earlier holder left a while ago."""
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    number = world.pool[0]
    world.ingest(*ann.arrives(-400, number), ann.beats(-390, left=True), *ben.lands(0), ben.given(0, number), at=0)
    world.ingest(world.said(1, number), at=1)
    assert told(world)[3:] == ("google", UUID(ben.visit))
    world.ingest(ben.swaps(1.2, number), at=2)
    settle(world, 1)
    assert told(world) == ("final", "holder", "likely", "google", UUID(ben.visit)) or told(world)[2] == "certain"


def test_a_carrier_whose_clock_is_a_second_behind(world: World) -> None:
    ann = Person(world, MAIL)
    world.ingest(*ann.arrives(0, world.pool[0]), world.said(-0.9, world.pool[0], received_at=world.t + 1), at=1)
    assert told(world)[3:] == ("newsletter", UUID(ann.visit))


def test_a_click_on_the_number_decides_between_two(world: World) -> None:
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    number, other, _ = world.pool
    world.spool(*ann.arrives(0, number), *ben.arrives(1, number), ann.clicks(20, number), ben.clicks(21, other))
    world.ingest(world.said(24, number), at=24)
    assert told(world)[2:] == ("certain", "newsletter", UUID(ann.visit))
    first = world.credit().candidates[0]
    assert first["evidence"][0] == {"kind": "tel_click", "seconds": 4}


def test_two_who_view_the_same_number_are_ambiguous(world: World) -> None:
    number = world.pool[0]
    world.ingest(*Person(world).arrives(0, number), *Person(world).arrives(1, number), world.said(9, number), at=9)
    credit = world.credit()
    assert credit.grade == "ambiguous"
    assert len(credit.candidates) == 2


def test_who_sees_another_number_by_now_is_not_viewing_the_old_one(world: World) -> None:
    """Ann came back late and got another number, on the same visit; her old one is Ben's."""
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    number, other, _ = world.pool
    world.spool(*ann.arrives(0, number), *ben.arrives(590, number))
    world.spool(ann.views(600), ann.given(600, other), ann.swaps(600, other), ben.beats(620), ann.beats(630))
    world.ingest(world.said(640, number), at=640)
    assert told(world)[2:] == ("likely", "google", UUID(ben.visit))
    ours = next(found for found in world.credit().candidates if found["visit"] == ann.visit)
    assert ours["probability"] < 0.5
    assert [evidence["kind"] for evidence in ours["evidence"]] == ["left"]


def test_what_happened_after_the_call_does_not_change_whom_it_is_credited_to(world: World) -> None:
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    number = world.pool[0]
    world.ingest(*ann.arrives(0, number), world.said(10, number), at=10)
    settle(world, 10)
    world.ingest(ann.beats(12, left=True), *ben.arrives(200, number), at=200)
    world.ingest(world.business(11, "answered"), world.business(190, "completed", duration=179), at=201)
    assert told(world) == ("final", "holder", "certain", "newsletter", UUID(ann.visit))


# --- provisional and final (K4)


def test_a_credit_waits_for_every_live_door(world: World) -> None:
    ann = Person(world, MAIL)
    world.ingest(world.tick(9), at=9, door="doors-2")
    world.ingest(*ann.arrives(0, world.pool[0]), world.said(10, world.pool[0]), world.tick(20), at=20)
    assert told(world)[0] == "provisional", "the second door may still know better"
    world.ingest(world.tick(14.9), at=20, door="doors-2")
    assert told(world)[0] == "provisional"
    world.ingest(world.tick(15), at=20, door="doors-2")
    assert told(world)[0] == "final"


def test_a_credit_is_not_final_before_5_seconds(world: World) -> None:
    world.ingest(world.said(10, world.static), world.tick(14.9), at=14.9)
    assert told(world)[0] == "provisional"
    world.ingest(world.tick(15), at=15)
    assert told(world)[0] == "final"


def test_a_door_that_is_gone_holds_nothing_up(world: World) -> None:
    world.ingest(world.tick(-100), at=-100, door="doors-2")
    world.ingest(world.said(10, world.static), world.tick(15), at=15)
    assert told(world)[0] == "final"


def test_patience_ends_after_30_seconds(world: World) -> None:
    world.ingest(world.tick(0), at=0, door="doors-2")
    world.ingest(world.said(10, world.static), world.tick(15), at=15)
    world.step(29)
    assert told(world)[0] == "provisional"
    world.step(50)
    assert told(world)[0] == "final"


def test_a_judgement_that_stays_the_same_is_not_written_again(world: World) -> None:
    world.ingest(world.said(0, world.static), at=0)
    settle(world, 0)
    for at, status in enumerate(("ringing", "answered", "completed"), start=6):
        world.ingest(world.business(at, status), at=at)
    assert [credit.stage for credit in Credit.objects.order_by("version")] == ["provisional", "final"]


def test_evidence_before_the_final_replaces_the_provisional(world: World) -> None:
    """The door that saw the visitor is read after the one that heard the carrier."""
    ann = Person(world, MAIL)
    world.ingest(world.tick(0), at=0, door="doors-2")
    world.ingest(world.said(10, world.pool[0]), world.tick(12), at=12)
    assert told(world)[1] == "nobody"
    world.ingest(*ann.arrives(0, world.pool[0]), world.tick(15), at=16, door="doors-2")
    settle(world, 10)
    assert told(world) == ("final", "holder", "certain", "newsletter", UUID(ann.visit))
    assert [credit.current for credit in Credit.objects.order_by("version")] == [False, True]


def test_late_evidence_credits_again_and_keeps_what_was_said_before(world: World) -> None:
    ann = Person(world, MAIL)
    world.ingest(world.said(10, world.pool[0]), world.tick(15), at=15)
    assert told(world)[:2] == ("final", "nobody")
    world.ingest(*ann.arrives(0, world.pool[0]), at=300, door="doors-2")
    assert told(world) == ("final", "holder", "certain", "newsletter", UUID(ann.visit))
    versions = Credit.objects.order_by("version").values_list("version", "basis", "current")
    assert list(versions) == [(1, "nobody", False), (2, "nobody", False), (3, "holder", True)]


def test_a_late_click_credits_again(world: World) -> None:
    ann, ben, number = Person(world, MAIL), Person(world, GOOGLE), world.pool[0]
    world.ingest(*ann.arrives(0, number), *ben.arrives(1, number), world.said(10, number), world.tick(15), at=15)
    assert told(world)[2] == "ambiguous"
    world.ingest(ann.clicks(8, number), at=300, door="doors-2")
    assert told(world)[2:] == ("certain", "newsletter", UUID(ann.visit))


def test_an_hours_backlog_is_credited_at_its_own_time(world: World) -> None:
    """The database was away: everything comes at once, and in the order of the spool."""
    people = [Person(world, MAIL) for _ in range(3)]
    for minute, person in enumerate(people):
        at = minute * 600.0
        world.spool(
            *person.arrives(at, world.pool[0]),
            world.said(at + 20, world.pool[0], f"sb_{minute}", f"+1773555010{minute}"),
        )
    world.ingest(world.tick(3600), at=3601)
    for minute, person in enumerate(people):
        assert told(world, f"sb_{minute}")[0::4] == ("final", UUID(person.visit))


# --- the repeat rule (K3)


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


@pytest.mark.parametrize(("caller", "dialled"), [("+17735550199", 0), (CALLER, 1)])
def test_another_caller_or_another_number_is_no_repeat(world: World, caller: str, dialled: int) -> None:
    first_call(world)
    credit = repeat(world, world.pool[dialled], "sb_2", 5000, caller=caller)
    assert (credit.basis, credit.source) == ("nobody", "")


def test_withheld_callers_are_never_the_same_person(world: World) -> None:
    first_call(world, caller="")
    assert repeat(world, world.pool[0], "sb_2", 5000, caller="").basis == "nobody"
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
