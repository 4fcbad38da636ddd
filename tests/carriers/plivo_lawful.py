"""Which requests Plivo's REST API takes, and which arguments of each: by method and path below the account."""

from __future__ import annotations

APPLICATION = frozenset(
    [
        "answer_url",
        "answer_method",
        "fallback_answer_url",
        "fallback_method",
        "hangup_url",
        "hangup_method",
        "message_url",
        "message_method",
        # What the SDK sends besides, with its defaults.
        "default_number_app",
        "default_endpoint_app",
        "log_incoming_messages",
    ]
)
_PAGES = frozenset(["limit", "offset"])
# The SDK says again in a request what its path says; so it sends the arguments of its own verbs.
AGAIN = frozenset(["number", "app_id", "recording_id"])
_ID = "[0-9a-f-]{36}"
# What each request that we make may carry.
ALLOWED = {
    ("GET", ""): frozenset[str](),
    ("GET", "Number/"): _PAGES,
    ("GET", r"Number/[0-9]+/"): frozenset[str](),
    ("POST", r"Number/[0-9]+/"): frozenset(["app_id", "subaccount", "alias", "cnam_lookup"]),
    ("DELETE", r"Number/[0-9]+/"): frozenset[str](),
    ("GET", "PhoneNumber/"): _PAGES | {"country_iso", "type", "pattern", "services"},
    ("POST", r"PhoneNumber/[0-9]+/"): frozenset(["app_id", "cnam_lookup"]),
    ("GET", "Application/"): _PAGES | {"app_name", "subaccount"},
    ("POST", "Application/"): APPLICATION | {"app_name"},
    ("POST", r"Application/[0-9]+/"): APPLICATION,
    ("DELETE", r"Application/[0-9]+/"): frozenset(["cascade", "new_endpoint_application"]),
    ("POST", "Message/"): frozenset(["src", "dst", "text", "type", "url", "method", "log", "trackable"]),
    ("GET", rf"Recording/{_ID}/"): frozenset[str](),
    ("DELETE", rf"Recording/{_ID}/"): frozenset[str](),
    ("GET", "Call/"): _PAGES | {"end_time__gte", "end_time__lte", "call_direction", "parent_call_uuid", "status"},
    ("GET", rf"Call/{_ID}/"): frozenset(["status"]),
}
