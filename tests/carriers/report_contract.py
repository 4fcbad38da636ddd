"""What every carrier adapter must do with recordings and text messages, told once.

Beside `CarrierContract`; a subclass words each of our signals as its carrier's request.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CallSignal,
    Carrier,
    CarrierRequest,
    Endpoint,
    RecordingKind,
    RecordingSignal,
    Signal,
    TextEvent,
    TextSignal,
    TextState,
)
from callspring.carriers.registry import CARRIERS
from tests.carriers.contract import CALLER, HOSTILE, NOW, SECRET, TRACKING

SOUND = "https://api.example.com/recordings/1?b=2&c=%2F"
PICTURES = tuple(f"https://api.example.com/media/{place}" for place in range(12))


class ReportContract:
    """The conformance class. A subclass gives `name`, the ids, and a request for each kind of signal."""

    name: str
    call_id: str
    recording_id: str
    text_id: str
    # False where the carrier does not name the recording when the caller has spoken.
    announces_recordings = True
    # As in `CarrierContract`.
    body_is_signed = True
    # What the carrier has words for, of what becomes of our texts.
    text_states: tuple[TextState, ...] = tuple(TextState)

    def kept(self, secret: str) -> str:
        """As in `CarrierContract`."""
        return secret

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        """The carrier's signed report about a recording."""
        raise NotImplementedError

    def over(self) -> CarrierRequest:
        """The carrier's signed question when the caller has spoken."""
        raise NotImplementedError

    def text(self, signal: TextSignal) -> CarrierRequest:
        """The carrier's signed report of a text message that came in."""
        raise NotImplementedError

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        """The carrier's signed report of what became of one that we sent."""
        raise NotImplementedError

    @property
    def adapter(self) -> Carrier:
        return CARRIERS[self.name]

    def a_recording(self) -> RecordingSignal:
        return RecordingSignal(self.call_id, self.recording_id, RecordingKind.VOICEMAIL, True, SOUND, 7, NOW)

    def a_text(self, body: str = "Do you come on Sundays?") -> TextSignal:
        return TextSignal(self.text_id, CALLER, TRACKING, body)

    def a_text_event(self) -> TextEvent:
        return TextEvent(self.text_id, TextState.DELIVERED)

    def reports(self) -> list[tuple[CarrierRequest, Endpoint]]:
        return [
            (self.recording(self.a_recording()), Endpoint.RECORDING),
            (self.text(self.a_text()), Endpoint.TEXT),
            (self.text_event(self.a_text_event()), Endpoint.TEXT_EVENTS),
        ]

    def read_back(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        self.adapter.verify(request, self.kept(SECRET), NOW)
        return replace(self.adapter.read(request, endpoint), raw={})

    @pytest.mark.parametrize("place", range(3))
    def test_a_report_with_one_wrong_byte_is_refused(self, place: int) -> None:
        request, _ = self.reports()[place]
        if not self.body_is_signed:
            # What stands for a signature is a header then, and that is tried in `CarrierContract`.
            self.adapter.verify(replace(request, body=b""), self.kept(SECRET), NOW)
            return
        digits = [at for at, byte in enumerate(request.body) if chr(byte).isdigit()]
        for at in digits:
            body = bytearray(request.body)
            body[at] = ord("7") if body[at] != ord("7") else ord("3")
            with pytest.raises(BadSignature):
                self.adapter.verify(replace(request, body=bytes(body)), self.kept(SECRET), NOW)

    @pytest.mark.parametrize("place", range(3))
    def test_each_endpoint_reads_only_its_own_report(self, place: int) -> None:
        request, own = self.reports()[place]
        for endpoint in set(Endpoint) - {own}:
            with pytest.raises(BadRequest):
                self.adapter.read(request, endpoint)

    @pytest.mark.parametrize("place", range(3))
    def test_the_reports_raw_fields_are_kept(self, place: int) -> None:
        request, endpoint = self.reports()[place]
        raw = self.adapter.read(request, endpoint).raw
        assert {self.text_id, self.recording_id} & set(raw.values())

    # --- recordings

    @pytest.mark.parametrize("kind", RecordingKind)
    def test_a_recording_that_is_ready(self, kind: RecordingKind) -> None:
        signal = replace(self.a_recording(), kind=kind)
        assert self.read_back(self.recording(signal), Endpoint.RECORDING) == signal

    def test_what_is_announced_is_what_is_reported(self) -> None:
        """The same name for it both times, or one voicemail would be two."""
        signal = self.adapter.read(self.over(), Endpoint.NEXT)
        reported = self.read_back(self.recording(self.a_recording()), Endpoint.RECORDING)
        assert isinstance(signal, CallSignal)
        assert isinstance(reported, RecordingSignal)
        if not self.announces_recordings:
            assert (signal.recording, signal.carrier_call_id) == (None, reported.carrier_call_id)
            return
        assert signal.recording is not None
        assert signal.recording.recording_id == reported.recording_id
        assert (signal.recording.kind, signal.recording.available) == (reported.kind, True)
        assert signal.recording.carrier_call_id == reported.carrier_call_id

    def test_a_recording_of_nothing(self) -> None:
        signal = replace(self.a_recording(), available=False, url="", duration=None)
        assert self.read_back(self.recording(signal), Endpoint.RECORDING) == signal

    @pytest.mark.parametrize(
        "url", ["", "ftp://x/1", "javascript:alert(1)", "/recordings/1", "https://x/\r\ny", "https://x/" + "a" * 500]
    )
    def test_a_recording_that_is_nowhere_is_a_bad_request(self, url: str) -> None:
        with pytest.raises(BadRequest):
            self.read_back(self.recording(replace(self.a_recording(), url=url)), Endpoint.RECORDING)

    # --- texts

    @pytest.mark.parametrize("body", ["", "Hello", "Two\nlines\n\nand more", "emoji 👩‍🔧", *HOSTILE])
    def test_a_text_is_read_as_it_was_written(self, body: str) -> None:
        assert self.read_back(self.text(self.a_text(body)), Endpoint.TEXT) == self.a_text(body)

    def test_a_texts_controls_go_and_its_lines_stay(self) -> None:
        request = self.text(self.a_text("one\r\ntwo\rthree\x00\x08\tfour\x7f"))
        assert self.read_back(request, Endpoint.TEXT) == self.a_text("one\ntwo\nthree four")

    def test_a_text_has_at_most_1600_characters(self) -> None:
        assert self.read_back(self.text(self.a_text("é" * 1_700)), Endpoint.TEXT) == self.a_text("é" * 1_600)

    @pytest.mark.parametrize("word", ["", "72345", "BANK", "<b>"])
    def test_a_text_from_no_number_has_no_caller(self, word: str) -> None:
        signal = replace(self.a_text(), caller=word)
        assert self.read_back(self.text(signal), Endpoint.TEXT) == replace(signal, caller="")

    def test_a_text_to_no_number_is_a_bad_request(self) -> None:
        with pytest.raises(BadRequest):
            self.read_back(self.text(replace(self.a_text(), dialled="12")), Endpoint.TEXT)

    def test_what_came_with_a_text(self) -> None:
        signal = replace(self.a_text(), media=PICTURES[:10])
        assert self.read_back(self.text(signal), Endpoint.TEXT) == signal
        assert self.read_back(self.text(replace(signal, media=PICTURES)), Endpoint.TEXT) == signal

    def test_what_is_no_address_did_not_come_with_it(self) -> None:
        hostile = ("javascript:alert(1)", PICTURES[0], "data:text/html,x", "https://x/ y", "//x/y")
        signal = replace(self.a_text(), media=hostile)
        assert self.read_back(self.text(signal), Endpoint.TEXT) == replace(signal, media=PICTURES[:1])

    # --- texts of ours

    def test_what_became_of_our_text(self) -> None:
        for state in self.text_states:
            signal = replace(self.a_text_event(), state=state)
            assert self.read_back(self.text_event(signal), Endpoint.TEXT_EVENTS) == signal
