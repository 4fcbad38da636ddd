"""How Vonage talks: its way of saying no, and our sentences for what people meet.

Sources: developer.vonage.com/en/api-errors (and /messages), developer.vonage.com/en/api/numbers (error codes).
"""

from __future__ import annotations

from callspring.carriers.exchange import parsed
from callspring.carriers.rest import Manner


def _said(body: bytes) -> tuple[str, str]:
    """A problem has a `title` and a `detail`; the Numbers API has its own two names for code and sentence."""
    found = parsed(body)
    if "error-code" in found:
        return str(found["error-code"]), found.get("error-code-label") or ""
    said = found.get("detail") or found.get("title") or ""
    return (found["title"] if str(found.get("title", "")).isdecimal() else ""), said


MANNER = Manner(
    name="Vonage",
    denied="Vonage does not accept this API key and API secret. Copy both anew from Vonage's dashboard.",
    said=_said,
    reasons={
        "402": "The balance at Vonage is too low for this. Top it up in Vonage's dashboard.",
        "420": "Vonage does not do this with this number: somebody else may have it, or its country asks for papers, "
        "which Vonage's dashboard takes.",
        "1120": "The balance at Vonage is too low for this. Top it up in Vonage's dashboard.",
        "1170": "This number cannot receive texts.",
    },
)
