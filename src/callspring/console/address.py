"""The network address that a request to the console came from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from callspring.visits.client_ip import Proxies

PROXIES = Proxies(settings.CONFIG.trusted_proxies)


def client_address(request: HttpRequest) -> str:
    """The peer's address, or, behind proxies we trust, the one they speak for."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    return PROXIES.client_ip(peer, request.headers.get("X-Forwarded-For", ""))
