"""What other products call a source → a rule of ours. Pure.

A rule asks one question, so some sources are met only nearly: the answer then carries a note that says how.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from callspring.scenarios.checks import HOST
from callspring.scenarios.importing.products import bare
from callspring.visits.touch import CHANNEL_LABELS, Channel


class Origin(NamedTuple):
    """A rule's strategy and parameters. `note` says what was only nearly met; `offline`: no page shows the number."""

    strategy: str
    name: str = ""
    value: str = ""
    note: str = ""
    offline: bool = False


_CLICK_IDS = {
    "gclid": "googleads googleadwords googlepaid adwords googlepaidsearch googleadextension googleads1",
    "msclkid": "bingads bingpaid microsoftads microsoftadvertising bingpaidsearch",
}
_SEARCH_ENGINES = "google bing yahoo duckduckgo yandex baidu ecosia"
_CHANNELS: dict[str, str] = {
    "paid_search": "paidsearch ppc cpc sem searchads yandexdirect direct1 yahoopaid",
    "organic_search": "organic seo organicsearch naturalsearch",
    "email": "email newsletter emails",
    "display": "display banner",
    "paid_social": "paidsocial socialads facebookpaid facebookads metaads instagramads",
    "organic_social": "social organicsocial socialmedia",
}
_SITES = "facebook instagram linkedin twitter pinterest youtube yelp tiktok vk"
_EVERYBODY = (
    "all alltraffic allvisitors allwebsitevisitors websitevisitors website websitepool visitors session sessiontracker "
    "everyvisitor always alwaysswap onlinepool keywordpool any"
)
_OFFLINE = (
    "offline offsite print billboard radio tv television flyer directmail mailer magazine newspaper postcard "
    "businesscard vehicle truck sign yardsign mobileads other"
)
_STRATEGIES = {
    "urlparameter": "url_parameter", "parameter": "url_parameter", "landingpage": "landing_page",
    "landingurl": "landing_page", "referral": "referral", "webreferrer": "referral", "referrer": "referral",
    "websearch": "web_search", "search": "web_search", "direct": "direct", "channel": "channel", "source": "source",
    "medium": "medium", "campaign": "campaign", "always": "always", "alwaysswap": "always", "everyvisitor": "always",
}  # fmt: skip
_LEAD = re.compile(r"^(?:landing[ _]?(?:page|url)|web[ _]?referrer|referr(?:er|al|ing url))\s*:\s*", re.IGNORECASE)


def named(word: str) -> str | None:
    """One of our strategies by its name or its label; None for what is none."""
    return _STRATEGIES.get(bare(word))


def origin(text: str, value: str = "") -> Origin | None:
    """The rule for a source as the file writes it; `value` is a page or website beside it. None: unknown."""
    said = bare(text)
    for parameter, words in _CLICK_IDS.items():
        if said in words.split():
            return Origin("url_parameter", parameter)
    if value and said not in _OFFLINE.split():
        return _address(value) or origin(value)
    return _simple(said) or _searched(said) or _address(text)


def _simple(said: str) -> Origin | None:
    if said in _EVERYBODY.split():
        return Origin("always")
    if said in ("direct", "directtraffic", "directvisit"):
        return Origin("direct")
    if said in ("websearch", "search", "searchengines", "allsearch"):
        return Origin("web_search")
    if said in ("referral", "referrals", "otherwebsites", "webreferral", "webreferrals"):
        return Origin("referral")
    if said in _OFFLINE.split():
        return Origin("always", offline=True)
    for channel, words in _CHANNELS.items():
        if said in words.split():
            return Origin("channel", value=channel)
    labels = {bare(label): str(channel) for channel, label in CHANNEL_LABELS.items()}
    if said in labels and labels[said] != Channel.OFFLINE:
        return Origin("channel", value=labels[said])
    return next((Origin("source", value=site) for site in _SITES.split() if said in (site, f"{site}organic")), None)


def _searched(said: str) -> Origin | None:
    """Google organic and its like: a source alone would take that engine's advertisements too."""
    engine = said.removesuffix("organic").removesuffix("search").removesuffix("organic")
    if engine in _SEARCH_ENGINES.split() or engine in ("googlemybusiness", "googlelocal"):
        note = _("“%(engine)s” becomes all of organic search: one engine’s unpaid results cannot be told apart here.")
        return Origin("channel", value="organic_search", note=note % {"engine": engine.capitalize()})
    return None


def _address(text: str) -> Origin | None:
    """A page of the site, an URL parameter, or another website."""
    text = _LEAD.sub("", text.strip())
    try:
        parts = urlsplit(text if "://" in text else f"//{text}" if not text.startswith(("/", "?")) else text)
    except ValueError:
        return None
    if "=" in text and (found := re.search(r"(?:^|[?&])([^\s=&?#/]{1,100})=([^\s&#]*)", text)):
        return Origin("url_parameter", found[1], found[2].replace("*", ""))
    if text.startswith("/"):
        return Origin("landing_page", value=parts.path) if " " not in parts.path else None
    host = (parts.hostname or "").removeprefix("www.")
    if "." in host and HOST.fullmatch(host) and parts.path in ("", "/"):
        return Origin("referral", value=host)
    if "." in host and HOST.fullmatch(host) and "://" in text:
        return Origin("landing_page", value=parts.path)
    return None
