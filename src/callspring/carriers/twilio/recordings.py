"""Twilio's recording webhooks in our words.

Source of the parameters: twilio.com/docs/voice/twiml/record (recording status callback),
twilio.com/docs/voice/twiml/recording; of the sources and statuses also Twilio's OpenAPI (`recording_enum_source`,
`recording_enum_status`). `failed` is Twilio's word where a recording could not be encrypted.
"""

from __future__ import annotations

from callspring.carriers.contract import BadRequest, RecordingKind, RecordingSignal
from callspring.carriers.outside import identifier, web_address, whole
from callspring.carriers.twilio.fields import kept, required_id, unix_seconds
from callspring.carriers.twilio.signature import Form

AVAILABLE = {"completed": True, "absent": False, "failed": False}
KINDS = {"RecordVerb": RecordingKind.VOICEMAIL, "DialVerb": RecordingKind.CALL}


def announced(form: Form) -> RecordingSignal | None:
    """The recording that the action of a Record names, if it does: its SID is the last part of its address."""
    url = web_address(form.get("RecordingUrl", ""))
    name = identifier(form.get("RecordingSid", "") or url.rpartition("/")[2])
    if not url or not name:
        return None
    return RecordingSignal(
        carrier_call_id=required_id(form, "CallSid"),
        recording_id=name,
        kind=RecordingKind.VOICEMAIL,
        available=True,
        url=url,
        duration=whole(form.get("RecordingDuration", "")),
    )


def recording(form: Form) -> RecordingSignal:
    """What became of a recording. Raises `BadRequest`."""
    available = AVAILABLE.get(form.get("RecordingStatus", ""))
    if available is None:
        raise BadRequest("RecordingStatus is missing or unknown")
    url = web_address(form.get("RecordingUrl", ""))
    if available and not url:
        raise BadRequest("RecordingUrl is missing or no address")
    return RecordingSignal(
        carrier_call_id=required_id(form, "CallSid"),
        recording_id=required_id(form, "RecordingSid"),
        # Whatever else records (the API, a conference) records the call.
        kind=KINDS.get(form.get("RecordingSource", ""), RecordingKind.CALL),
        available=available,
        url=url,
        duration=whole(form.get("RecordingDuration", "")),
        at=unix_seconds(form.get("RecordingStartTime", "")),
        raw=kept(form),
    )
