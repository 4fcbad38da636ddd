"""How somebody of a source would arrive: for trying which number they would see (W9). Pure.

People name a source in one of these ways: a channel (`paid_search`), who sends visitors (`google`, `partner.example`),
or tags one behind the other (`google/cpc/spring` is utm_source, utm_medium, utm_campaign).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import quote, urlencode

from callspring.visits.sites import host_of
from callspring.visits.sources import classify
from callspring.visits.touch import Channel, Touch

PARAMETER = "callspring_test"
LONGEST = 200
_TAGS = ("utm_source", "utm_medium", "utm_campaign")
# Of each channel one arrival: who sends, or tags.
_OF_CHANNEL: Mapping[str, str] = {
    Channel.DIRECT: "",
    Channel.ORGANIC_SEARCH: "google",
    Channel.PAID_SEARCH: "google/cpc",
    Channel.ORGANIC_SOCIAL: "facebook",
    Channel.PAID_SOCIAL: "facebook/paid-social",
    Channel.EMAIL: "newsletter/email",
    Channel.REFERRAL: "a-website.example",
    Channel.DISPLAY: "banner/display",
    Channel.VIDEO: "youtube",
    Channel.SHOPPING: "google/shopping",
    Channel.AFFILIATE: "partner/affiliate",
    Channel.SMS: "message/sms",
    Channel.AI_ASSISTANT: "chatgpt",
    Channel.OFFLINE: "flyer/print",
    Channel.PAID_OTHER: "advertiser/cpc",
    Channel.OTHER_CAMPAIGN: "campaign/other",
}


def pretend(url: str, own_hosts: Collection[str]) -> Touch:
    """The arrival at `url` of somebody of the source that its test parameter names; without one, a direct one.

    Other parameters of the address stay as they are.
    """
    page = classify(url, "", own_hosts)
    wanted = dict(reversed(page.parameters)).get(PARAMETER, "").strip()[:LONGEST]
    tags, referrer = _arrival(wanted)
    tagged = f"https://{page.host}{page.path}?{urlencode(tags)}"
    return _with(classify(tagged, referrer, own_hosts), page)


def _with(touch: Touch, page: Touch) -> Touch:
    parameters = tuple(pair for pair in page.parameters if pair[0] != PARAMETER)
    return Touch(
        touch.source, page.host, page.path, (*touch.parameters, *parameters), touch.utm, touch.click_ids,
        touch.referrer_host, touch.referrer_is_own, touch.opening,
    )  # fmt: skip


def _arrival(wanted: str) -> tuple[dict[str, str], str]:
    """Tags and referrer."""
    wanted = _OF_CHANNEL.get(wanted.lower().replace("-", "_"), wanted)
    if "/" in wanted:
        return dict(zip(_TAGS, wanted.split("/", 2), strict=False)), ""
    host = host_of(wanted.lower()) or (wanted if "." in wanted else "")
    if host:
        return {}, f"https://{quote(host)}/"
    return ({"utm_source": wanted} if wanted else {}), ""
