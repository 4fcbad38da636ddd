"""The conditions of rules and of terms of activation, each as a question to the facts of a visit. Pure.

A condition is made once per publication and asked with every page load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from callspring.stores.snapshot.published import PublishedRule, PublishedTerm
from callspring.visits.touch import Channel, Pairs, Source

Place = tuple[str, str, str]
NOWHERE: Place = ("", "", "")


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What the rules look at. `source` is the stored source, `path` and `referrer_host` are of the first page of the
    stored arrival, `parameters` of the page being loaded, `place` is country, region and city now, "" for unknown."""

    source: Source
    referrer_host: str
    path: str
    parameters: Pairs
    place: Place = NOWHERE


Condition = Callable[[Facts], bool]

SEARCH = (Channel.ORGANIC_SEARCH, Channel.PAID_SEARCH)
REFERRAL = (Channel.REFERRAL, Channel.ORGANIC_SOCIAL, Channel.AI_ASSISTANT)


def matches(rule: PublishedRule, facts: Facts) -> bool:
    """Does the visitor's arrival meet the rule's condition? An unknown strategy matches nobody."""
    return condition(rule.strategy, rule.name, rule.value)(facts)


def names(term: PublishedTerm, facts: Facts) -> bool:
    """Is this one of the visitors whom the term keeps out? An unknown kind names nobody."""
    return condition(term.kind, "", term.value)(facts)


def condition(kind: str, name: str, value: str) -> Condition:
    """The condition of a rule's strategy or of a term's kind; `name` is a URL parameter's."""
    match kind:
        case "always":
            return anybody
        case "direct":
            return lambda facts: facts.source.channel == _DIRECT
        case "web_search":
            return lambda facts: facts.source.channel in SEARCH
        case "referral":
            return _from_host(value) if value else lambda facts: facts.source.channel in REFERRAL
        case "landing_page":
            return _landed_on(value)
        case "url_parameter":
            return _with_parameter(name, value.lower())
        case "channel":
            return lambda facts: facts.source.channel == value
        case "place":
            return _at(value)
    return _of_source(kind, value.lower())


def anybody(_facts: Facts) -> bool:
    """The condition that everybody meets."""
    return True


def nobody(_facts: Facts) -> bool:
    """The condition that nobody meets."""
    return False


def any_of(conditions: Iterable[Condition]) -> Condition | None:
    """Whether one of them is met; None for none, so that nothing is asked."""
    several = tuple(conditions)
    if len(several) < 2:
        return several[0] if several else None

    def is_met(facts: Facts) -> bool:
        for each in several:  # noqa: SIM110 - a generator would double the time
            if each(facts):
                return True
        return False

    return is_met


def but_not(wanted: Condition, unwanted: Condition | None) -> Condition:
    """Whether the one is met and the other is not."""
    if unwanted is None:
        return wanted
    return lambda facts: wanted(facts) and not unwanted(facts)


_DIRECT = Channel.DIRECT


def _of_source(part: str, wanted: str) -> Condition:
    """A part of the stored source, whatever its capitals; `spring*` is all that begins so. `wanted` in lower case."""
    if not wanted:
        return nobody
    said: dict[str, Callable[[Source], str]] = {
        "source": lambda source: source.source,
        "medium": lambda source: source.medium,
        "campaign": lambda source: source.campaign,
    }
    read = said.get(part)
    if read is None:
        return nobody
    if wanted.endswith("*"):
        start = wanted[:-1]
        return lambda facts: read(facts.source).lower().startswith(start)
    return lambda facts: read(facts.source).lower() == wanted


def _at(wanted: str) -> Condition:
    """`US`, `US/Illinois`, `US/Illinois/Chicago`; nothing between two slashes is anything, and unknown is elsewhere."""
    country, region, city = (*wanted.lower().split("/"), "", "")[:3]

    def is_met(facts: Facts) -> bool:
        at, within, town = facts.place
        if country and at.lower() != country:
            return False
        return (not region or within.lower() == region) and (not city or town.lower() == city)

    return is_met if country or region or city else nobody


def _from_host(host: str) -> Condition:
    below = "." + host
    return lambda facts: facts.referrer_host == host or facts.referrer_host.endswith(below)


def _landed_on(wanted: str) -> Condition:
    """`/offer` is also `/offer/`; `/offers/*` is everything below."""
    if wanted.endswith("*"):
        start = wanted[:-1]
        return lambda facts: facts.path.startswith(start)
    path = wanted.rstrip("/")
    return lambda facts: facts.path.rstrip("/") == path


def _with_parameter(name: str, value: str) -> Condition:
    """`value` in lower case; "" is any."""

    def is_met(facts: Facts) -> bool:
        for given, said in facts.parameters:  # noqa: SIM110 - a generator would double the time
            if given == name and (not value or said.lower() == value):
                return True
        return False

    return is_met
