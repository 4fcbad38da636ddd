"""Text messages in the Messages API's webhooks (version 1): one that came in, and what became of one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callspring.carriers.contract import BadRequest, TextEvent, TextSignal, TextState
from callspring.carriers.outside import clean, clean_lines, web_address
from callspring.carriers.vonage.fields import Fields, number, raw, required_id, required_number

STATES = {
    "submitted": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "rejected": TextState.FAILED,
    "undeliverable": TextState.FAILED,
}
_LONGEST_BODY, _MOST_MEDIA, _LONGEST_ERROR = 1_600, 10, 200
_MEDIA = ("image", "audio", "video", "file", "vcard")


def came_in(fields: Fields) -> TextSignal:
    """A message that came in. Raises `BadRequest`."""
    if "status" in fields:
        raise BadRequest("status tells of a message of ours, not of one that came in")
    text = fields.get("text")
    return TextSignal(
        carrier_text_id=required_id(fields, "message_uuid"),
        # A short code or a name is nobody whom we could write back to.
        caller=number(fields.get("from")),
        dialled=required_number(fields, "to"),
        body=clean_lines(text if isinstance(text, str) else "", _LONGEST_BODY),
        media=tuple(_media(fields))[:_MOST_MEDIA],
        raw=raw(fields),
    )


def became(fields: Fields) -> TextEvent:
    """What became of a message that we sent. Raises `BadRequest`."""
    word = fields.get("status")
    state = STATES.get(word) if isinstance(word, str) else None
    if state is None:
        raise BadRequest("status is missing or unknown")
    return TextEvent(required_id(fields, "message_uuid"), state, _error(fields.get("error")), raw(fields))


def _media(fields: Fields) -> Iterator[str]:
    """The addresses of what came with a text: one under its kind, several in `content`."""
    several = fields.get("content")
    parts = [fields.get(kind) for kind in _MEDIA] + (several if isinstance(several, list) else [])
    for part in parts:
        address = part.get("url") if isinstance(part, dict) else None
        if isinstance(address, str) and web_address(address):
            yield address


def _error(error: Any) -> str:
    """Vonage's code (`title`) and what it says of it."""
    if not isinstance(error, dict):
        return ""
    said = " ".join(part for part in (error.get("title"), error.get("detail")) if isinstance(part, str))
    return clean(f"vonage {said}", _LONGEST_ERROR).strip() if said else ""
