"""What is done with sites: added, and their allowed hosts changed.

It stands here and not in `callspring.sites` because the doors learn of it with the scenarios (`publishing`).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.scenarios.publishing import publish_on_commit
from callspring.sites.hosts import parse_host
from callspring.sites.models import Site

MOST_HOSTS = 100


@transaction.atomic
def add_site(
    company: Company, name: str, hosts: Iterable[str], *, needs_consent: bool = False, takes_forms: bool = False
) -> Site:
    """Add a site that is recognised by these hosts. Raises `ValidationError` keyed by field."""
    site = Site(company=company, needs_consent=needs_consent, takes_forms=takes_forms)
    return _save(site, name, hosts)


@transaction.atomic
def change_site(
    site: Site,
    name: str,
    hosts: Iterable[str],
    *,
    needs_consent: bool | None = None,
    takes_forms: bool | None = None,
) -> Site:
    """Give a site another name and other hosts, and say whether visitors must consent (None: as it is).

    `takes_forms` says likewise whether what visitors send with forms is told.
    Raises `ValidationError` keyed by field.
    """
    if needs_consent is not None:
        site.needs_consent = needs_consent
    if takes_forms is not None:
        site.takes_forms = takes_forms
    return _save(site, name, hosts)


def _save(site: Site, name: str, hosts: Iterable[str]) -> Site:
    problems: dict[str, list[str]] = {}
    site.name = name.strip()[:120]
    if not site.name:
        problems["name"] = [_("Give the site a name.")]
    site.hosts = _hosts(site, hosts, problems)
    if problems:
        raise ValidationError(problems)
    site.save()
    publish_on_commit(site.company_id)  # its other sites too: they know which domains are the company's own
    return site


def _hosts(site: Site, texts: Iterable[str], problems: dict[str, list[str]]) -> list[str]:
    """Each host once; one that another site of the company has would make visits ambiguous."""
    taken = {host: other.name for other in _others(site) for host in other.hosts}
    found: dict[str, None] = {}
    for text in texts:
        if not text.strip():
            continue
        try:
            host = parse_host(text)
        except ValueError as error:
            problems.setdefault("hosts", []).append(str(error))
            continue
        if host in taken:
            said = _("%(host)s belongs to the site “%(name)s”.") % {"host": host, "name": taken[host]}
            problems.setdefault("hosts", []).append(said)
        found[host] = None
    if len(found) > MOST_HOSTS:
        problems.setdefault("hosts", []).append(_("A site has at most %(most)d hosts.") % {"most": MOST_HOSTS})
    if not found and "hosts" not in problems:
        problems["hosts"] = [_("Give at least one host.")]
    return list(found)


def _others(site: Site) -> Iterable[Site]:
    return Site.objects.filter(company=site.company_id).exclude(pk=site.pk)
