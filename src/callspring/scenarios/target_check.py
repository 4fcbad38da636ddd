"""Whether a target number stands on a site's home page, as it is served: looked up while somebody sets up a scenario.

It reaches only what a test of the snippet may reach (`callspring.sites.fetching`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.core.cache import cache

from callspring import __version__
from callspring.accounts.models import Company
from callspring.scenarios.tagging import spellings
from callspring.sites.fetching.address import typed
from callspring.sites.fetching.fetcher import Fetched, Fetcher
from callspring.sites.fetching.refusal import Refused, sentence
from callspring.sites.models import Site
from callspring.sites.page.markup import parts
from callspring.sites.page.places import Targets, places
from callspring.sites.page.text import decode
from callspring.sites.snippet_test import problems_of_answer

SECONDS = 6.0  # somebody is waiting
KEPT = 120  # seconds for which an answer is good
MOST_A_MINUTE = 20  # of a company: else we could be used to knock at somebody's door all day


class TooMany(Exception):
    """This company has looked often enough for now."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at `address`: kind of place (text, link, attribute) → how many. `problem` says why nobody knows.

    `others` are numbers of the page's own telephone links, which may be the ones that were meant.
    """

    address: str
    problem: str = ""
    found: Counter[str] = field(default_factory=Counter)
    others: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """In how many places."""
        return self.found.total()


def look(company: Company, site: Site, target: str) -> Looked:
    """Look for a target number (E.164) on the site's home page; takes some seconds at most. Raises `TooMany`."""
    host = next(iter(site.hosts), "")
    key = f"target-check:{site.pk}:{host}:{target}"
    known: Looked | None = cache.get(key)
    if known is None:
        _count(company)
        known = _look(host, target)
        cache.set(key, known, KEPT)
    return known


def _look(host: str, target: str) -> Looked:
    origins = settings.CONFIG.test_origins
    agent = f"Callspring/{__version__} (Target check; +{settings.CONFIG.console_url})"
    try:
        address = typed(host, origins)
        fetched = Fetcher(origins, agent, seconds=SECONDS).fetch(address)
    except Refused as refusal:
        return Looked(host, problem=sentence(refusal.reason, refusal.detail))
    return _read(fetched, target)


def _read(fetched: Fetched, target: str) -> Looked:
    if problems := problems_of_answer(fetched):
        status = problems[0].values.get("status", problems[0].values.get("kind", ""))
        return Looked(str(fetched.address), problem=str(status))
    text = decode(fetched.body, fetched.header("content-type"))
    counted = places(parts(text), Targets({target: spellings(target)}))
    return Looked(str(fetched.address), found=counted.found.get(target, Counter()), others=tuple(counted.strangers))


def _count(company: Company) -> None:
    key = f"target-checks:{company.pk}"
    if cache.add(key, 1, 60):
        return
    try:
        if cache.incr(key) > MOST_A_MINUTE:
            raise TooMany
    except ValueError:  # it ran out between the two lines
        cache.set(key, 1, 60)
