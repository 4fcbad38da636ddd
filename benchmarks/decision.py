"""Scenarios by the thousand: publishing them, loading them into a door while it serves, deciding by them.

The record is SQLite with 2,000 sites of one company and five scenarios each; before that the same with a tenth of the
sites, so that what must not grow with the whole is compared with itself. The door is a process of its own, as at home:
CPU time judges (its own thread's alone), because what other programs take says nothing about ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FEW, MANY = 200, 2_000  # sites
EACH = 5  # scenarios of a site: four static ones and a pool
POOL = 8
DECISIONS = 20_000
MOST_DECISION = 20.0  # µs of CPU
MOST_GROWTH = 1.5  # times, from FEW to MANY, of what must not grow: small, but timing is what it is
MOST_STALL = 0.1  # of what loading everything takes
ROUNDS = 31


@dataclass(frozen=True, slots=True)
class Measured:
    """One line. `goal` is the most that `value` may be; None is for people to know."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    more: str = ""

    @property
    def missed(self) -> bool:
        """Whether the goal is missed."""
        return self.goal is not None and self.value > self.goal

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"{self.goal:8.2f}"
        return (
            f"{self.name:52} {self.value:9.2f} {self.unit:9} {goal:8}  {self.more}{'   MISSED' if self.missed else ''}"
        )


def run() -> Iterator[Measured]:
    """Publishing with few and many sites, then the door. A folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory() as var:
        few, many, door = (_in_process(name, var) for name in ("few", "many", "door"))
    one, of_few = many["one"], few["one"]
    yield Measured("publishing one changed site of 2,000", one, "ms")
    yield Measured("  against one of 200", one / of_few, "times", MOST_GROWTH, f"{of_few:.2f} ms there")
    each, each_few = many["all"] / MANY, few["all"] / FEW
    yield Measured("publishing all, per site of 2,000", each, "ms", None, f"{many['all'] / 1000:.1f} s for all")
    yield Measured("  against per site of 200", each / each_few, "times", MOST_GROWTH, f"{each_few:.2f} ms there")
    stall, whole = door["stall"], door["load"]
    yield Measured("a door's longest stall while all is published anew", stall, "ms")
    yield Measured("  against loading it all at once", stall / whole, "times", MOST_STALL, f"{whole:.0f} ms that takes")
    yield Measured("a door's memory per 1,000 scenarios", door["memory"], "MB")
    yield Measured("one decision, five scenarios", door["decision"], "µs", MOST_DECISION)
    yield Measured("one decision, 100 scenarios on one target", door["crowded"], "µs", MOST_DECISION)


def _in_process(part: str, var: str) -> dict[str, float]:
    environment = {**os.environ, "CALLSPRING_VAR": var, "DJANGO_SETTINGS_MODULE": "callspring.back.settings"}
    environment.pop("CALLSPRING_DATABASE_URL", None)
    command = [sys.executable, "-m", "benchmarks.decision", part]
    found: dict[str, float] = json.loads(subprocess.run(command, env=environment, check=True, stdout=-1).stdout)
    return found


def publishing(sites: int) -> dict[str, float]:
    """Milliseconds of CPU for one changed site (the least: other programs only add), and for all."""
    import django

    from callspring import config
    from callspring.back.database import migrate

    django.setup()
    migrate(config.load())
    from callspring.scenarios.models import Scenario
    from callspring.scenarios.publishing import publish_all, publish_site

    ids = _fill(sites)
    begun = time.process_time()
    publish_all()
    whole = (time.process_time() - begun) * 1000
    spent = []
    for number, site in enumerate(random.Random(1).choices(ids, k=ROUNDS)):
        Scenario.objects.filter(site=site).update(hold_seconds=200 + number)
        begun = time.process_time()
        publish_site(site)
        spent.append((time.process_time() - begun) * 1000)
    return {"one": min(spent), "all": whole}


def _fill(sites: int) -> list[int]:
    """One company with so many sites; those that are there already count."""
    from callspring.accounts.models import Account, Company
    from callspring.numbers.models import Connection
    from callspring.sites.models import Site

    company = Company.objects.first() or Company.objects.create(
        account=Account.objects.create(name="Bench"), name="Bench", key="ck_bench"
    )
    Connection.objects.get_or_create(company=company, carrier="sandbox", defaults={"label": "", "account": "bench"})
    there = Site.objects.count()
    names = [f"site-{number}.example" for number in range(there, sites)]
    Site.objects.bulk_create(Site(company=company, name=name, hosts=[name]) for name in names)
    new = list(Site.objects.order_by("pk")[there:])
    _fill_sites(company, new, there)
    return [site.pk for site in Site.objects.order_by("pk")]


def _fill_sites(company: Any, sites: list[Any], there: int) -> None:
    import msgspec
    from django.utils import timezone

    from callspring.flows.flow import Forward
    from callspring.numbers.models import Connection, Number
    from callspring.scenarios.models import Rule, Scenario, SwapTarget, Term

    flow, now = msgspec.to_builtins(Forward("+13125559999")), timezone.now()
    connection = Connection.objects.get()
    scenarios = Scenario.objects.bulk_create(
        Scenario(company=company, site=site, name=f"{n}", flow=flow, enabled=True, position=n, mask="XXX.XXX.XXXX")
        for site in sites
        for n in range(EACH)
    )
    SwapTarget.objects.bulk_create(
        SwapTarget(scenario=one, kind=kind, value=value, position=place)
        for one in scenarios
        for place, (kind, value) in enumerate([("number", "+18005550199"), ("selector", ".phone")])
    )
    Term.objects.bulk_create(Term(scenario=one, kind="landing_page", value="/jobs*") for one in scenarios[::3])
    asked = [("web_search", ""), ("direct", ""), ("campaign", "spring*"), ("referral", "blog.example"), ("always", "")]
    rules = Rule.objects.bulk_create(
        Rule(scenario=one, strategy=asked[at % EACH][0], value=asked[at % EACH][1], dynamic=at % EACH == EACH - 1)
        for at, one in enumerate(scenarios)
    )
    wanted = [rule for rule in rules for _ in range(POOL if rule.dynamic else 1)]
    first = 2_000_000_000 + there * (POOL + EACH - 1)
    Number.objects.bulk_create(
        Number(
            company=company, connection=connection, e164=f"+1{first + at}", kind="local", scenario_id=rule.scenario_id,
            rule=rule, bought_at=now, paid_until=now,
        )
        for at, rule in enumerate(wanted)
    )  # fmt: skip


def door() -> dict[str, float]:
    """What a door spends on all that is published: loading, memory, stalls, decisions."""
    import psutil

    from callspring import config
    from callspring.doors.app import Doors

    folder = config.load().snapshots
    gc.set_threshold(20_000, 20, 50)  # as the doors process has it
    doors = Doors(config.load(), "bench")
    gc.collect()
    before = psutil.Process().memory_info().rss
    begun = time.thread_time()
    doors.snapshot.refresh()
    load = (time.thread_time() - begun) * 1000
    gc.collect()
    memory = (psutil.Process().memory_info().rss - before) / 1e6 / (MANY * EACH / 1000)
    with contextlib.suppress(ValueError):
        gc.freeze()
    stall = asyncio.run(_longest_stall(doors, folder))
    sites = [site for by_host in doors.snapshot.sites.values() for site in by_host.values()]
    chance = random.Random(2)
    return {
        "load": load,
        "memory": memory,
        "stall": stall,
        "decision": _decision([chance.choice(sites).claims for _ in range(200)]),
        "crowded": _decision([_crowd()]),
    }


async def _longest_stall(doors: Any, folder: Path) -> float:
    """The longest time (ms of CPU) for which nobody else had a turn while every file had changed."""
    for path in sorted(folder.glob("site-*.json")):  # a new inode with a new time, as after a publication
        shutil.copyfile(path, folder / ".draft")
        (folder / ".draft").replace(path)
    longest, loading = 0.0, asyncio.ensure_future(doors.follow_snapshot())
    while not loading.done():
        begun = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - begun)
    await loading
    return longest * 1000


def _crowd() -> Any:
    """A hundred scenarios that all want one target; most visitors meet the last."""
    from callspring.scenarios.rules import rank
    from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget

    target = (PublishedTarget("+18005550199", ("+18005550199",)),)
    rules = [PublishedRule("url_parameter", (n,), name="promo", value=f"{n}") for n in range(1, 100)]
    return rank(
        [
            PublishedScenario(n, target, (rule,), 150, "share")
            for n, rule in enumerate([*rules, PublishedRule("always", (100, 101), dynamic=True)])
        ]
    )


def _decision(claims: list[Any]) -> float:
    """Microseconds of CPU per decision, over visitors of every sort."""
    from callspring.scenarios.conditions import Facts
    from callspring.scenarios.rules import decide
    from callspring.visits.touch import Channel, Source

    sources = [Source("x", "y", campaign, channel=channel) for channel in Channel for campaign in ("", "Spring sale")]
    visitors = [
        Facts(source, host, path, (("promo", "none"),), ("US", "Illinois", "Chicago"))
        for source in sources
        for host in ("", "blog.example")
        for path in ("/", "/jobs/plumber")
    ]
    work = [(claims[n % len(claims)], visitors[n % len(visitors)]) for n in range(DECISIONS)]
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        for claim, facts in work:
            decide(claim, facts, {})
        best = min(best, time.process_time() - begun)
    return best / DECISIONS * 1e6


def main() -> None:
    """One part, in a process of its own; prints JSON."""
    part = sys.argv[1]
    found = door() if part == "door" else publishing(FEW if part == "few" else MANY)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
