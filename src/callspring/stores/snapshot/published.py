"""The format of the snapshot's files. Everything a door decides by stands here; nothing else of the record does."""

from __future__ import annotations

import msgspec

from callspring.flows.flow import Flow


class PublishedRule(msgspec.Struct, frozen=True):
    """A rule as `callspring.scenarios.rules` evaluates it. `numbers` are ids: one if static, the pool if dynamic."""

    strategy: str
    numbers: tuple[int, ...]
    dynamic: bool = False
    name: str = ""
    value: str = ""


class PublishedNumber(msgspec.Struct, frozen=True):
    """A number as a page shows it: `national` is the usual way to write it in its own country."""

    id: int
    e164: str
    national: str


class PublishedScenario(msgspec.Struct, frozen=True):
    """An enabled scenario, in the order people gave. `target` is E.164; `find` its digits as pages write them."""

    id: int
    target: str
    find: tuple[str, ...]
    rules: tuple[PublishedRule, ...]
    hold: int
    overflow: str


class PublishedSite(msgspec.Struct, frozen=True):
    """A site with its enabled scenarios. `hosts` are lower case, with the port where it is not the usual one.

    `staff` are networks (`192.0.2.0/24`) whose visits count as nothing.
    """

    id: int
    company: int
    key: str
    hosts: tuple[str, ...]
    cookie_days: int
    scenarios: tuple[PublishedScenario, ...]
    numbers: tuple[PublishedNumber, ...]
    staff: tuple[str, ...] = ()


class Route(msgspec.Struct, frozen=True):
    """Where calls to a number go. `scenario` is 0 unless an enabled scenario credits the number's calls."""

    number: int
    flow: Flow | None
    scenario: int = 0


class PublishedConnection(msgspec.Struct, frozen=True):
    """A company's account at a carrier, with the secret that signs what the carrier sends."""

    id: int
    carrier: str
    secret: str


class PublishedCompany(msgspec.Struct, frozen=True):
    """What the voice door needs of a company: its carriers' secrets and a route for each number (by E.164)."""

    id: int
    key: str
    connections: tuple[PublishedConnection, ...]
    routes: dict[str, Route]


site_decoder = msgspec.json.Decoder(PublishedSite)
company_decoder = msgspec.json.Decoder(PublishedCompany)
