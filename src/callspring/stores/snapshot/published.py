"""The format of the snapshot's files. Everything a door decides by stands here; nothing else of the record does."""

from __future__ import annotations

import msgspec

from callspring.flows.flow import AnyFlow
from callspring.flows.screening import Screening
from callspring.pools.expectations import Expectations


class PublishedRule(msgspec.Struct, frozen=True):
    """A rule as `callspring.scenarios.rules` evaluates it. `numbers` are ids: one if static, the pool if dynamic."""

    strategy: str
    numbers: tuple[int, ...]
    dynamic: bool = False
    name: str = ""
    value: str = ""


class PublishedTarget(msgspec.Struct, frozen=True, array_like=True):
    """A swap target: a number (E.164) with `find`, its digits as pages write them, or a CSS selector without.

    `part`: what the content of the elements becomes: "" for the whole number, or country, area, rest.
    """

    value: str
    find: tuple[str, ...] = ()
    part: str = ""


class PublishedTerm(msgspec.Struct, frozen=True, array_like=True):
    """A term of activation: visitors whom it names get no number of the scenario (`scenarios.models.Term`)."""

    kind: str
    value: str


class PublishedNumber(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number as a page shows it: `national` is the usual way to write it in its own country.

    `text` is how texts show it whatever the page had, "" where the page's way is kept; `parts` are country, area and
    rest, where the scenario replaces parts.
    """

    id: int
    e164: str
    national: str
    text: str = ""
    parts: tuple[str, str, str] = ("", "", "")


class PublishedScenario(msgspec.Struct, frozen=True):
    """An enabled scenario, in the order people gave.

    Without targets it finds nothing on a page by itself: pages ask for its numbers (docs/scenarios.md). `policy` is how
    its pool's numbers are chosen, and `overflow_number` the one that is in no pool (`stores.leases.port.Pool`).
    """

    id: int
    targets: tuple[PublishedTarget, ...]
    rules: tuple[PublishedRule, ...]
    hold: int
    overflow: str
    terms: tuple[PublishedTerm, ...] = ()
    policy: str = "callspring"
    overflow_number: int = 0


class Route(msgspec.Struct, frozen=True):
    """Where calls to a number go. `scenario` is 0 unless an enabled scenario credits the number's calls."""

    number: int
    flow: AnyFlow | None
    scenario: int = 0


class PublishedSite(msgspec.Struct, frozen=True):
    """A site with its enabled scenarios. `hosts` are lower case, with the port where it is not the usual one.

    `staff` are networks (`192.0.2.0/24`) whose visits count as nothing. `aliases` are other names of its scenarios.
    `routes` are those of the numbers of its scenarios, whether these are on or off (by E.164).
    `domains` has, for all hosts of the company, the domain that cookies are set for (`sites.domains`), "" for none.
    """

    id: int
    company: int
    key: str
    hosts: tuple[str, ...]
    cookie_days: int
    scenarios: tuple[PublishedScenario, ...]
    numbers: tuple[PublishedNumber, ...]
    staff: tuple[str, ...] = ()
    aliases: dict[str, int] = {}
    routes: dict[str, Route] = {}
    needs_consent: bool = False
    newest_source: bool = False
    takes_forms: bool = False
    domains: dict[str, str] = {}


class PublishedTiming(msgspec.Struct, frozen=True):
    """What is learnt of when people call a site's numbers, as far as choosing a number needs it. `id` is the site's.

    A file of its own, for it changes with the calls and not when people change their settings.
    """

    id: int
    expectations: Expectations


class PublishedConnection(msgspec.Struct, frozen=True):
    """A company's account at a carrier, with the secret that signs what the carrier sends."""

    id: int
    carrier: str
    secret: str


class PublishedCompany(msgspec.Struct, frozen=True):
    """What the voice door needs of a company: its carriers' secrets and a route for each number of no site.

    `routes` are by E.164; a site's file has those of its own numbers. `screening` says which callers are spam.
    """

    id: int
    key: str
    connections: tuple[PublishedConnection, ...]
    routes: dict[str, Route]
    screening: Screening = Screening()


site_decoder = msgspec.json.Decoder(PublishedSite)
company_decoder = msgspec.json.Decoder(PublishedCompany)
timing_decoder = msgspec.json.Decoder(PublishedTiming)
