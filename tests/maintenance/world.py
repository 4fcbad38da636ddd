"""A month of a pool, made up: shows, calls with credits, decisions."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callspring.ids import new_id
from callspring.maintenance.hours import mark, work_out
from callspring.maintenance.models import Decision
from callspring.maintenance.queries import pool
from callspring.scenarios.models import Scenario
from callspring.visits.models import Show, Visit
from tests.maintenance.sixty_days import Made, visit_seconds
from tests.stories import Story

HOLD = 150


def a_month(story: Story, scenario: Scenario, peak: float, days: int = 30, seed: int = 3) -> list[Visit]:
    """Shows and their visits until now; returns the visits."""
    now = datetime.now(UTC).replace(microsecond=0)
    start, chance = now - timedelta(days=days), random.Random(seed)
    arrivals = [one for one in Made(peak).visits(chance) if one[0] < days * 86400]
    until = dict.fromkeys(pool(scenario).values_list("pk", flat=True), 0.0)
    visits, shows = [], []
    for count, (arrival, _length) in enumerate(arrivals):
        seconds, visitor, source = visit_seconds(chance), UUID(new_id()), f"s{chance.randrange(5)}"
        at = start + timedelta(seconds=arrival)
        # The number that was left longest ago, or will be left first.
        number = min(until, key=until.__getitem__)
        overflow, until[number] = until[number] > arrival, arrival + seconds + HOLD
        end = at + timedelta(seconds=seconds)
        visits.append(
            Visit(
                id=UUID(new_id()), company=story.company, site=story.site(), number=10_000 + count, visitor=visitor,
                is_first=True, started_at=at, last_active_at=end, landing_url="https://shop.example/", source=source,
                stored_source={"source": source}, device=chance.choice(["mobile", "desktop"]),
            )
        )  # fmt: skip
        shows.append(
            Show(
                id=UUID(new_id()), company=story.company, scenario=scenario, number=number, visit=visits[-1].pk,
                visitor=visitor, dynamic=True, overflow=overflow, reason="", hold_seconds=HOLD, granted_at=at,
                shown_at=at, last_active_at=end, until=end + timedelta(seconds=HOLD),
            )
        )  # fmt: skip
    Visit.objects.bulk_create(visits, 500)
    Show.objects.bulk_create(shows, 500)
    mark(shows)
    work_out()
    return visits


def calls_of(story: Story, scenario: Scenario, visits: list[Visit], every: int = 40) -> None:
    """Each so-many-th visitor called."""
    numbers = {show.visit: show.number for show in Show.objects.filter(scenario=scenario)}
    by_pk = {number.pk: number for number in pool(scenario)}
    for count, visit in enumerate(visits[::every]):
        number = by_pk.get(numbers[visit.pk])
        if number is not None:
            call = story.call(number, at=visit.started_at + timedelta(seconds=30))
            story.credit(call, visit, probability=0.7 + 0.29 * (count % 3) / 2)


def decided(scenario: Scenario, action: str, reason: str, days_ago: int, **changes: object) -> Decision:
    """A decision of some days ago."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    about: dict[str, object] = {
        "shows": 412, "exclusive": 412, "numbers": 17, "since": at - timedelta(days=3), "certainty_target": 0.8,
        "certainty": 0.87, "currency": "USD",
    }  # fmt: skip
    return Decision.objects.create(
        company=scenario.company, scenario=scenario, day=at.date(), at=at, action=action, reason=reason,
        **(about | changes),
    )  # fmt: skip
