"""The marker: the source that calls to a static number are credited to, made from the number's rule alone."""

from __future__ import annotations

from urllib.parse import urlencode

from msgspec.structs import replace

from callspring.visits.sources import PART_LIMIT, classify
from callspring.visits.touch import DIRECT, Channel, Source

# What a tag alone cannot know: whether a tagged link on a social network or a search engine was paid for.
_UNSURE = frozenset({Channel.ORGANIC_SOCIAL, Channel.ORGANIC_SEARCH})


def marker(strategy: str, name: str, value: str, title: str) -> Source:
    """The source of a static number of this rule; `title` is the scenario's, `strategy` a `Rule.Strategy`.

    Names are those that visits get, so that calls by static numbers and by pool numbers add up in reports.
    """
    match strategy:
        case "web_search":
            found = Source("search engines", "organic", channel=Channel.ORGANIC_SEARCH)
        case "referral":
            found = _referral(value)
        case "landing_page":
            found = Source(value.lower()[:PART_LIMIT], "landing_page", channel=Channel.OTHER_CAMPAIGN)
        case "url_parameter":
            found = _parameter(name, value, title)
        case "direct":
            found = DIRECT
        case _:  # always swap: nothing is known but what a person called it
            found = Source(title.lower()[:PART_LIMIT])
    return replace(found, campaign=found.campaign or title[:PART_LIMIT])


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
