"""How a pool hands its numbers out (N5, P3): what people set is what the doors do."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from callspring.maintenance import queries
from callspring.maintenance.hours import pool_sizes
from callspring.numbers.models import Number
from callspring.scenarios.handing_out import hand_out
from callspring.scenarios.membership import look_at_size, take_out
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_company
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import PublishedScenario, site_decoder
from tests.stories import Story


class HandingOut(Story):
    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(settings.CONFIG.snapshots, ignore_errors=True)
        self.scenario = self.pool(3)
        self.scenario.enabled = True
        self.scenario.save()
        self.own = list(self.scenario.numbers.order_by("pk"))

    def sets(self, **changes: Any) -> None:
        usual: dict[str, Any] = {"policy": "callspring", "hold": 150, "overflow": "share"}
        with self.captureOnCommitCallbacks(execute=True):
            hand_out(self.scenario, **(usual | changes))

    def published(self) -> PublishedScenario:
        (found,) = site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes()).scenarios
        return found

    def test_the_policy_and_the_hold_reach_the_doors(self) -> None:
        self.sets(policy="next_in_line", hold=90)
        assert (self.published().policy, self.published().hold) == ("next_in_line", 90)

    def test_the_overflow_number_is_in_the_pool_no_more(self) -> None:
        spare = self.own[1]
        self.sets(overflow="number", overflow_number=spare)
        (rule,) = self.published().rules
        assert rule.numbers == (self.own[0].pk, self.own[2].pk)
        assert (self.published().overflow, self.published().overflow_number) == ("number", spare.pk)
        assert spare not in queries.pool(self.scenario)
        assert pool_sizes([self.scenario.pk]) == {self.scenario.pk: 2}
        change = look_at_size(self.scenario, self.scenario.rules.get(), 1, use_free=False)
        assert len(change.out) == 1
        assert spare not in change.out
        self.sets(overflow="leave")
        assert self.published().rules[0].numbers == tuple(one.pk for one in self.own)
        assert Scenario.objects.get().overflow_number is None

    def test_when_the_overflow_number_has_left_numbers_are_shared(self) -> None:
        self.sets(overflow="number", overflow_number=self.own[0])
        with self.captureOnCommitCallbacks(execute=True):
            take_out(self.scenario, [self.own[0]])
        assert (self.published().overflow, self.published().overflow_number) == ("share", 0)
        Number.objects.filter(pk=self.own[0].pk).update(state=Number.State.ACTIVE, scenario=self.scenario)
        Number.objects.filter(pk__in=[one.pk for one in self.own[1:]]).update(
            state=Number.State.RESTING, rests_until=timezone.now(), scenario=None, rule=None
        )
        publish_company(self.company.pk)
        assert self.published().overflow == "share", "the last number of a pool is not taken out of it"

    def test_what_makes_no_sense_is_refused(self) -> None:
        (theirs,) = self.numbers(1, self.elsewhere)
        of_others: dict[str, Any] = {"overflow": "number", "overflow_number": theirs}
        for wrong in ({"policy": "random"}, {"hold": 1}, {"overflow": "number"}, of_others):
            with pytest.raises(ValueError, match=r"(?i)choose|keep"):
                self.sets(**wrong)
        take_out(self.scenario, self.own[1:])
        with pytest.raises(ValueError, match="only one number"):
            self.sets(overflow="number", overflow_number=self.own[0])
        assert (Scenario.objects.get().overflow, Scenario.objects.get().hold_seconds) == ("share", 150)
