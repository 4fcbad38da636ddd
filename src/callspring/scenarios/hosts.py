"""The host names of a company's sites, as pages say them: from these nobody is a referral."""

from __future__ import annotations

from callspring.sites.domains import cookie_domain
from callspring.sites.models import Site

MOST_OWN = 100  # sites of a company that know of one another


def own_hosts(site: Site) -> frozenset[str]:
    """The hosts, without port, from which nobody is a referral on this site, as the doors know them."""
    hosts = (*map(as_pages_say_it, site.hosts), *domains_of(site.company_id))
    return frozenset(host.partition(":")[0] for host in hosts)


def domains_of(company_id: int) -> dict[str, str]:
    """Of all hosts of the company's sites the domain that cookies are set for; nothing where these are too many.

    Each site's file has all of them, and an agency's thousand customers are not one another's own domains.
    """
    all_hosts = Site.objects.filter(company=company_id).order_by("pk").values_list("hosts", flat=True)[: MOST_OWN + 1]
    if len(all_hosts) > MOST_OWN:
        return {}
    found = (as_pages_say_it(host) for hosts in all_hosts for host in hosts)
    return {host: cookie_domain(host) for host in found}


def as_pages_say_it(host: str) -> str:
    """Lower case, and without `www.`."""
    return host.lower().removeprefix("www.")
