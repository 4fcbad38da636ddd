"""Who asks: an API key in `Authorization: Bearer cs_…` stands for its company."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from callspring.accounts.models import ApiKey, Company
from callspring.accounts.queries import key_in_force

HELP = "Send an API key: Authorization: Bearer cs_…  Keys are made in the console, Settings → Integrations."


class ApiKeyBearer(HttpBearer):
    """Lets keys with `scope` through; any other key is answered 403, anything else 401."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:  # noqa: ARG002 - ninja's signature
        """The key, which then is `request.auth`; None when it is unknown or revoked."""
        key = key_in_force(token)
        if key is not None and self.scope not in key.scopes:
            raise HttpError(403, f"This key lacks the scope “{self.scope}”. Make one that has it.")
        return key


def company_of(request: HttpRequest) -> Company:
    """The company of the key that was let through."""
    return cast(ApiKey, vars(request)["auth"]).company
