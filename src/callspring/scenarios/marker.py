"""The marker: the source that calls to a static number are credited to, made from the number's rule alone."""

from __future__ import annotations

from urllib.parse import urlencode

from msgspec.structs import replace

from callspring.visits.sources import PART_LIMIT, classify
from callspring.visits.touch import CHANNEL_LABELS, DIRECT, Channel, Source

# What a tag alone cannot know: whether a tagged link on a social network or a search engine was paid for.
_UNSURE = frozenset({Channel.ORGANIC_SOCIAL, Channel.ORGANIC_SEARCH})


def marker(strategy: str, name: str, value: str, title: str) -> Source:
    """The source of a static number of this rule; `title` is the scenario's, `strategy` a `Rule.Strategy`.

    Names are those that visits get, so that calls by static numbers and by pool numbers add up in reports.
    """
    found = _marker(strategy, name, value, title)
    return replace(found, campaign=found.campaign or title[:PART_LIMIT])


def _marker(strategy: str, name: str, value: str, title: str) -> Source:
    match strategy:
        case "web_search":
            return Source("search engines", "organic", channel=Channel.ORGANIC_SEARCH)
        case "referral":
            return _referral(value)
        case "landing_page":
            return Source(value.lower()[:PART_LIMIT], "landing_page", channel=Channel.OTHER_CAMPAIGN)
        case "url_parameter":
            return _parameter(name, value, title)
        case "source" | "medium" | "campaign":
            return _parameter(f"utm_{strategy}", value.removesuffix("*"), title)
        case "channel" if value in CHANNEL_LABELS and value != Channel.DIRECT:
            return Source(CHANNEL_LABELS[Channel(value)].lower(), channel=value)
        case "direct" | "channel":
            return DIRECT
    return Source(title.lower()[:PART_LIMIT])  # always swap: nothing is known but what a person called it


def _referral(host: str) -> Source:
    if not host:
        return Source("other websites", "referral", channel=Channel.REFERRAL)
    return classify("https://page.invalid/", f"https://{host}/", ()).source


def _parameter(name: str, value: str, title: str) -> Source:
    """As a visit with just this parameter, where that says something; else the parameter itself."""
    touch = classify(f"https://page.invalid/?{urlencode({name: value or 'any'})}", "", ())
    if (touch.utm and value) or touch.click_ids:
        channel = Channel.OTHER_CAMPAIGN if touch.source.channel in _UNSURE else touch.source.channel
        return replace(touch.source, source=touch.source.source or title.lower()[:PART_LIMIT], channel=channel)
    shown = f"{name}={value}" if value else name
    return Source(shown.lower()[:PART_LIMIT], channel=Channel.OTHER_CAMPAIGN)
