"""Host names as people type them and as sites keep them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from callspring.sites.international import to_ascii

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"  # an underscore is against the rules, and browsers go there
_PORT = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}(?::(?:{_PORT}))?", re.ASCII)


# A page's host comes without it (`edge.visit_path`), so a host kept with it would never be met.
_USUAL_PORTS = {"https": (":443",), "http": (":80",), "": (":443", ":80")}


def parse_host(text: str) -> str:
    """`host` or `host:port`, lower case, without `www.`, from a host or a whole address; IDNs become punycode.

    The usual port of the address's scheme is left out. Raises `ValueError`: a sentence that says what is wrong.
    """
    scheme, host = _authority(text.strip().lower())
    try:
        host = to_ascii(host)
    except UnicodeError:
        raise _no_host(text) from None
    for port in _USUAL_PORTS.get(scheme, ()):
        host = host.removesuffix(port)
    host = host.removeprefix("www.").rstrip(".")
    if len(host) > 259 or not _HOST.fullmatch(host):
        raise _no_host(text)
    return host


def _authority(address: str) -> tuple[str, str]:
    """Scheme ("" for none) and host with port."""
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", address)
    rest = address[scheme.end() :] if scheme else address
    return scheme[1] if scheme else "", re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].rstrip(".")


def _no_host(text: str) -> ValueError:
    said = _("“%(typed)s” is not a host name. Write it like example.com.")
    return ValueError(said % {"typed": text.strip()[:100]})
