"""A published site, made ready for the hot path once per publication."""

from __future__ import annotations

from ipaddress import ip_network

import msgspec

from callspring.scenarios.rules import rank
from callspring.stores.leases.port import Pool
from callspring.stores.snapshot.published import PublishedNumber, PublishedScenario, PublishedSite
from callspring.visits.client_ip import Networks


class ReadySite:
    """What the edge looks up per request: scenarios, pools, and each swap as encoded JSON.

    `own_hosts` are the site's hosts without ports: a referrer on them is no referral. `staff` is None where none of the
    company's own addresses are listed, as for most.
    """

    def __init__(self, site: PublishedSite) -> None:
        self.id = site.id
        self.company = site.company
        self.cookie_days = site.cookie_days
        self.claims = rank(site.scenarios)
        self.own_hosts = frozenset(host.partition(":")[0] for host in site.hosts)
        self.staff = Networks(ip_network(each) for each in site.staff) if site.staff else None
        self.pools = {s.id: _pool(s) for s in site.scenarios if any(rule.dynamic for rule in s.rules)}
        numbers = {number.id: number for number in site.numbers}
        self.swaps: dict[tuple[int, int], msgspec.Raw] = {
            (scenario.id, number): _swap(scenario, numbers[number], rule.dynamic)
            for scenario in site.scenarios
            for rule in scenario.rules
            for number in rule.numbers
        }


def _pool(scenario: PublishedScenario) -> Pool:
    numbers = tuple(number for rule in scenario.rules if rule.dynamic for number in rule.numbers)
    return Pool(scenario.id, numbers, scenario.hold, scenario.overflow)


def _swap(scenario: PublishedScenario, number: PublishedNumber, dynamic: bool) -> msgspec.Raw:
    swap: dict[str, object] = {
        "scenario": scenario.id,
        "find": scenario.find,
        "number": number.e164,
        "national": number.national,
    }
    if dynamic:
        swap["hold"] = scenario.hold  # as long the snippet may show it before it has asked again
    return msgspec.Raw(msgspec.json.encode(swap))
