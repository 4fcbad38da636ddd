"""For which domain a host's cookies are set: the part that one owner has registered (W5).

`shop.example.co.uk` shares cookies with `example.co.uk`, and nobody shares any with all of `co.uk`: the Public Suffix
List (publicsuffix.org) says where owners begin, and browsers go by it.
"""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList


def cookie_domain(host: str) -> str:
    """The registrable domain of a host (lower case, punycode; a port is left out).

    "" where cookies belong to the host alone: an IP address, a name without a dot, a public suffix itself.
    """
    name = host.partition(":")[0]
    try:
        ip_address(name)
    except ValueError:
        return _list().privatesuffix(name) or "" if "." in name else ""
    return ""


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()
