"""Links that show the number which visitors of a source would get (W9): for each rule of a site's scenarios one.

Who follows one is counted nowhere, and no number is taken for them (docs/try-numbers.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote, urlencode

from callspring.scenarios.models import Rule, Scenario
from callspring.sites.domains import cookie_domain
from callspring.sites.models import Site
from callspring.visits.pretending import PARAMETER

MOST = 20
NONE: Mapping[str, str] = MappingProxyType({})
_WANTED = {
    Rule.Strategy.WEB_SEARCH: "organic_search",
    Rule.Strategy.REFERRAL: "referral",
    Rule.Strategy.ALWAYS: "direct",
    Rule.Strategy.DIRECT: "direct",
}


@dataclass(frozen=True, slots=True)
class TryLink:
    """An address of the site. `rule` is whose visitors are tried; `rule.scenario` is loaded."""

    rule: Rule
    url: str


def try_links(site: Site) -> list[TryLink]:
    """Links to try on the site's first host, in the order of its scenarios; none where it has no host."""
    if not site.hosts:
        return []
    scenarios = Scenario.objects.filter(site=site, enabled=True).prefetch_related("rules")
    rules = (rule for scenario in scenarios for rule in _rules(scenario))
    return [TryLink(rule, _link(site.hosts[0], rule)) for rule, _ in zip(rules, range(MOST), strict=False)]


def try_link(host: str, wanted: str, path: str = "/", parameters: Mapping[str, str] = NONE) -> str:
    """The address of a page as a visitor of the wanted source would load it (`visits.pretending` says how to name one).

    `host` is as sites keep hosts. Hosts on no domain are somebody's own machine, and have no https.
    """
    scheme = "https" if cookie_domain(host) else "http"
    return f"{scheme}://{host}{quote(path, safe='/%~')}?{urlencode({**parameters, PARAMETER: wanted}, safe='/')}"


def _rules(scenario: Scenario) -> Iterator[Rule]:
    for rule in scenario.rules.all():
        rule.scenario = scenario
        yield rule


def _link(host: str, rule: Rule) -> str:
    value = rule.value
    match rule.strategy:
        case Rule.Strategy.URL_PARAMETER:
            return try_link(host, "direct", parameters={rule.name: value or "any"})
        case Rule.Strategy.LANDING_PAGE:
            return try_link(host, "direct", "/" + value.rstrip("*").lstrip("/"))
        case Rule.Strategy.MEDIUM:
            return try_link(host, f"any/{value}")
        case Rule.Strategy.CAMPAIGN:
            return try_link(host, f"any/any/{value}")
        case Rule.Strategy.CHANNEL | Rule.Strategy.SOURCE:
            return try_link(host, value)
        case _:
            return try_link(host, value or _WANTED[Rule.Strategy(rule.strategy)])
