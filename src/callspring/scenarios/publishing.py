"""What people set up becomes the doors' snapshot: one file per site, one per company.

A site's file has its scenarios, their numbers, and where calls to these go, so that a page never shows a number before
the doors know it; the company's file has its carriers and its other numbers. Each appears whole or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from callspring.accounts.models import Company
from callspring.accounts.staff import staff_networks
from callspring.config import Config
from callspring.flows.flow import read
from callspring.numbers.models import Number
from callspring.scenarios.models import Rule, Scenario, ScenarioAlias, SwapTarget
from callspring.scenarios.sounds import restore_sounds
from callspring.scenarios.tagging import national, spellings, written
from callspring.sites.domains import cookie_domain
from callspring.sites.models import Site
from callspring.stores.snapshot.files import company_file, in_turn, publish, site_file, withdraw
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

MOST_OWN = 100  # sites of a company that know of one another
AT_ONCE = 50  # sites; between two turns others publish theirs


def publish_company(company_id: int) -> None:
    """Publish a company's sites and routes as they are in the record now."""
    folder = _config().snapshots
    pks = list(Site.objects.filter(company=company_id).order_by("pk").values_list("pk", flat=True))
    with in_turn(folder), _one_moment():
        publish(folder, _company(Company.objects.get(pk=company_id)))
    for some in _slices(pks):
        with in_turn(folder), _one_moment():
            for site in _sites(some):
                publish(folder, site)


def publish_site(site_id: int) -> None:
    """Publish one site as it is in the record now, whatever else its company has."""
    folder = _config().snapshots
    with in_turn(folder), _one_moment():
        for site in _sites([site_id]):
            publish(folder, site)


def publish_all() -> None:
    """Publish everything and withdraw what is no more; done once when the back starts."""
    folder = _config().snapshots
    folder.mkdir(parents=True, exist_ok=True)
    restore_sounds()
    wanted = set()
    for company in Company.objects.all():
        publish_company(company.pk)
        wanted |= {company_file(folder, company.pk), *(site_file(folder, site.pk) for site in company.sites.all())}
    for path in set(folder.glob("*.json")) - wanted:
        withdraw(path)


def publish_on_commit(company_id: int, *site_ids: int | None) -> None:
    """Publish once the change that is being made is in the record: these sites alone, where they are named.

    None among them is the company's numbers and connections, which belong to no site.
    """
    if (gathered := _gathered.get()) is not None and site_ids:
        gathered.update((company_id, site_id) for site_id in site_ids)
        return
    if not site_ids:
        transaction.on_commit(lambda: publish_company(company_id))
    for site_id in dict.fromkeys(site_ids):
        if site_id is None:
            transaction.on_commit(lambda: _publish_rest(company_id))
        else:
            transaction.on_commit(_later(site_id))


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
    """A site as it is published; with `drafts` as if these scenarios of it were switched on too (for a preview)."""
    (found,) = _sites([site.pk], frozenset(drafts))
    return found


def _later(site_id: int) -> Callable[[], None]:
    return lambda: publish_site(site_id)


def _publish_rest(company_id: int) -> None:
    folder = _config().snapshots
    with in_turn(folder), _one_moment():
        publish(folder, _company(Company.objects.get(pk=company_id)))


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


def _sites(pks: Sequence[int], drafts: frozenset[int] = frozenset()) -> Iterator[PublishedSite]:
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
    for site in Site.objects.filter(pk__in=pks).select_related("company__account").order_by("pk"):
        company = site.company_id
        if company not in staff:
            staff[company] = tuple(each.network for each in staff_networks(company))
            domains[company] = _domains(company)
        yield msgspec.structs.replace(
            _site(site, scenarios[site.pk], numbers, aliases, staff[company], drafts),
            domains=domains[company] or {host: cookie_domain(host) for host in map(_as_pages_say_it, site.hosts)},
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
        hosts=tuple(map(_as_pages_say_it, site.hosts)),
        cookie_days=site.company.cookie_days,
        scenarios=tuple(_scenario(scenario, active[scenario.pk]) for scenario in swapping),
        numbers=tuple(number for one in swapping for number in _numbers(one, active[one.pk])),
        staff=staff,
        aliases={alias: pk for one in swapping for alias, pk in aliases[one.pk].items()},
        routes={number.e164: _route(number, one) for one in scenarios for number in numbers[one.pk]},
        needs_consent=site.needs_consent,
        newest_source=site.company.newest_source,
    )


def published_numbers(scenario_ids: list[int]) -> list[Number]:
    """The numbers that these scenarios still have, the oldest first: pools hand them out in this order."""
    owned = Number.objects.filter(scenario__in=scenario_ids).exclude(state=Number.State.RELEASED).order_by()
    return sorted(owned, key=lambda number: number.pk)


def _domains(company_id: int) -> dict[str, str]:
    """Of all hosts of the company's sites the domain that cookies are set for; nothing where these are too many.

    Each site's file has all of them, and an agency's thousand customers are not one another's own domains.
    """
    all_hosts = Site.objects.filter(company=company_id).order_by("pk").values_list("hosts", flat=True)[: MOST_OWN + 1]
    if len(all_hosts) > MOST_OWN:
        return {}
    found = (_as_pages_say_it(host) for hosts in all_hosts for host in hosts)
    return {host: cookie_domain(host) for host in found}


def _as_pages_say_it(host: str) -> str:
    return host.lower().removeprefix("www.")


def _scenario(scenario: Scenario, numbers: Iterable[Number]) -> PublishedScenario:
    of_rule: dict[int | None, list[int]] = defaultdict(list)
    for number in numbers:
        of_rule[number.rule_id].append(number.pk)
    return PublishedScenario(
        id=scenario.pk,
        targets=tuple(_target(target) for target in scenario.targets.all()),
        rules=tuple(_rule(rule, of_rule[rule.pk]) for rule in scenario.rules.all()),
        hold=scenario.hold_seconds,
        overflow=scenario.overflow,
        terms=tuple(PublishedTerm(term.kind, term.value) for term in scenario.terms.all()),
        policy=scenario.policy,
    )


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
    owned = Number.objects.filter(Q(scenario=None) | Q(scenario__site=None), company=company)
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
    )


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
