"""What a request to Telnyx may carry: the models of its SDK, and the names that the SDK writes into queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from telnyx import types
from telnyx.types import phone_numbers as number_types
from typing_extensions import get_type_hints

# By method and path: the model of the body, or the names that the query may have.
_PAGES = {"page[number]", "page[size]"}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v2/texml_applications"): types.TexmlApplicationCreateParams,
    ("PATCH", "/v2/texml_applications/ID"): types.TexmlApplicationUpdateParams,
    ("POST", "/v2/messaging_profiles"): types.MessagingProfileCreateParams,
    ("PATCH", "/v2/messaging_profiles/ID"): types.MessagingProfileUpdateParams,
    ("POST", "/v2/outbound_voice_profiles"): types.OutboundVoiceProfileCreateParams,
    ("POST", "/v2/number_orders"): types.NumberOrderCreateParams,
    ("PATCH", "/v2/phone_numbers/ID"): types.PhoneNumberUpdateParams,
    ("PATCH", "/v2/phone_numbers/ID/messaging"): number_types.MessagingUpdateParams,
    ("POST", "/v2/messages"): types.MessageSendParams,
}
QUERIES: dict[str, set[str]] = {
    "/v2/available_phone_numbers": {
        "filter[country_code]",
        "filter[phone_number_type]",
        "filter[features]",
        "filter[limit]",
        "filter[best_effort]",
        "filter[national_destination_code]",
        "filter[phone_number][contains]",
    },
    "/v2/phone_numbers": {*_PAGES, "filter[connection_id]"},
    "/v2/phone_numbers/messaging": _PAGES,
    "/v2/texml_applications": {*_PAGES, "filter[friendly_name]"},
    "/v2/messaging_profiles": {*_PAGES, "filter[name][eq]"},
    "/v2/messaging_profiles/ID/phone_numbers": _PAGES,
    "/v2/outbound_voice_profiles": _PAGES,
    "/v2/texml/Accounts/ID/Calls": {"StartTime<", "StartTime>", "Page", "PageSize", "PageToken"},
}


class Refusal(Exception):
    """Telnyx's no."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


def not_there() -> Refusal:
    """Nothing is under this address."""
    return Refusal(404, "10005", "The requested resource or URL could not be found.")


def unlawful(method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> list[str]:
    """What the SDK would not send there, [] for nothing."""
    kind = re.sub(r"(?<=/)[0-9a-f-]{10,}(?=[/.]|$)", "ID", path)
    model = BODIES.get((method, kind))
    wrong = _wrong(model, body) if model else sorted(body)
    return wrong + sorted(set(query) - QUERIES.get(kind, set()))


def _wrong(model: Any, body: Mapping[str, Any]) -> list[str]:
    """What the SDK's model of a body does not know, or knows otherwise."""
    fields = {_alias(name, hint): name for name, hint in get_type_hints(model, include_extras=True).items()}
    wrong = [name for name in body if name not in fields]
    try:
        TypeAdapter(model).validate_python({fields[name]: body[name] for name in body if name in fields})
    except ValidationError as error:
        wrong += [f"{one['loc']}: {one['msg']}" for one in error.errors()]
    return wrong


def _alias(name: str, hint: Any) -> str:
    for one in getattr(hint, "__metadata__", ()):
        if getattr(one, "alias", None):
            return str(one.alias)
    return name
