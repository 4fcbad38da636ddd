"""Twilio's messaging webhooks in our words.

Source of the parameters: twilio.com/docs/messaging/guides/webhook-request (incoming),
twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks; of the statuses also Twilio's OpenAPI
(`message_enum_status`).
"""

from __future__ import annotations

from callspring.carriers.contract import BadRequest, TextEvent, TextSignal, TextState
from callspring.carriers.outside import clean_lines, web_address, whole
from callspring.carriers.twilio.fields import error_code, kept, number, required_id, required_number
from callspring.carriers.twilio.signature import Form

TEXT_STATES = {
    "accepted": TextState.QUEUED,
    "scheduled": TextState.QUEUED,
    "queued": TextState.QUEUED,
    "sending": TextState.QUEUED,
    "sent": TextState.SENT,
    # Of a message to several, or in several parts: on its way, and not known to have arrived whole.
    "partially_delivered": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.FAILED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}
_LONGEST_BODY, _MOST_MEDIA = 1_600, 10


def text(form: Form) -> TextSignal:
    """A message that came in. Raises `BadRequest`."""
    if "MessageStatus" in form:
        raise BadRequest("MessageStatus tells of a message of ours, not of one that came in")
    return TextSignal(
        carrier_text_id=required_id(form, "MessageSid"),
        # A short code or a name is nobody whom we could write back to.
        caller=number(form.get("From", "")),
        dialled=required_number(form, "To"),
        body=clean_lines(form.get("Body", ""), _LONGEST_BODY),
        media=_media(form),
        raw=kept(form),
    )


def text_event(form: Form) -> TextEvent:
    """What became of a message that we sent. Raises `BadRequest`."""
    state = TEXT_STATES.get(form.get("MessageStatus", ""))
    if state is None:
        raise BadRequest("MessageStatus is missing or unknown")
    return TextEvent(
        carrier_text_id=required_id(form, "MessageSid"), state=state, error=error_code(form), raw=kept(form)
    )


def _media(form: Form) -> tuple[str, ...]:
    count = min(whole(form.get("NumMedia", "")) or 0, _MOST_MEDIA)
    found = (web_address(form.get(f"MediaUrl{place}", "")) for place in range(count))
    return tuple(address for address in found if address)
