"""The call is credited: provisional at once, final when the evidence is in, again when late evidence comes (K3, K4)."""

from __future__ import annotations

from uuid import UUID

import pytest

from callspring.calls.models import Credit
from callspring.visits.models import Visit
from tests.ingest.world import GOOGLE, MAIL, Person, World

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
    stage, basis, grade, source, visit = told(world)
    assert (stage, basis, source, visit) == ("final", "holder", "google", UUID(ben.visit))
    assert grade in ("likely", "certain")


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
    assert told(world)[2:] == ("certain", "google", UUID(ben.visit))
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


def test_late_signs_of_life_credit_again(world: World) -> None:
    """The door that saw Ann's page was cut off: only later we hear that she had left before, and Ben was there."""
    ann, ben, number = Person(world, MAIL), Person(world, GOOGLE), world.pool[0]
    world.ingest(*ann.arrives(0, number), *ben.lands(1), ben.given(1, number), at=1)
    world.ingest(world.said(40, number), world.tick(45), at=45)
    assert told(world)[3] == "newsletter"
    world.ingest(ben.swaps(1.5, number), ben.beats(38), ann.beats(3, left=True), at=300, door="doors-2")
    assert told(world)[0::3] == ("final", "google")


def test_late_signs_of_life_of_others_credit_nothing_again(world: World) -> None:
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    first, second, _ = world.pool
    world.ingest(*ann.arrives(0, first), *ben.arrives(1, second), world.said(40, first), world.tick(45), at=45)
    world.ingest(ben.beats(38), at=300, door="doors-2")
    assert Credit.objects.count() == 2


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


def test_a_call_that_cannot_be_judged_holds_up_no_other(world: World) -> None:
    """As if a version of ours had written a source that this one cannot read; mended, the call is judged after all."""
    ann, ben = Person(world, MAIL), Person(world, GOOGLE)
    first, second, _ = world.pool
    world.ingest(*ann.arrives(0, first), *ben.arrives(1, second), at=1)
    Visit.objects.filter(pk=ann.visit).update(stored_source={"unheard of": "x"})
    world.ingest(world.said(5, first, "sb_1"), world.said(6, second, "sb_2", "+13125550188"), at=6)
    settle(world, 6)
    assert world.call("sb_1").status == "ringing"
    assert not Credit.objects.filter(call=world.call("sb_1")).exists()
    assert told(world, "sb_2")[:2] == ("final", "holder")
    Visit.objects.filter(pk=ann.visit).update(stored_source={"source": "newsletter"})
    world.step(at=70)
    assert told(world, "sb_1")[1:4] == ("holder", "certain", "newsletter")
