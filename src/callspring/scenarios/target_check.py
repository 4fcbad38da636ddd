"""Whether target numbers stand on a site's home page, as it is served: looked up while somebody sets up a scenario.

It reaches only what a test of the snippet may reach (`callspring.sites.fetching`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
    """Where `target` was found at `address`: kind of place (text, link, attribute) → how many.

    `problem` says why nobody knows. `others` are numbers of the page's own telephone links, which may be the ones that
    were meant.
    """

    target: str
    address: str
    problem: str = ""
    found: Counter[str] = field(default_factory=Counter)
    others: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """In how many places."""
        return self.found.total()


def look(company: Company, site: Site, targets: Sequence[str]) -> list[Looked]:
    """Look for target numbers (E.164) on the site's home page; takes some seconds at most. Raises `TooMany`."""
    host = next(iter(site.hosts), "")
    keys = {target: f"target-check:{site.pk}:{host}:{target}" for target in targets}
    known: dict[str, Looked] = {one.target: one for one in cache.get_many(keys.values()).values()}
    if unknown := [target for target in keys if target not in known]:
        _count(company)
        known |= {one.target: one for one in _look(host, unknown)}
        cache.set_many({keys[target]: known[target] for target in unknown}, KEPT)
    return [known[target] for target in keys]


def _look(host: str, targets: Sequence[str]) -> list[Looked]:
    origins = settings.CONFIG.test_origins
    agent = f"Callspring/{__version__} (Target check; +{settings.CONFIG.console_url})"
    try:
        address = typed(host, origins)
        fetched = Fetcher(origins, agent, seconds=SECONDS).fetch(address)
    except Refused as refusal:
        problem = sentence(refusal.reason, refusal.detail)
        return [Looked(target, host, problem=problem) for target in targets]
    return _read(fetched, targets)


def _read(fetched: Fetched, targets: Sequence[str]) -> list[Looked]:
    address = str(fetched.address)
    if problems := problems_of_answer(fetched):
        status = str(problems[0].values.get("status", problems[0].values.get("kind", "")))
        return [Looked(target, address, problem=status) for target in targets]
    text = decode(fetched.body, fetched.header("content-type"))
    counted = places(parts(text), Targets({target: spellings(target) for target in targets}))
    others = tuple(counted.strangers)
    return [Looked(target, address, found=counted.found.get(target, Counter()), others=others) for target in targets]


def _count(company: Company) -> None:
    key = f"target-checks:{company.pk}"
    if cache.add(key, 1, 60):
        return
    try:
        if cache.incr(key) > MOST_A_MINUTE:
            raise TooMany
    except ValueError:  # it ran out between the two lines
        cache.set(key, 1, 60)
