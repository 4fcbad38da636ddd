"""Operating system, browser and kind of device, by the user agent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import ua_parser

from callspring.visits.address import clean

USER_AGENT_LIMIT = 512
NAME_LIMIT = 40  # as many as the record holds


class DeviceKind(StrEnum):
    """What somebody holds in the hand, or does not."""

    MOBILE = "mobile"
    TABLET = "tablet"
    DESKTOP = "desktop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Device:
    """Names for people, with major versions where the user agent tells the truth; "" when unknown.

    What browsers keep to themselves: Windows 11 says it is 10, an iPad may say it is a Mac.
    """

    os: str = ""
    browser: str = ""
    kind: DeviceKind = DeviceKind.OTHER


# ua-parser's names of browsers that people know by another.
_BROWSERS = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Android WebView",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
    "Yandex Browser": "Yandex",
    "MiuiBrowser": "Mi Browser",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
}

# Their versions are frozen (macOS: 10.15.7 for ever), a build's number, or a library's.
_UNVERSIONED = {"Mac OS X": "macOS", "Chrome OS": "Chrome OS", "Linux": "Linux"}
_MINOR_MATTERS = {"Windows"}  # 8 and 8.1
_DESKTOPS = {"Windows", "Mac OS X", "Linux", "Chrome OS", "FreeBSD", "OpenBSD", "NetBSD"}
_DESKTOP_LINUX = {
    "Ubuntu",
    "Fedora",
    "Debian",
    "Linux Mint",
    "Mageia",
    "Gentoo",
    "Arch Linux",
    "SUSE",
    "openSUSE",
}

# Since 2022 Chrome on Android says "Android 10; K" whatever it runs on.
_REDUCED_ANDROID = "(Linux; Android 10; K)"

_OTHER = re.compile(
    r"\bTV\b|SmartTV|SMART-TV|GoogleTV|AppleTV|CrKey|BRAVIA|AFT[A-Z]|Roku|Web0S|PlayStation|Xbox|Nintendo"
)
_TABLET = re.compile(r"iPad|Tablet|Kindle|\bKF[A-Z]{2,}|PlayBook|Nexus (?:7|9|10)\b")
_MOBILE = re.compile(r"Mobi|iPhone|iPod|Windows Phone|Opera Mini")


@cache
def _parser() -> ua_parser.Parser:
    # Without ua-parser's own cache: who asks often remembers what we make of it.
    return ua_parser.Parser(ua_parser.BestAvailableResolver(ua_parser.load_lazy_builtins()))


def load() -> None:
    """Load the tables now (a tenth of a second) and not with the first visitor."""
    device("")


def device(user_agent: str) -> Device:
    """The device behind a user agent; unknown ones give an empty `Device`. 16 µs. Never raises."""
    user_agent = clean(user_agent, USER_AGENT_LIMIT)  # the resolver raises on half a surrogate pair
    result = _parser().parse(user_agent)
    family = result.os.family if result.os else ""
    return Device(
        os=_os_name(result.os, user_agent),
        browser=_browser_name(result.user_agent),
        kind=_kind(user_agent, family),
    )


def _os_name(os: ua_parser.OS | None, user_agent: str) -> str:
    if os is None:
        return ""
    if os.family in _UNVERSIONED:
        return _UNVERSIONED[os.family]
    if os.family == "Android" and _REDUCED_ANDROID in user_agent:
        return os.family
    version = os.major or ""
    if os.family in _MINOR_MATTERS and os.minor:
        version += "." + os.minor
    return f"{os.family} {version}".strip()[:NAME_LIMIT]


def _browser_name(browser: ua_parser.UserAgent | None) -> str:
    if browser is None:
        return ""
    name = _BROWSERS.get(browser.family, browser.family)
    return f"{name} {browser.major or ''}".strip()[:NAME_LIMIT]


def _kind(user_agent: str, os_family: str) -> DeviceKind:
    if _OTHER.search(user_agent):
        return DeviceKind.OTHER
    if _TABLET.search(user_agent):
        return DeviceKind.TABLET
    if _MOBILE.search(user_agent):
        return DeviceKind.MOBILE
    if os_family == "Android":  # Android's browsers say "Mobile" on telephones only
        return DeviceKind.TABLET
    if os_family in _DESKTOPS or os_family in _DESKTOP_LINUX:
        return DeviceKind.DESKTOP
    return DeviceKind.OTHER
