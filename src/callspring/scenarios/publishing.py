"""What people set up becomes the doors' snapshot: one file per site, one per company."""

from __future__ import annotations

from collections import defaultdict

import msgspec
import phonenumbers
from django.conf import settings
from django.db import transaction

from callspring.accounts.models import Company
from callspring.accounts.staff import staff_networks
from callspring.config import Config
from callspring.flows.flow import Flow
from callspring.numbers.models import Number
from callspring.scenarios.models import Rule, Scenario
from callspring.sites.models import Site
from callspring.stores.snapshot.files import company_file, in_turn, publish, site_file, withdraw
from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedConnection,
    PublishedNumber,
    PublishedRule,
    PublishedScenario,
    PublishedSite,
    Route,
)


def publish_company(company_id: int) -> None:
    """Publish a company's sites and routes as they are in the record now."""
    folder = _config().snapshots
    with in_turn(folder):
        company = Company.objects.get(pk=company_id)
        for site in company.sites.all():
            publish(folder, _site(site))
        publish(folder, _company(company))


def publish_all() -> None:
    """Publish everything and withdraw what is no more; done once when the back starts."""
    folder = _config().snapshots
    folder.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for company in Company.objects.all():
        publish_company(company.pk)
        wanted |= {company_file(folder, company.pk), *(site_file(folder, site.pk) for site in company.sites.all())}
    for path in set(folder.glob("*.json")) - wanted:
        withdraw(path)


def publish_on_commit(company_id: int) -> None:
    """Publish once the change that is being made is in the record."""
    transaction.on_commit(lambda: publish_company(company_id))


def national(e164: str) -> str:
    """The usual way to write a number in its own country: `(312) 555-0142`."""
    return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)


def spellings(e164: str) -> tuple[str, ...]:
    """A number's digits as pages write them, longest first: `+18005550199`, `18005550199`, `8005550199`.

    Where the country writes a trunk prefix (`0800 …` in Germany), that spelling is among them.
    """
    number = phonenumbers.parse(e164)
    digits = e164.lstrip("+")
    significant = phonenumbers.national_significant_number(number)
    usual = "".join(filter(str.isdecimal, national(e164)))
    found = {f"+{digits}", digits, f"00{digits}", usual, significant}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _config() -> Config:
    config: Config = settings.CONFIG
    return config


def _site(site: Site) -> PublishedSite:
    scenarios = Scenario.objects.filter(site=site, enabled=True).exclude(target="").prefetch_related("rules")
    if site.company.account.swapping_stopped_at is not None:  # money is owed: pages keep their own numbers
        scenarios = scenarios.none()
    numbers = Number.objects.filter(scenario__in=scenarios, state=Number.State.ACTIVE).order_by("pk")
    of_rule: dict[int | None, list[int]] = defaultdict(list)
    for number in numbers:
        of_rule[number.rule_id].append(number.pk)
    return PublishedSite(
        id=site.pk,
        company=site.company_id,
        key=site.company.key,
        hosts=tuple(host.lower().removeprefix("www.") for host in site.hosts),
        cookie_days=site.company.cookie_days,
        scenarios=tuple(_scenario(scenario, of_rule) for scenario in scenarios),
        numbers=tuple(PublishedNumber(number.pk, number.e164, national(number.e164)) for number in numbers),
        staff=tuple(each.network for each in staff_networks(site.company_id)),
    )


def _scenario(scenario: Scenario, of_rule: dict[int | None, list[int]]) -> PublishedScenario:
    return PublishedScenario(
        id=scenario.pk,
        target=scenario.target,
        find=spellings(scenario.target),
        rules=tuple(_rule(rule, of_rule[rule.pk]) for rule in scenario.rules.all()),
        hold=scenario.hold_seconds,
        overflow=scenario.overflow,
    )


def _rule(rule: Rule, numbers: list[int]) -> PublishedRule:
    return PublishedRule(rule.strategy, tuple(numbers), rule.dynamic, rule.name, rule.value)


def _company(company: Company) -> PublishedCompany:
    owned = Number.objects.filter(company=company).exclude(state=Number.State.RELEASED).select_related("scenario")
    return PublishedCompany(
        id=company.pk,
        key=company.key,
        connections=tuple(
            PublishedConnection(item.pk, item.carrier, item.secret) for item in company.connections.order_by("pk")
        ),
        routes={number.e164: _route(number) for number in owned},
    )


def _route(number: Number) -> Route:
    """A number keeps ringing the business when its scenario is switched off; only the credit stops (C5).

    Without a scenario it has a flow of its own, or is not in service.
    """
    scenario = number.scenario
    if scenario is None:
        return Route(number.pk, None if number.flow is None else msgspec.convert(number.flow, Flow))
    flow = msgspec.convert(scenario.flow, Flow)
    return Route(number.pk, flow, scenario.pk if scenario.enabled else 0)
