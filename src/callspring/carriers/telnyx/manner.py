"""How Telnyx talks: its way of saying no, and our sentences for what people meet.

Sources: developers.telnyx.com/development/api-fundamentals/api-errors, /docs/messaging/messages/error-codes.
"""

from __future__ import annotations

from callspring.carriers.exchange import parsed
from callspring.carriers.rest import Manner


def _said(body: bytes) -> tuple[str, str]:
    """`{"errors": [{"code", "title", "detail"}]}`."""
    first = parsed(body)["errors"][0]
    return str(first.get("code") or ""), first.get("detail") or first.get("title") or ""


MANNER = Manner(
    name="Telnyx",
    denied="Telnyx does not accept this API key. Create one in the Mission Control Portal and copy it anew.",
    said=_said,
    reasons={
        "40001": "This number cannot receive texts; it is probably a landline.",
        "40300": "This person has asked for no more texts by answering STOP. A text from them with START lifts that.",
        "40305": "This number cannot send texts: it has no messaging profile, or is not of this account.",
        "40310": "This number cannot receive texts.",
        "40329": "Toll-free numbers must be verified before they can send texts: the portal, Messaging.",
    },
)
UNKNOWN_ACCOUNT = "This API key does not belong to this account ID. Copy both anew from the Mission Control Portal."
