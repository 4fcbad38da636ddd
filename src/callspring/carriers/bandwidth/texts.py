"""Text messages in our words. Each webhook is a list of one event, which has the message in it.

Sources: dev.bandwidth.com/docs/messaging/webhooks; `InboundCallback` and `StatusCallback` of bandwidth-sdk 23.3.
"""

from __future__ import annotations

from typing import Any

from callspring.carriers.bandwidth.fields import Fields, fields_of, number, parsed, raw, required_id, said
from callspring.carriers.bandwidth.words import TEXT_STATES
from callspring.carriers.contract import BadRequest, CarrierRequest, TextEvent, TextSignal
from callspring.carriers.outside import clean_lines, web_address

_LONGEST_BODY, _MOST_MEDIA = 1_600, 10


def came_in(request: CarrierRequest) -> TextSignal:
    """A text message that came in. Raises `BadRequest`."""
    event, message = _told(request)
    if said(event, "type") != "message-received":
        raise BadRequest("type is missing, or tells of a message of ours")
    dialled = number(message, "owner") or number(event, "to")
    if not dialled:
        raise BadRequest("owner is no number")
    return TextSignal(
        carrier_text_id=required_id(message, "id"),
        # A short code or a name is nobody whom we could write back to.
        caller=number(message, "from"),
        dialled=dialled,
        body=clean_lines(said(message, "text"), _LONGEST_BODY),
        media=_media(message.get("media")),
        raw=raw({**event, **message}),
    )


def became(request: CarrierRequest) -> TextEvent:
    """What became of a text message of ours. Raises `BadRequest`."""
    event, message = _told(request)
    state = TEXT_STATES.get(said(event, "type"))
    if state is None:
        raise BadRequest("type is missing or unknown")
    code = event.get("errorCode")
    error = f"bandwidth {code}" if type(code) is int and 0 < code < 1_000_000 else ""
    return TextEvent(required_id(message, "id"), state, error, raw({**event, **message}))


def _told(request: CarrierRequest) -> tuple[Fields, Fields]:
    """The one event of a webhook, and the message that it is about."""
    found = parsed(request)
    if not isinstance(found, list) or len(found) != 1:
        raise BadRequest("this is no list of one event")
    event = dict(fields_of(found[0]))
    return event, fields_of(event.pop("message", None))


def _media(found: Any) -> tuple[str, ...]:
    given = found if isinstance(found, list) else []
    addresses = (web_address(one) for one in given[:100] if isinstance(one, str))
    return tuple(one for one in addresses if one)[:_MOST_MEDIA]
