"""The cookie, set by the edge itself where it is served through the site's own address (W5).

Safari keeps what scripts write for seven days only. Through a reverse proxy on the site's own address the browser takes
the cookie for the site's, and keeps it as long as the site says (docs/guides/own-address.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from callspring.doorway.http import Headers
from callspring.edge.arrival import Arrival
from callspring.edge.door import EdgeDoor
from callspring.edge.site import ReadySite

DAY = 86_400
ANYBODY = b"access-control-allow-origin"
_INSIDE = re.compile(rb"(?:\[.*|[0-9.]+|[^.]+)(?::[0-9]*)?\Z", re.DOTALL)


def find_own_domain(door: EdgeDoor, a: Arrival) -> None:
    """Whether the browser called us under the site's own domain: one that is published for this page's host."""
    a.is_near = True
    a.own_domain = own_domain(door, a.site, a.host, a.peer, a.headers)


@lru_cache(maxsize=4096)
def may_share(host: bytes, page_host: str) -> bool:
    """Whether the edge, called as `host`, could share a domain with the page; looked at closely only then.

    Whoever shares a domain with a host ends with its last two labels, and some others do. A name without a dot or an
    IP address is a proxy's own for us (nginx's, unless told otherwise): the page may have called any name.
    """
    return bool(_INSIDE.match(host)) or ".".join(page_host.partition(":")[0].rsplit(".", 2)[-2:]).encode() in host


def own_domain(door: EdgeDoor, site: ReadySite, page_host: str, peer: str, headers: Mapping[bytes, bytes]) -> str:
    """The domain that page and edge share, "" when they do not."""
    own = site.cookie_domains.get(page_host, "")
    host = door.whereabouts.host(peer, headers)
    return own if own and (host == own or host.endswith("." + own)) else ""


def with_credentials(usual: Headers, origin: bytes | None) -> Headers:
    """The headers of an answer to a page that may have sent its cookies along: browsers want its origin named then.

    No cookie is ever read here, so whoever may read the answer learns nothing by it.
    """
    if origin is None:
        return usual
    allowed = ((ANYBODY, origin), (b"access-control-allow-credentials", b"true"), (b"vary", b"origin"))
    return (*(header for header in usual if header[0] != ANYBODY), *allowed)


def headers_for(a: Arrival, usual: Headers) -> Headers:
    """An answer's headers, with the cookie where this answer sets it. The snippet reads it, to send the token along."""
    headers = with_credentials(usual, a.headers.get(b"origin"))
    if not a.cookie:
        return (*headers, deletion(a.own_domain)) if a.is_refused and a.own_domain else headers
    return (*headers, _cookie(a.cookie, a.own_domain, a.site.cookie_days * DAY, a.request.url.startswith("https:")))


def deletion(domain: str) -> tuple[bytes, bytes]:
    """The header that deletes the cookie."""
    return _cookie("", domain, 0, secure=False)


def _cookie(value: str, domain: str, age: int, secure: bool) -> tuple[bytes, bytes]:
    said = f"callspring={value}; Domain={domain}; Path=/; Max-Age={age}; SameSite=Lax{'; Secure' if secure else ''}"
    return b"set-cookie", said.encode()
