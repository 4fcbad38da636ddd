"""The timing model of a site learns from each call once, and takes back what has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from callspring.calls import learning, timing
from callspring.calls.flags import flag_calls
from callspring.calls.models import Call, Credit, Flag, Lesson, TimingModel
from callspring.calls.sums import sums_of
from callspring.calls.touches import stored
from callspring.pools.sources import place_of
from callspring.pools.timing import Timing
from callspring.scenarios.sites import remove_site
from callspring.visits.models import Visit
from callspring.visits.touch import name_of
from tests.calls.credit_story import CreditStory, after


class Learning(CreditStory):
    def setUp(self) -> None:
        super().setUp()
        self.sees(after(-200), seconds=100)

    def known(self) -> Timing:
        return timing.of_site(self.site().pk)

    def sums(self) -> dict[str, Any]:
        return {name: value for name, value in sums_of(self.known()).items() if name not in ("delays", "visits")}

    def test_a_call_is_learnt_once(self) -> None:
        self.calls_in(after())
        assert learning.learn_all() == 1
        once = self.sums()
        assert once["calls"] == pytest.approx(1.0, abs=0.05)
        assert learning.learn_all() == 0
        Credit.objects.update(learnt=False)  # as if the process had died before it was written down
        learning.learn_all()
        assert self.sums()["calls"] == pytest.approx(once["calls"])
        assert Lesson.objects.count() == 1

    def test_a_call_to_a_number_of_a_removed_site_is_learnt(self) -> None:
        self.calls_in(after())
        site = self.site()
        remove_site(site)
        assert learning.learn_all() == 1
        assert sums_of(timing.of_site(site.pk))["calls"] == pytest.approx(1.0, abs=0.05)
        learning.expose_all(after() + timedelta(hours=3))
        assert TimingModel.objects.get(site=site).exposed_until is not None

    def test_a_provisional_credit_is_not_learnt(self) -> None:
        self.calls_in(after(), final=False)
        assert learning.learn_all() == 0

    def test_spam_is_forgotten_and_learnt_again_when_it_is_none(self) -> None:
        call = self.calls_in(after())
        learning.learn_all()
        learnt = self.sums()
        flag_calls(self.company.pk, Call.objects.filter(pk=call.pk), Flag.SPAM)
        learning.learn_all()
        assert self.sums()["calls"] == pytest.approx(0.0)
        assert not self.known().doubts.cases
        flag_calls(self.company.pk, Call.objects.filter(pk=call.pk), Flag.NONE)
        learning.learn_all()
        assert self.sums()["calls"] == pytest.approx(learnt["calls"])

    def test_who_is_second_writes_nothing(self) -> None:
        self.calls_in(after())
        model = TimingModel.objects.create(site=self.site(), company=self.company)
        read = learning._locked

        def meanwhile(site: int) -> TimingModel:
            found = read(site)
            TimingModel.objects.filter(pk=model.pk).update(version=7)
            return found

        with patch.object(learning, "_locked", meanwhile), pytest.raises(learning.Raced):
            learning.learn_all()
        assert not Lesson.objects.exists()
        assert learning.learn_all() == 1
        assert Lesson.objects.count() == 1

    def test_what_a_case_becomes_belongs_to_its_own_call(self) -> None:
        """The model keeps so many doubtful calls; what the oldest said is then kept, and can be taken back still."""
        first = self.calls_in(after())
        with patch("callspring.pools.doubts.MOST_CASES", 1):
            learning.learn_all()
            self.sees(after(5000), seconds=100)
            second = self.calls_in(after(5300), caller="+13125550111")
            learning.learn_all()
            known = self.known()
            assert len(known.doubts.cases) == 1
            assert any(known.doubts.evidence)
            flag_calls(self.company.pk, Call.objects.filter(pk=first.pk), Flag.SPAM)
            learning.learn_all()
        left = [*self.known().doubts.evidence, *self.known().doubts.more]
        assert left == pytest.approx([0.0] * len(left), abs=1e-6)
        assert [case.time for case in self.known().doubts.cases] == [second.started_at.timestamp()]

    def test_another_version_of_the_model_is_learnt_anew(self) -> None:
        self.calls_in(after())
        learning.learn_all()
        before = self.sums()
        TimingModel.objects.update(state={"version": 0})
        assert sums_of(Timing()) == sums_of(timing.read({"version": 0}) or Timing())
        self.calls_in(after(5), caller="+13125550111")
        learning.learn_all()
        assert self.sums()["calls"] > before["calls"]
        assert Lesson.objects.count() == 2

    def test_visits_count_once_as_time_in_which_calls_could_come(self) -> None:
        now = timezone.now()
        Visit.objects.update(started_at=now - timedelta(hours=5), last_active_at=now - timedelta(hours=5, seconds=-100))
        for _ in range(2):
            learning.expose_all(now)
        known = self.known()
        assert sum(known.visits) == 1
        assert sum(known.on_page_seconds["mobile"]) == pytest.approx(100)
        assert known.number_seconds == pytest.approx(2 * 3 * 3600)
        later = now + timedelta(hours=1)
        learning.expose_all(later)
        assert sum(self.known().visits) == 1

    def test_a_visit_and_its_call_count_for_the_same_source(self) -> None:
        visit = self.sees(after(-100), seconds=97, tapped=True)
        self.calls_in(after())
        learning.learn_all()
        learning.expose_all(after(hours=9))
        known, place = Timing.from_dict(TimingModel.objects.get().state), place_of(name_of(stored(visit)))
        assert known.source_calls["mobile"][place] == pytest.approx(1, abs=0.3)
        assert sum(known.source_calls["mobile"]) == known.source_calls["mobile"][place]
        assert sum(known.source_visits["mobile"]) == known.source_visits["mobile"][place] > 0

    def test_sites_of_others_learn_nothing_of_it(self) -> None:
        self.calls_in(after())
        learning.learn_all()
        assert not TimingModel.objects.exclude(company=self.company).exists()
        assert timing.of_site(self.site(self.elsewhere).pk) is timing.PRIOR
