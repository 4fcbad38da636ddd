"""GET a page by an address that anybody may have typed: each hop checked anew, everything bounded."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import httpcore
import httpx

from callspring.sites.fetching import wire
from callspring.sites.fetching.address import Address, followed, read
from callspring.sites.fetching.body import ACCEPTED, whole
from callspring.sites.fetching.refusal import Reason, Refused

SECONDS = 10.0  # for look-ups, connections and bodies of all hops together
MOST_BYTES = 2 * 1024 * 1024
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. `hops` are the addresses that were asked, the last one `address`; header names are lower case."""

    address: Address
    hops: tuple[str, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The first header of that name, "" when there is none."""
        return next((value for each, value in self.headers if each == name), "")

    def all(self, name: str) -> list[str]:
        """All headers of that name."""
        return [value for each, value in self.headers if each == name]


class Fetcher:
    """Fetches public pages, and those of the `origins` that the operator listed.

    No cookies, no credentials, no proxies of the environment, no scripts. `agent` says who asks. `resolve`, `dial` and
    `tls` are the system's unless a test brings its own.
    """

    def __init__(
        self,
        origins: Iterable[str],
        agent: str,
        *,
        resolve: wire.Resolve = wire.resolve,
        dial: wire.Dial = wire.dial,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self.origins = frozenset(origins)
        self._agent, self._resolve, self._dial, self._tls, self._seconds = agent, resolve, dial, tls, seconds
        self._listed = {(each.host, each.port) for each in (read(origin, self.origins) for origin in self.origins)}

    def fetch(self, address: Address) -> Fetched:
        """Follow it to the end. Raises `Refused`."""
        deadline = wire.Deadline(self._seconds)
        hops = [str(address)]
        while True:
            with _as_refusal(address.host):
                answer = self._ask(address, deadline)
            if not isinstance(answer, str):
                return Fetched(address, tuple(hops), *answer)
            if len(hops) > MOST_REDIRECTS:
                raise Refused(Reason.REDIRECTS)
            address = followed(address, answer, self.origins)
            hops.append(str(address))

    def _ask(self, address: Address, deadline: wire.Deadline) -> str | tuple[int, tuple[tuple[str, str], ...], bytes]:
        """Where it sends us on to; else status, headers and body."""
        listed = self._listed if address.origin in self.origins else ()
        backend = wire.CheckedBackend(self._resolve, self._dial, listed, deadline)
        tls = self._tls or _certificates()
        with (
            httpcore.ConnectionPool(ssl_context=tls, max_connections=1, network_backend=backend) as pool,
            pool.stream("GET", str(address), headers=self._headers(address)) as answer,
        ):
            headers = tuple((_text(name).lower(), _text(value)) for name, value in answer.headers)
            location = next((value for name, value in headers if name == "location"), None)
            if answer.status in _REDIRECTS and location is not None:
                return location
            encoding = ", ".join(value for name, value in headers if name == "content-encoding")
            return answer.status, headers, whole(answer.iter_stream(), encoding, MOST_BYTES)

    def _headers(self, address: Address) -> list[tuple[str, str]]:
        return [
            ("Host", address.authority),
            ("User-Agent", self._agent),
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.5"),
            ("Accept-Encoding", ACCEPTED),
            ("Connection", "close"),
        ]


@contextmanager
def _as_refusal(host: str) -> Iterator[None]:
    """What can go wrong with a connection, in our words."""
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException):
        raise Refused(Reason.TOO_SLOW, host) from None
    except ssl.SSLCertVerificationError:
        raise Refused(Reason.CERTIFICATE, host) from None
    except (httpcore.ProtocolError, ssl.SSLError):
        raise Refused(Reason.NONSENSE, host) from None
    except (OSError, httpcore.NetworkError):
        raise Refused(Reason.NO_CONNECTION, host) from None


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities that httpx trusts, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


def _text(raw: bytes) -> str:
    """Headers are Latin-1 by the letter (RFC 9110, section 5.5), UTF-8 where somebody did not know."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
