"""What people set up becomes the doors' snapshot: one file per site, one per company.

A site's file has its scenarios, their numbers, and where calls to these go, so that a page never shows a number before
the doors know it; the company's file has its carriers and its other numbers, those of removed sites among them, which
have no file. Each appears whole or not at all.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from itertools import islice

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Manager, Q
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.accounts.staff import staff_networks
from callspring.config import Config
from callspring.flows.flow import read
from callspring.jobs.actions import enqueue
from callspring.jobs.trouble import words
from callspring.numbers.models import Number
from callspring.scenarios.hosts import as_pages_say_it, domains_of
from callspring.scenarios.models import Rule, Scenario, ScenarioAlias, SwapTarget
from callspring.scenarios.screening_rules import screening_of
from callspring.scenarios.sounds import restore_sounds
from callspring.scenarios.tagging import national, spellings, written
from callspring.sites.domains import cookie_domain
from callspring.sites.models import Site
from callspring.stores.snapshot.files import company_file, in_turn, publish, site_file, timing_file, withdraw
from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedConnection,
    PublishedNumber,
    PublishedRule,
    PublishedScenario,
    PublishedSite,
    PublishedTarget,
    PublishedTerm,
    Route,
)

log = logging.getLogger(__name__)

PUBLISH = "scenarios.publish"  # the job's kind; its handler is in `jobs`
AGAIN = 1.0  # seconds after which what could not be published is tried again
AT_ONCE = 50  # sites; between two turns others publish theirs


def publish_company(company_id: int) -> None:
    """Publish a company's sites and routes as they are in the record now."""
    folder = _config().snapshots
    pks = list(Site.objects.filter(company=company_id).order_by("pk").values_list("pk", flat=True))
    _publish_rest(company_id)
    for some in _slices(pks):
        with in_turn(folder), _one_moment():
            for site in _sites(some):
                publish(folder, site)


def publish_site(site_id: int) -> None:
    """Publish one site as it is in the record now, whatever else its company has; withdraw it where it is removed."""
    folder = _config().snapshots
    with in_turn(folder), _one_moment():
        found = list(_sites([site_id]))
        for site in found:
            publish(folder, site)
    if not found and (removed := Site.every.filter(pk=site_id).first()) is not None:
        _publish_rest(removed.company_id)


def publish_all() -> None:
    """Publish everything and withdraw what is no more; done once when the back starts."""
    folder = _config().snapshots
    folder.mkdir(parents=True, exist_ok=True)
    restore_sounds()
    wanted = set()
    for company in Company.objects.all():
        publish_company(company.pk)
        wanted.add(company_file(folder, company.pk))
        wanted |= {site_file(folder, site.pk) for site in company.sites.all()}
        # What is learnt of a removed site is kept for when it is brought back.
        wanted |= {timing_file(folder, site.pk) for site in Site.every.filter(company=company)}
    for path in set(folder.glob("*.json")) - wanted:
        withdraw(path)


def publish_on_commit(company_id: int, *site_ids: int | None) -> None:
    """Publish once the change that is being made is in the record: these sites alone, where they are named.

    None among them is the company's numbers and connections, which belong to no site. Where it fails, it is tried again
    every second: the change is in the record already.
    """
    if (gathered := _gathered.get()) is not None and site_ids:
        gathered.update((company_id, site_id) for site_id in site_ids)
        return
    if not site_ids:
        transaction.on_commit(lambda: publish_surely(company_id))
    for site_id in dict.fromkeys(site_ids):
        transaction.on_commit(partial(publish_surely, company_id, site_id))


def publish_surely(company_id: int, *site_ids: int | None) -> None:
    """Publish what `publish_on_commit` names, now; where that fails (a full disk, say), a job does it soon."""
    try:
        publish_some(company_id, *site_ids)
    except Exception as error:  # whatever it is: else the doors would never hear of it
        log.warning("company %d is published in a moment: %s", company_id, words(repr(error)))
        soon = timezone.now() + timedelta(seconds=AGAIN)
        enqueue(PUBLISH, {"company": company_id, "sites": list(site_ids)}, run_at=soon)


def publish_some(company_id: int, *site_ids: int | None) -> None:
    """Publish these sites, None being what belongs to no site; without any of them the whole company."""
    if not site_ids:
        publish_company(company_id)
    for site_id in dict.fromkeys(site_ids):
        if site_id is None:
            _publish_rest(company_id)
        else:
            publish_site(site_id)


@contextmanager
def published_together() -> Iterator[None]:
    """Within a transaction: however many changes name a site, it is published once. Nothing is where it fails."""
    found: set[tuple[int, int | None]] = set()
    token = _gathered.set(found)
    try:
        yield
    finally:
        _gathered.reset(token)
    for company_id, site_id in sorted(found, key=lambda pair: (pair[0], pair[1] or 0)):
        publish_on_commit(company_id, site_id)


_gathered: ContextVar[set[tuple[int, int | None]] | None] = ContextVar("gathered", default=None)


def published_site(site: Site, *, drafts: Iterable[int] = ()) -> PublishedSite:
    """A site as it is published; with `drafts` as if these scenarios of it were switched on too (for a preview).

    A removed one as it was.
    """
    (found,) = _sites([site.pk], frozenset(drafts), Site.every)
    return found


def _publish_rest(company_id: int) -> None:
    """What belongs to no site, and the routes of removed ones; their files go once that is there, never before."""
    folder = _config().snapshots
    with in_turn(folder), _one_moment():
        publish(folder, _company(Company.objects.get(pk=company_id)))
        for removed in _removed(company_id):
            withdraw(site_file(folder, removed))


def _config() -> Config:
    config: Config = settings.CONFIG
    return config


@contextmanager
def _one_moment() -> Iterator[None]:
    """All that is read within is of one moment: never the new rules of a scenario with its old numbers.

    SQLite's transactions are so; PostgreSQL's are on demand (standard SQL, which SQLite has no need of).
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _slices(pks: Sequence[int]) -> Iterator[list[int]]:
    line = iter(pks)
    while some := list(islice(line, AT_ONCE)):
        yield some


def _sites(
    pks: Sequence[int], drafts: frozenset[int] = frozenset(), among: Manager[Site] = Site.objects
) -> Iterator[PublishedSite]:
    """Several cost hardly more queries than one."""
    scenarios: dict[int | None, list[Scenario]] = defaultdict(list)
    found = Scenario.objects.filter(site__in=pks).prefetch_related("rules", "targets", "terms")
    for scenario in found:
        scenarios[scenario.site_id].append(scenario)
    # By ids and in no order: told to join or to sort, SQLite goes through the whole table.
    ids = [scenario.pk for several in scenarios.values() for scenario in several]
    numbers: dict[int | None, list[Number]] = defaultdict(list)
    for number in published_numbers(ids):
        numbers[number.scenario_id].append(number)
    aliases: dict[int, dict[str, int]] = defaultdict(dict)
    for alias in ScenarioAlias.objects.filter(scenario__in=ids).order_by():
        aliases[alias.scenario_id][alias.alias] = alias.scenario_id
    staff: dict[int, tuple[str, ...]] = {}
    domains: dict[int, dict[str, str]] = {}
    for site in among.filter(pk__in=pks).select_related("company__account").order_by("pk"):
        company = site.company_id
        if company not in staff:
            staff[company] = tuple(each.network for each in staff_networks(company))
            domains[company] = domains_of(company)
        yield msgspec.structs.replace(
            _site(site, scenarios[site.pk], numbers, aliases, staff[company], drafts),
            domains=domains[company] or {host: cookie_domain(host) for host in map(as_pages_say_it, site.hosts)},
        )


def _site(
    site: Site,
    scenarios: list[Scenario],
    numbers: dict[int | None, list[Number]],
    aliases: dict[int, dict[str, int]],
    staff: tuple[str, ...],
    drafts: frozenset[int],
) -> PublishedSite:
    swapping = [one for one in scenarios if one.enabled or one.pk in drafts]
    if site.company.account.swapping_stopped_at is not None:  # money is owed: pages keep their own numbers
        swapping = []
    active = {one.pk: [number for number in numbers[one.pk] if number.state == Number.State.ACTIVE] for one in swapping}
    return PublishedSite(
        id=site.pk,
        company=site.company_id,
        key=site.company.key,
        hosts=tuple(map(as_pages_say_it, site.hosts)),
        cookie_days=site.company.cookie_days,
        scenarios=tuple(_scenario(scenario, active[scenario.pk]) for scenario in swapping),
        numbers=tuple(number for one in swapping for number in _numbers(one, active[one.pk])),
        staff=staff,
        aliases={alias: pk for one in swapping for alias, pk in aliases[one.pk].items()},
        routes={number.e164: _route(number, one) for one in scenarios for number in numbers[one.pk]},
        needs_consent=site.needs_consent,
        newest_source=site.company.newest_source,
        takes_forms=site.takes_forms,
    )


def published_numbers(scenario_ids: list[int]) -> list[Number]:
    """The numbers that these scenarios still have, the oldest first: pools hand them out in this order."""
    owned = Number.objects.filter(scenario__in=scenario_ids).exclude(state=Number.State.RELEASED).order_by()
    return sorted(owned, key=lambda number: number.pk)


def _scenario(scenario: Scenario, numbers: Iterable[Number]) -> PublishedScenario:
    of_rule: dict[int | None, list[int]] = defaultdict(list)
    for number in numbers:
        of_rule[number.rule_id].append(number.pk)
    overflow, spare = _overflow(scenario, of_rule)
    return PublishedScenario(
        id=scenario.pk,
        targets=tuple(_target(target) for target in scenario.targets.all()),
        rules=tuple(_rule(rule, of_rule[rule.pk]) for rule in scenario.rules.all()),
        hold=scenario.hold_seconds,
        overflow=overflow,
        terms=tuple(PublishedTerm(term.kind, term.value) for term in scenario.terms.all()),
        policy=scenario.policy,
        overflow_number=spare,
    )


def _overflow(scenario: Scenario, of_rule: Mapping[int | None, list[int]]) -> tuple[str, int]:
    """What happens while all numbers are held, and the overflow number, which is then taken out of the pool.

    It may have left the pool meanwhile, or be its last number: then numbers are shared, and one that rings is shown.
    """
    if scenario.overflow != Scenario.Overflow.NUMBER:
        return scenario.overflow, 0
    spare = scenario.overflow_number_id
    pool = next((of_rule[rule.pk] for rule in scenario.rules.all() if rule.dynamic), [])
    if spare is None or spare not in pool or len(pool) == 1:
        return Scenario.Overflow.SHARE, 0
    pool.remove(spare)
    return scenario.overflow, spare


def _target(target: SwapTarget) -> PublishedTarget:
    find = spellings(target.value) if target.kind == SwapTarget.Kind.NUMBER else ()
    return PublishedTarget(target.value, find, target.part)


def _rule(rule: Rule, numbers: list[int]) -> PublishedRule:
    return PublishedRule(rule.strategy, tuple(numbers), rule.dynamic, rule.name, rule.value)


def _numbers(scenario: Scenario, numbers: Iterable[Number]) -> Iterator[PublishedNumber]:
    """With the texts that this scenario has them written in."""
    in_parts = any(target.part for target in scenario.targets.all())
    for number in numbers:
        if not (scenario.mask or scenario.prefix or in_parts):
            yield PublishedNumber(number.pk, number.e164, national(number.e164))
            continue
        how = written(number.e164, scenario.mask, scenario.prefix)
        parts = (how.country, how.area, how.rest) if in_parts else ("", "", "")
        yield PublishedNumber(number.pk, number.e164, national(number.e164), how.text, parts)


def _company(company: Company) -> PublishedCompany:
    elsewhere = Q(scenario=None) | Q(scenario__site=None) | Q(scenario__site__in=_removed(company.pk))
    owned = Number.objects.filter(elsewhere, company=company)
    return PublishedCompany(
        id=company.pk,
        key=company.key,
        connections=tuple(
            PublishedConnection(item.pk, item.carrier, item.secret) for item in company.connections.order_by("pk")
        ),
        routes={
            number.e164: _route(number, number.scenario)
            for number in owned.exclude(state=Number.State.RELEASED).select_related("scenario", "last_scenario")
        },
        screening=screening_of(company.pk),
    )


def _removed(company_id: int) -> list[int]:
    return list(Site.every.filter(company=company_id, removed_at__isnull=False).values_list("pk", flat=True))


def route(number: Number) -> Route:
    """Where calls to a number go, as the doors are told."""
    return _route(number, number.scenario)


def _route(number: Number, scenario: Scenario | None) -> Route:
    """A number keeps ringing the business when its scenario is switched off; only the credit stops (C5).

    Without a scenario it has a flow of its own, or is not in service. While it rests, whoever calls it still comes from
    the scenario that it left.
    """
    if scenario is None:
        past = number.last_scenario if number.state == Number.State.RESTING else None
        credited = past.pk if past is not None and past.enabled else 0
        return Route(number.pk, None if number.flow is None else read(number.flow), credited)
    flow = read(scenario.flow)
    return Route(number.pk, flow, scenario.pk if scenario.enabled else 0)
