"""A published site, made ready for the hot path once per publication."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from ipaddress import ip_network

import msgspec

from callspring.pools.timing import Timing
from callspring.scenarios.rules import Claims, Decision, rank
from callspring.stores.leases.port import Pool
from callspring.stores.snapshot.published import PublishedNumber, PublishedScenario, PublishedSite, PublishedTarget
from callspring.visits.client_ip import Networks

# Seconds: a number that nobody else can be given may still be another one on another visit.
STATIC_HOLD = 1800


class ReadySite:
    """What the edge looks up per request: scenarios, pools, and each swap as encoded JSON.

    `own_hosts` are the site's hosts without ports: a referrer on them is no referral. `staff` is None where none of the
    company's own addresses are listed, as for most. `called` are the names by which pages choose scenarios.
    `static_claims` need no pool: those of visitors without consent. `cookie_domains` has the domain that each host's
    cookies are set for, `others` the company's other host names, and `other_domains` those of them that share no domain
    with it.
    """

    def __init__(self, site: PublishedSite) -> None:
        self.id = site.id
        self.company = site.company
        self.cookie_days = site.cookie_days
        self._scenarios = site.scenarios
        self.claims = rank(site.scenarios)
        self.own_hosts = frozenset(host.partition(":")[0] for host in (*site.hosts, *site.domains))
        self.needs_consent = site.needs_consent
        self.newest_source = site.newest_source
        self.takes_forms = site.takes_forms
        self.cookie_domains = {host: domain for host, domain in site.domains.items() if domain}
        self.others = {
            host: others for host in site.hosts if (others := _elsewhere(dict.fromkeys(site.domains, ""), host))
        }
        self.other_domains = {host: others for host in site.hosts if (others := _elsewhere(site.domains, host))}
        self.staff = Networks(ip_network(each) for each in site.staff) if site.staff else None
        self.pools = {s.id: _pool(s) for s in site.scenarios if any(rule.dynamic for rule in s.rules)}
        self.numbers = {number.id: number for number in site.numbers}
        self.called = {str(scenario.id): scenario.id for scenario in site.scenarios} | site.aliases
        self.swaps: dict[tuple[int, int], msgspec.Raw] = {}
        for scenario in site.scenarios:
            for rule in scenario.rules:
                for number in rule.numbers:
                    self.numbers[number]  # one that the site does not have: better no such site than half of it
            if scenario.overflow_number:
                self.numbers[scenario.overflow_number]

    def take_timing(self, timing: Timing | None) -> None:
        """Pools are chosen from by what is learnt of when people call, None for what is usual."""
        self.pools = {pool.id: replace(pool, timing=timing) for pool in self.pools.values()}

    @cached_property
    def static_claims(self) -> Claims:
        """Made when the first such visitor comes: most sites have none."""
        return rank([_static_part(scenario) for scenario in self._scenarios])

    def swap(self, decision: Decision, number: int) -> msgspec.Raw:
        """What the snippet is told, encoded once for each number."""
        scenario = decision.scenario
        if decision.targets is not scenario.targets:
            return self.swap_for(decision, number, decision.targets)
        key = scenario.id, number
        swap = self.swaps.get(key)
        if swap is None:
            swap = self.swaps[key] = self.swap_for(decision, number, scenario.targets)
        return swap

    def swap_for(self, decision: Decision, number: int, targets: tuple[PublishedTarget, ...]) -> msgspec.Raw:
        """The same for these targets alone."""
        return _swap(decision.scenario, self.numbers[number], decision.rule.dynamic, targets)


def _static_part(scenario: PublishedScenario) -> PublishedScenario:
    return msgspec.structs.replace(scenario, rules=tuple(rule for rule in scenario.rules if not rule.dynamic))


def _elsewhere(domains: dict[str, str], host: str) -> tuple[str, ...]:
    """The names of hosts that share no cookie with this one: without a domain, each is for itself."""
    names = {each.partition(":")[0]: domain for each, domain in domains.items()}
    here = domains.get(host) or host.partition(":")[0]
    found = [name for name, domain in names.items() if (domain or name) != here]
    return tuple(written for name in found for written in (name, f"www.{name}"))


def _pool(scenario: PublishedScenario) -> Pool:
    numbers = tuple(number for rule in scenario.rules if rule.dynamic for number in rule.numbers)
    spare = scenario.overflow_number
    return Pool(scenario.id, numbers, scenario.hold, scenario.overflow, scenario.policy, overflow_number=spare)


def _swap(
    scenario: PublishedScenario, number: PublishedNumber, dynamic: bool, targets: tuple[PublishedTarget, ...]
) -> msgspec.Raw:
    find = {spelling: None for target in targets for spelling in target.find}
    swap: dict[str, object] = {
        "scenario": scenario.id,
        "find": list(find),
        "number": number.e164,
        "national": number.national,
    }
    if number.text:
        swap["text"] = number.text
    at = [(target.value, _written(number, target.part)) for target in targets if not target.find]
    if at:
        swap["at"] = at
    swap["hold"] = scenario.hold if dynamic else STATIC_HOLD  # so long may it be shown without having asked again
    return msgspec.Raw(msgspec.json.encode(swap))


def _written(number: PublishedNumber, part: str) -> str:
    country, area, rest = number.parts
    return {"country": country, "area": area, "rest": rest}.get(part, number.text or number.national)
