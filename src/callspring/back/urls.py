"""The back's addresses: the console at `/`, the API at `/api/v1/`, and `/healthz` for whoever supervises it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from callspring.api.urls import api


def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers. No database is asked: a restart would not bring one back."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("api/v1/", api.urls),
    path("", include("callspring.console.urls")),
]
