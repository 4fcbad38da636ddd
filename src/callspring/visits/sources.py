"""To which source a visit is put down, from the landing address and the referrer.

Three kinds of evidence, the later filling in what the earlier leave open: tags (`utm_…`, what the marketer
claims), click ids (what a network proves), the referrer (where the browser says it was). The table is
`channels.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from callspring.visits import address
from callspring.visits.sites import (
    CLICK_IDS,
    PAID,
    PAID_CHANNEL,
    UNPAID_CHANNEL,
    UNTAGGED_MEDIUM,
    ClickId,
    Kind,
    Site,
    medium_channel,
    site_at,
    site_tagged,
)
from callspring.visits.touch import DIRECT, Channel, Source, Touch, opening

PART_LIMIT = 200  # characters of a source, medium, campaign or keyword

_UTM = {
    "utm_" + name: name
    for name in (
        "source",
        "medium",
        "campaign",
        "term",
        "content",
        "id",
        "source_platform",
        "creative_format",
        "marketing_tactic",
    )
}

# Channels that say little: a click id which proves an advertisement outweighs a tag that means one of these.
_WEAK = frozenset(
    {
        Channel.OTHER_CAMPAIGN,
        Channel.PAID_OTHER,
        Channel.ORGANIC_SEARCH,
        Channel.ORGANIC_SOCIAL,
        Channel.REFERRAL,
    }
)
# Mediums beside which the kind of a known source says more: facebook with utm_medium=referral is social.
_SAID_BY_SITE = frozenset({Channel.ORGANIC_SEARCH, Channel.REFERRAL})
_UNPAID = frozenset({Channel.ORGANIC_SEARCH, Channel.ORGANIC_SOCIAL})


def classify(url: str, referrer: str, own_hosts: Collection[str]) -> Touch:
    """Read how somebody arrived at `url` from `referrer`.

    `own_hosts`: the company's hosts, lower case, without port; a host below one of them is its own too, and
    so is the page's own host. Any two strings are taken; nothing is raised; see `Touch` for the bounds.
    """
    host, path, query = address.split(url)
    parameters = address.parameters(query) if query else ()
    utm, click_ids = _marks(parameters) if parameters else ({}, {})
    sender, site, sender_query = _sender(referrer) if referrer else ("", None, "")
    own = sender != "" and is_own(sender, host, own_hosts)
    source = _source(utm, click_ids, None if own else site, "" if own else sender, sender_query)
    tags, ids = tuple(utm.items()), tuple(click_ids.items())
    remembered = opening(tags, ids, "" if own else sender)
    return Touch(source, host, path, tuple(parameters), tags, ids, sender, own, remembered)


# A few search engines and social networks send most visitors, and since browsers cut referrers to the origin, each of
# them with one and the same.
@lru_cache(maxsize=1024)
def _sender(referrer: str) -> tuple[str, Site | None, str]:
    """(host without `www.`, the site we know it for, query) of a referrer."""
    host, _, query = address.split(referrer)
    host = host.removeprefix("www.")
    return host, site_at(host) if host else None, query


def is_own(host: str, page_host: str, own_hosts: Collection[str]) -> bool:
    """Whether `host` is on the company's own domain.

    That is the page's host, one of `own_hosts`, or a host below one of them; `www.` counts for nothing.
    """
    if host == page_host or host == page_host.removeprefix("www."):
        return True
    while host:
        if host in own_hosts or "www." + host in own_hosts:
            return True
        host = host.partition(".")[2]
    return False


def _marks(parameters: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The utm parameters (named without `utm_`) and the click ids; of each the first that has a value."""
    utm: dict[str, str] = {}
    click_ids: dict[str, str] = {}
    for name, value in parameters:
        if value:
            key = name.lower()
            if key in _UTM:
                utm.setdefault(_UTM[key], value)
            elif key in CLICK_IDS and len(value) < address.VALUE_LIMIT:  # a cut click id is worth nothing
                click_ids.setdefault(key, value)
    return utm, click_ids


def _source(utm: dict[str, str], click_ids: dict[str, str], site: Site | None, sender: str, query: str) -> Source:
    click = _click(click_ids, site) if click_ids else None
    if utm:
        return _tagged(utm, click, site, sender)
    if click:
        return _clicked(click, site)
    if site:
        return _sent(site, query)
    if sender:
        return Source(sender[:PART_LIMIT], "referral", "", "", Channel.REFERRAL)
    return DIRECT


def _click(click_ids: dict[str, str], site: Site | None) -> ClickId:
    """The click id that counts: the referrer's own, else the strongest.

    An address copied from one network into another carries the ids of both; the older is left over.
    """
    if len(click_ids) == 1:
        return CLICK_IDS[next(iter(click_ids))]
    sender = site.name if site else ""
    return min((CLICK_IDS[name] for name in click_ids), key=lambda click: (not _is_from(click, sender), click.rank))


def _is_from(click: ClickId, name: str) -> bool:
    return name == click.source or name in click.also


@lru_cache(maxsize=1024)
def _clicked(click: ClickId, site: Site | None) -> Source:
    """An untagged visit with a click id."""
    return Source(_click_source(click, site), click.medium, "", "", _click_channel(click, site))


def _sent(site: Site, query: str) -> Source:
    """An untagged visit from a site we know."""
    keyword = ""
    if query and site.kind is Kind.SEARCH:
        keyword = dict(reversed(address.parameters(query))).get(site.keyword_parameter, "")[:PART_LIMIT]
    return Source(site.name, UNTAGGED_MEDIUM[site.kind], "", keyword, UNPAID_CHANNEL[site.kind])


def _click_source(click: ClickId, site: Site | None) -> str:
    return site.name if site and site.name in click.also else click.source


def _click_channel(click: ClickId, site: Site | None) -> Channel:
    # Google gives one kind of click id to all its advertisements; the page that showed it tells the kind.
    if site and click.channel is Channel.PAID_SEARCH and site.kind in {Kind.VIDEO, Kind.ADS}:
        return PAID_CHANNEL[site.kind]
    return click.channel


def _tagged(utm: dict[str, str], click: ClickId | None, site: Site | None, sender: str) -> Source:
    """A visit with utm parameters; what they leave out comes from the click id, else from the referrer."""
    source = utm.get("source", "").strip().lower()[:PART_LIMIT]
    medium = utm.get("medium", "").strip().lower()[:PART_LIMIT]
    if source:
        source, named = site_tagged(source)
        if click and named and not _is_from(click, named.name):
            click = None  # left over from another network, like those that `_click` passes over
        medium = medium or (click.medium if click else "")
    else:
        source, untagged_medium, named = _untagged(click, site, sender)
        medium = medium or untagged_medium
    campaign = utm.get("campaign", "")[:PART_LIMIT]
    channel = _channel(source, medium, campaign, named.kind if named else None)
    if click:
        channel = _proved(channel, click, site)
    return Source(source, medium, campaign, utm.get("term", "")[:PART_LIMIT], channel)


def _untagged(click: ClickId | None, site: Site | None, sender: str) -> tuple[str, str, Site | None]:
    """(source, medium, site) of a tagged visit without utm_source."""
    if click:
        source = _click_source(click, site)
        return source, click.medium, site_tagged(source)[1]
    if site:
        return site.name, UNTAGGED_MEDIUM[site.kind], site
    return sender[:PART_LIMIT], "referral" if sender else "", None


def _channel(source: str, medium: str, campaign: str, kind: Kind | None) -> Channel:
    """The channel that tags mean."""
    meant = medium_channel(medium) or (None if kind else medium_channel(source))
    if meant == PAID:
        return _paid_channel(medium, campaign, kind)
    if kind and (meant is None or meant in _SAID_BY_SITE):
        return UNPAID_CHANNEL[kind]
    return meant if isinstance(meant, Channel) else Channel.OTHER_CAMPAIGN


def _paid_channel(medium: str, campaign: str, kind: Kind | None) -> Channel:
    if medium == "cpm" and kind is not Kind.SOCIAL and kind is not Kind.VIDEO:
        return Channel.DISPLAY  # paid by the thousand views: a banner, also when Google showed it
    if kind is Kind.SEARCH and "shopping" in campaign.lower():
        return Channel.SHOPPING
    return PAID_CHANNEL.get(kind, Channel.PAID_OTHER) if kind else Channel.PAID_OTHER


def _proved(channel: Channel, click: ClickId, site: Site | None) -> Channel:
    """What a click id makes of the channel that the tags mean."""
    if channel is Channel.PAID_OTHER and click.channel is Channel.ORGANIC_SOCIAL:
        return Channel.PAID_SOCIAL  # paid, say the tags; from a social network, says the id
    if channel not in _WEAK or (click.channel in _UNPAID and channel is not Channel.OTHER_CAMPAIGN):
        return channel
    return _click_channel(click, site)
