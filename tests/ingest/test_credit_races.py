"""Credits that several processes or people touch in the same moment."""

from __future__ import annotations

from uuid import UUID

import pytest

from callspring.accounts.models import User
from callspring.calls import learning, timing
from callspring.calls.correcting import say
from callspring.calls.crediting import credit_call
from callspring.calls.models import Correction, Credit, FirstCall, Lesson, TimingModel
from callspring.jobs.run import run_due
from tests.ingest.world import GOOGLE, MAIL, Person, World
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def two_calls(world: World) -> tuple[Person, Person]:
    """Ann calls; later the same caller calls from Ben's visit. Neither call is final."""
    ann, ben, number = Person(world, MAIL), Person(world, GOOGLE), world.pool[0]
    world.ingest(*ann.arrives(0, number), ann.clicks(8, number), world.said(10, number, "sb_1"), at=10)
    world.ingest(*ben.arrives(2000, number), ben.clicks(2008, number), world.said(2010, number, "sb_2"), at=2010)
    Credit.objects.all().delete()
    FirstCall.objects.all().delete()
    return ann, ben


def test_first_and_second_call_judged_at_once(world: World) -> None:
    """Whichever comes first, the second one takes the first one's source in the end."""
    two_calls(world)
    first, second = world.call("sb_1"), world.call("sb_2")
    done = at_once([lambda call=call: credit_call(call, final=True) for call in (second, first, second, first)])  # type: ignore[misc] # mypy does not infer lambdas with defaults
    assert not [one for one in done if isinstance(one, Exception)]
    run_due()
    credit = world.credit("sb_2")
    assert (credit.basis, credit.source, credit.first_call) == ("repeat", "newsletter", first.pk)
    assert FirstCall.objects.get().call == first.pk
    for call in (first, second):
        versions = list(Credit.objects.filter(call=call).order_by("version").values_list("version", flat=True))
        assert versions == list(range(1, len(versions) + 1))


def test_a_call_is_learnt_once_however_many_learn(world: World) -> None:
    two_calls(world)
    credit_call(world.call("sb_1"), final=True)
    at_once([learning.learn_all] * 4)
    learning.learn_all()
    assert Lesson.objects.count() == 1
    model = TimingModel.objects.get()
    assert timing.of_site(world.site.pk).calls == pytest.approx(1.0, abs=0.05)
    assert model.version == 1


def test_people_who_say_different_things_at_once(world: World) -> None:
    ann, ben = two_calls(world)
    call = world.call("sb_2")
    credit_call(call, final=True)
    alice = User.objects.create_user("alice@example.com")
    at_once([lambda visit=visit: say(call, alice, UUID(visit)) for visit in (ann.visit, ben.visit) * 2])  # type: ignore[misc] # mypy does not infer lambdas with defaults
    word = Correction.objects.get(undone_at=None)
    assert world.credit("sb_2").visit == word.visit
    assert Correction.objects.count() >= 1
