"""Every endpoint of the API, and how it says no."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from callspring.accounts.actions import READ
from callspring.api import calls, numbers, pools, scenarios, threads, visits
from callspring.api.auth import HELP, ApiKeyBearer

ABOUT = """Calls and what they are credited to, visits, scenarios, numbers and the inbox of one company: the API key's.

Lists come in pages, newest first. `next` of a page is the `cursor` of the one after it, and null on the last.
Times are ISO 8601 in UTC; a time in a filter may have any offset, and without one it is read as UTC."""

api = NinjaAPI(
    title="Callspring",
    version="1",
    description=ABOUT,
    auth=ApiKeyBearer(READ),
    urls_namespace="api",
)
api.add_router("", calls.router)
api.add_router("", visits.router)
api.add_router("", scenarios.router)
api.add_router("", pools.router)
api.add_router("", numbers.router)
api.add_router("", threads.router)


@api.exception_handler(AuthenticationError)
def without_a_key(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    """401, with how to do better."""
    response = api.create_response(request, {"detail": HELP}, status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response
