"""A recording's sound. Plivo keeps it on a host of its own, or at Amazon's S3; its API says where.

Credentials go to Plivo's own hosts only ("HTTP Auth on recordings" asks for them there). Source:
plivo.com/docs/voice/api/recordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from callspring.carriers.api import Sound, Unreachable
from callspring.carriers.rest import Auth, Rest

_PLIVO, _STORAGE = re.compile(r"([a-z0-9-]+\.)+plivo\.com"), re.compile(r"([a-z0-9.-]+\.)?amazonaws\.com")
_MP3 = "audio/mpeg"  # as which we have everything recorded


@contextmanager
def sound_of(rest: Rest, url: str, auth: Auth) -> Iterator[Sound]:
    """Open the sound at `url`. Raises `CarrierProblem`, also while it is read."""
    address, is_theirs = _address(rest, url)
    asking = rest.client.build_request("GET", address)
    with rest.answer(asking, auth if is_theirs else None) as answer:
        content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type in ("application/octet-stream", "binary/octet-stream"):
            content_type = _MP3
        if not re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", content_type):
            raise Unreachable(rest.manner.nonsense)
        yield Sound(content_type, rest.bounded(answer.iter_bytes()))


def _address(rest: Rest, url: str) -> tuple[str, bool]:
    """Where to fetch it, and whether that is Plivo itself. Raises `Unreachable` for any other place."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unreachable(rest.manner.nonsense) from None
    if f"{parts.scheme}://{parts.netloc}" == rest.origin:
        return url, True
    is_theirs = _PLIVO.fullmatch(host) is not None
    known = is_theirs or _STORAGE.fullmatch(host) is not None
    if not known or port not in (None, 80, 443) or parts.username is not None:
        raise Unreachable(rest.manner.nonsense)
    return parts._replace(scheme="https", netloc=host).geturl(), is_theirs
