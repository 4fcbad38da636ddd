"""The host of a page, as sites keep hosts: read for each page load, so by hand, and remembered."""

from __future__ import annotations

from functools import lru_cache


def page_host(address: str) -> str:
    """`host` or `host:port` of an http(s) address, lower case, without `www.`; "" when there is none."""
    end = address.find("/", 8)  # behind "https://"
    return host_of(address if end < 0 else address[:end])


@lru_cache(maxsize=1024)  # a page's address and its origin are asked for, and sites are few
def host_of(origin: str) -> str:
    """The same of an origin: an address without a path."""
    scheme, separator, rest = origin.partition("://")
    if not separator or scheme not in ("https", "http"):
        return ""
    authority = rest.partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
    usual = ":443" if scheme == "https" else ":80"
    return authority.lower().removesuffix(usual).removeprefix("www.")
