"""Text messages: JSON events in the envelope of API v2, `data.event_type` and `data.payload`.

Sources: developers.telnyx.com/docs/messaging/messages/receiving-webhooks, and the webhook models of telnyx 4.189
(`InboundMessageWebhookEvent`, `DeliveryUpdateWebhookEvent`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from callspring.carriers.contract import BadRequest, CarrierRequest, TextEvent, TextSignal, TextState
from callspring.carriers.forms import number
from callspring.carriers.outside import clean, clean_lines, identifier, web_address
from callspring.carriers.telnyx.signature import BODY_LIMIT

STATES = {
    "queued": TextState.QUEUED,
    "sending": TextState.QUEUED,
    "sent": TextState.SENT,
    # The last that is heard where networks report nothing back: on its way, and not known to have arrived.
    "delivery_unconfirmed": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "expired": TextState.FAILED,
    "sending_failed": TextState.FAILED,
    "delivery_failed": TextState.FAILED,
}
_OURS = frozenset({"message.sent", "message.finalized"})
_LONGEST_BODY, _MOST_MEDIA, _MOST_RECEIVERS = 1_600, 10, 50


class _Party(msgspec.Struct):
    phone_number: str | None = None
    status: str | None = None


class _Media(msgspec.Struct):
    url: str | None = None


class _Error(msgspec.Struct):
    code: str | int | None = None
    title: str | None = None


class _Payload(msgspec.Struct):
    id: str
    to: list[_Party]
    from_: _Party = msgspec.field(name="from", default_factory=_Party)
    text: str | None = None
    media: list[_Media] | None = None
    errors: list[_Error] | None = None


class _Data(msgspec.Struct):
    event_type: str
    payload: _Payload


class _Event(msgspec.Struct):
    data: _Data


_decoder = msgspec.json.Decoder(_Event)


def came_in(request: CarrierRequest) -> TextSignal:
    """A message that came in. Raises `BadRequest`."""
    data = _data(request)
    if data.event_type != "message.received":
        raise BadRequest("this tells of something else than a message that came in")
    payload = data.payload
    dialled = number(payload.to[0].phone_number or "") if payload.to else ""
    if not dialled:
        raise BadRequest("the message is to no E.164 number")
    return TextSignal(
        carrier_text_id=_id(payload),
        # A short code or a name is nobody whom we could write back to.
        caller=number(payload.from_.phone_number or ""),
        dialled=dialled,
        body=clean_lines(payload.text or "", _LONGEST_BODY),
        media=_media(payload),
        raw=_raw(data),
    )


def became(request: CarrierRequest) -> TextEvent:
    """What became of a message that we sent. Raises `BadRequest`."""
    data = _data(request)
    status = data.payload.to[0].status if data.payload.to else None
    state = STATES.get(status or "")
    if data.event_type not in _OURS or state is None:
        raise BadRequest("event_type or status is missing or unknown")
    return TextEvent(_id(data.payload), state, _error(data.payload), _raw(data))


def _data(request: CarrierRequest) -> _Data:
    if len(request.body) > BODY_LIMIT:
        raise BadRequest("the body is too long")
    try:
        return _decoder.decode(request.body).data
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(clean(str(error), 200)) from None


def _id(payload: _Payload) -> str:
    found = identifier(payload.id)
    if not found:
        raise BadRequest("id is missing or no id")
    return found


def _media(payload: _Payload) -> tuple[str, ...]:
    found = (web_address(one.url or "") for one in (payload.media or [])[:_MOST_MEDIA])
    return tuple(address for address in found if address)


def _error(payload: _Payload) -> str:
    """`telnyx 40001 Not routable`, "" when there is none."""
    first = payload.errors[0] if payload.errors else None
    if first is None or first.code is None:
        return ""
    return clean(f"telnyx {first.code} {first.title or ''}", 200).strip()


def _raw(data: _Data) -> dict[str, str]:
    payload = data.payload
    fields: dict[str, Any] = {
        "event_type": data.event_type,
        "id": payload.id,
        "from": payload.from_.phone_number,
        "to": " ".join(one.phone_number or "" for one in payload.to[:_MOST_RECEIVERS]),
        "status": payload.to[0].status if payload.to else None,
        "text": payload.text,
    }
    return {name: clean(str(value), 512) for name, value in fields.items() if value is not None}
