"""A pool that is maintained, with shows of the last days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from callspring.billing.models import LedgerEntry
from callspring.ids import new_id
from callspring.maintenance.actions import set_maintained
from callspring.maintenance.hours import mark, work_out
from callspring.maintenance.models import Decision, Maintenance, PoolHour
from callspring.maintenance.queries import pool
from callspring.maintenance.running import run
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.scenarios.pool_hours import hour_of
from callspring.visits.models import Show
from tests.stories import Story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Kept(Story):
    """A pool that is maintained, measured over the last two days."""

    def setUp(self) -> None:
        super().setUp()
        self.now = timezone.now().replace(minute=30)

    def maintained(self, size: int) -> Scenario:
        scenario = self.pool(size)
        set_maintained(scenario, True)
        Maintenance.objects.update(sized_at=self.now - 2 * DAY, size=size)
        Number.objects.filter(scenario=scenario).update(paid_until=self.now + 3 * DAY)
        scenario.refresh_from_db()
        return scenario

    def shown(self, scenario: Scenario, exclusive: int, shared: int = 0, **changes: Any) -> None:
        """Shows of the last days, one every five minutes and so never two at once, and overflows besides."""
        numbers, written = list(pool(scenario)), []
        start = self.now - 5 * (exclusive + shared) * timedelta(minutes=1)
        assert start > self.now - 2 * DAY
        for count in range(exclusive + shared):
            at = start + count * timedelta(minutes=5)
            about: dict[str, Any] = {"granted_at": at, "shown_at": at, "last_active_at": at}
            about["until"] = at + timedelta(seconds=200)
            about["number"] = numbers[count % len(numbers)].pk
            written.append(
                Show(
                    id=UUID(new_id()), company=self.company, scenario=scenario,
                    visit=UUID(new_id()), visitor=UUID(new_id()), dynamic=True, overflow=count >= exclusive,
                    reason="", hold_seconds=150, **(about | changes),
                )
            )  # fmt: skip
        Show.objects.bulk_create(written)
        mark(written)
        work_out()

    def run_today(self, scenario: Scenario) -> Decision:
        decision = run(scenario, self.now)
        assert decision is not None
        return decision

    def rents(self) -> int:
        return LedgerEntry.objects.filter(account=self.company.account, kind="rent").count()

    def past(self, scenario: Scenario, shows: int, exclusive: int, days: range) -> None:
        """The size changed long ago; and so many shows on each of these days."""
        Maintenance.objects.update(sized_at=self.now - 365 * DAY)
        for day in days:
            hour = hour_of(self.now - day * DAY)
            about = {"company": self.company, "scenario": scenario, "hour": hour}
            PoolHour.objects.create(**about, shows=shows, exclusive=exclusive)
