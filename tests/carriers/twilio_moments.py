"""Moments of a call, and reports, worded as forms with Twilio's names; which carrier's, the `Shapes` say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from callspring.carriers.contract import (
    CarrierRequest,
    Endpoint,
    Leg,
    RecordingKind,
    RecordingSignal,
    Status,
    TextEvent,
    TextSignal,
    TextState,
)
from tests.carriers.contract import RECORDED, Moment
from tests.carriers.report_contract import ReportContract
from tests.carriers.twilio_requests import WORDS

TEXT_WORDS = {
    TextState.QUEUED: "queued",
    TextState.SENT: "sent",
    TextState.DELIVERED: "delivered",
    TextState.FAILED: "undelivered",
}
Fields = dict[str, str]


@dataclass(frozen=True)
class Shapes:
    """What makes each kind of a carrier's webhooks; all take fields to change."""

    question: Callable[..., Fields]
    dial_result: Callable[..., Fields]
    recorded: Callable[..., Fields]
    leg_event: Callable[..., Fields]
    recording_report: Callable[..., Fields]
    text_in: Callable[..., Fields]
    text_report: Callable[..., Fields]


class FormMoments(ReportContract):
    """Beside `CarrierContract`; a subclass gives `shapes` and `posted`."""

    shapes: Shapes

    def posted(self, fields: Fields, endpoint: Endpoint) -> CarrierRequest:
        """A webhook with these fields, signed."""
        raise NotImplementedError

    def request(self, moment: Moment) -> CarrierRequest:
        return self.posted(self.fields(moment), moment.endpoint)

    def fields(self, moment: Moment) -> Fields:
        ends = dict.fromkeys(("From", "Caller"), moment.caller or "anonymous")
        ends |= dict.fromkeys(("To", "Called"), moment.dialled)
        if moment.caller_name:
            ends["CallerName"] = moment.caller_name
        if moment.status is Status.RECORDED:
            return self.shapes.recorded(**ends)
        if moment.status is Status.KEYED:
            return self._keyed(moment, ends)
        if moment.endpoint is Endpoint.WHISPER:
            return self.shapes.leg_event("in-progress", **ends)
        word = WORDS[moment.status]
        if moment.endpoint is Endpoint.CALL:
            return self.shapes.question(**ends)
        if moment.endpoint is Endpoint.NEXT:
            lasted = {} if moment.duration is None else {"DialCallDuration": str(moment.duration)}
            return self.shapes.dial_result(word, **ends, **lasted)
        return self._event(moment, word, ends)

    def _event(self, moment: Moment, word: str, ends: Fields) -> Fields:
        lasted = {} if moment.duration is None else {"CallDuration": str(moment.duration), "Duration": "1"}
        when = {"Timestamp": formatdate(moment.at), "SequenceNumber": str(moment.sequence)}
        fields = self.shapes.leg_event(word, **ends, **lasted, **when)
        if moment.leg is Leg.CALLER:
            del fields["ParentCallSid"]
            fields |= {"CallSid": self.call_id, "Direction": "inbound"}
        return fields

    def _keyed(self, moment: Moment, ends: Fields) -> Fields:
        """What the action of a Gather hears."""
        named = {"Digits": moment.key, "FinishedOnKey": "", "msg": "Gather End", **ends}
        if moment.leg is Leg.CALLER:
            return self.shapes.question(**{"CallStatus": "in-progress", **named})
        return self.shapes.leg_event("in-progress", **named)

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        source = {RecordingKind.VOICEMAIL: "RecordVerb", RecordingKind.CALL: "DialVerb"}[signal.kind]
        lasted = "" if signal.duration is None else str(signal.duration)
        changes = {"RecordingUrl": signal.url, "RecordingDuration": lasted, "RecordingStartTime": formatdate(signal.at)}
        word = "completed" if signal.available else "absent"
        return self.posted(self.shapes.recording_report(word, RecordingSource=source, **changes), Endpoint.RECORDING)

    def over(self) -> CarrierRequest:
        return self.request(RECORDED)

    def text(self, signal: TextSignal) -> CarrierRequest:
        media = {f"MediaUrl{place}": url for place, url in enumerate(signal.media)}
        ends = {"From": signal.caller, "To": signal.dialled, "NumMedia": str(len(signal.media))}
        return self.posted(self.shapes.text_in(signal.body, **ends, **media), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        return self.posted(self.shapes.text_report(TEXT_WORDS[signal.state]), Endpoint.TEXT_EVENTS)
