"""What is done with sites: added, their allowed hosts changed, removed and brought back.

It stands here and not in `callspring.sites` because the doors learn of it with the scenarios (`publishing`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.scenarios.publishing import publish_on_commit
from callspring.sites.hosts import parse_host
from callspring.sites.international import to_unicode
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


@transaction.atomic
def remove_site(site: Site, now: datetime | None = None) -> bool:
    """Show no numbers on it any more, and take it out of all lists. False where it was removed before.

    Its scenarios keep their numbers and these ring; calls to them are credited to who saw them before.
    """
    if not Site.objects.filter(pk=site.pk).update(removed_at=now or timezone.now()):
        return False
    site.refresh_from_db()
    publish_on_commit(site.company_id)
    return True


@transaction.atomic
def bring_back_site(site: Site) -> bool:
    """Undo it: everything is as it was. False where it is there already.

    Raises `ValidationError` keyed by field where another site has one of its hosts by now.
    """
    _one_at_a_time(site)
    site.refresh_from_db()
    taken = [_taken(host, other) for other in _others(site) for host in other.hosts if host in site.hosts]
    if taken:
        raise ValidationError({"hosts": taken})
    if not Site.every.filter(pk=site.pk, removed_at__isnull=False).update(removed_at=None):
        return False
    site.refresh_from_db()
    publish_on_commit(site.company_id, site.pk)  # its numbers stand there before they leave the company's file
    publish_on_commit(site.company_id)
    return True


def _save(site: Site, name: str, hosts: Iterable[str]) -> Site:
    _one_at_a_time(site)
    problems: dict[str, list[str]] = {}
    site.name = name.strip()[:120]
    if not site.name:
        problems["name"] = [_("Give the site a name.")]
    site.hosts = _hosts(site, hosts, problems)
    if problems:
        raise ValidationError(problems)
    # Of one that is there already nothing else: somebody may have removed it meanwhile.
    site.save(update_fields=None if site._state.adding else ["name", "hosts", "needs_consent", "takes_forms"])
    publish_on_commit(site.company_id)  # its other sites too: they know which domains are the company's own
    return site


def _hosts(site: Site, texts: Iterable[str], problems: dict[str, list[str]]) -> list[str]:
    """Each host once; one that another site of the company has would make visits ambiguous."""
    taken = {host: other for other in _others(site) for host in other.hosts}
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
            problems.setdefault("hosts", []).append(_taken(host, taken[host]))
        found[host] = None
    if len(found) > MOST_HOSTS:
        problems.setdefault("hosts", []).append(_("A site has at most %(most)d hosts.") % {"most": MOST_HOSTS})
    if not found and "hosts" not in problems:
        problems["hosts"] = [_("Give at least one host.")]
    return list(found)


def _taken(host: str, other: Site) -> str:
    return _("%(host)s belongs to the site “%(name)s”.") % {"host": to_unicode(host), "name": other.name}


def _one_at_a_time(site: Site) -> None:
    """Nobody else gives this company's sites hosts meanwhile."""
    Company.objects.select_for_update(no_key=True).get(pk=site.company_id)


def _others(site: Site) -> Iterable[Site]:
    return Site.objects.filter(company=site.company_id).exclude(pk=site.pk)
