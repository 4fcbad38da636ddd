"""A touch: everything the landing address and the referrer say about how somebody arrived."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from zlib import crc32

import msgspec

Pairs = tuple[tuple[str, str], ...]


class Channel(StrEnum):
    """The kinds of marketing a touch can be put down to. `CHANNEL_LABELS` says each for people."""

    __hash__ = str.__hash__  # an enum's own is by its name, and slow

    DIRECT = "direct"
    ORGANIC_SEARCH = "organic_search"
    PAID_SEARCH = "paid_search"
    ORGANIC_SOCIAL = "organic_social"
    PAID_SOCIAL = "paid_social"
    EMAIL = "email"
    REFERRAL = "referral"
    DISPLAY = "display"
    VIDEO = "video"
    SHOPPING = "shopping"
    AFFILIATE = "affiliate"
    SMS = "sms"
    AI_ASSISTANT = "ai_assistant"
    OFFLINE = "offline"
    PAID_OTHER = "paid_other"
    OTHER_CAMPAIGN = "other_campaign"


CHANNEL_LABELS: Mapping[Channel, str] = MappingProxyType(
    {
        Channel.DIRECT: "Direct",
        Channel.ORGANIC_SEARCH: "Organic search",
        Channel.PAID_SEARCH: "Paid search",
        Channel.ORGANIC_SOCIAL: "Organic social",
        Channel.PAID_SOCIAL: "Paid social",
        Channel.EMAIL: "Email",
        Channel.REFERRAL: "Referral",
        Channel.DISPLAY: "Display",
        Channel.VIDEO: "Video",
        Channel.SHOPPING: "Shopping",
        Channel.AFFILIATE: "Affiliate",
        Channel.SMS: "Text message",
        Channel.AI_ASSISTANT: "AI assistant",
        Channel.OFFLINE: "Offline media",
        Channel.PAID_OTHER: "Other paid",
        Channel.OTHER_CAMPAIGN: "Other campaign",
    }
)


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """To which marketing a touch is put down. Each part is "" when unknown and at most 200 characters.

    `source` and `medium` are lower case, so that reports do not split on capitals; `campaign` and `keyword`
    are as they were tagged. `channel` is a value of `Channel`, or "" for a source that a person named (a
    billboard's marker).
    """

    source: str = ""
    medium: str = ""
    campaign: str = ""
    keyword: str = ""
    channel: str = ""


DIRECT = Source(channel=Channel.DIRECT)


def name_of(source: Source) -> str:
    """What numbers are chosen by: two visitors with the same name count for the same campaign."""
    return f"{source.source}\n{source.medium}\n{source.campaign}"


class Opening(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a visit began with, short for the signed cookie: a checksum (32 bits) of each mark, 0 for none.

    Two marks sharing a checksum would join two visits of one visitor into one, once in four thousand million.
    """

    click_ids: tuple[int, ...] = ()
    utm: int = 0
    referrer: int = 0


class Touch(msgspec.Struct, frozen=True, gc=False):
    """One arrival at a page. Text is bounded, free of control characters, and can always be encoded as UTF-8.

    `host`, `path`: of the page; host in lower case without port ("" when it cannot be read), path as in the
    address (still percent-encoded, at most 1000 characters, "/" at least; "" when the address is unreadable).
    `parameters`: the decoded query, at most 30 pairs in the order given, values of at most 512 characters.
    `utm`: the first value of each utm parameter, by its name in lower case without `utm_`.
    `click_ids`: name in lower case, value.
    `referrer_host`: lower case, without `www.`; the package name for `android-app:`; "" for none or
    unreadable.
    `referrer_is_own`: the referrer is on the company's own domain.
    `opening`: what to remember of this touch when a visit begins with it.
    """

    source: Source
    host: str
    path: str
    parameters: Pairs
    utm: Pairs
    click_ids: Pairs
    referrer_host: str
    referrer_is_own: bool
    opening: Opening

    @property
    def is_internal(self) -> bool:
        """A step within the site, which says nothing about how the visitor arrived."""
        return self.referrer_is_own and not self.utm and not self.click_ids

    def with_last_click_id(self, click_id: str) -> Touch:
        """The same arrival with another click id: the only one there is, and the last of the parameters."""
        parameters = (*self.parameters[:-1], (self.parameters[-1][0], click_id))
        name, before = self.click_ids[0][0], self.opening
        opening = Opening((_checksum(f"{name}={click_id}"),), before.utm, before.referrer)
        return Touch(
            self.source, self.host, self.path, parameters, self.utm, ((name, click_id),),
            self.referrer_host, self.referrer_is_own, opening,
        )  # fmt: skip


def opening(utm: Pairs, click_ids: Pairs, referrer: str) -> Opening:
    """What to remember of a touch when a visit begins with it. `referrer`: an external one's host, or ""."""
    ids = tuple([_checksum(f"{name}={value}") for name, value in click_ids])
    tags = _checksum("&".join(map("=".join, sorted(utm)))) if utm else 0
    return Opening(ids, tags, _checksum(referrer) if referrer else 0)


def _checksum(mark: str) -> int:
    # 0 means "none", so a mark whose checksum happens to be 0 becomes 1.
    return crc32(mark.encode()) or 1
