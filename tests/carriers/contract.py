"""What every carrier adapter must do, told once.

An adapter's test subclasses `CarrierContract` and says how its carrier words each moment of a call, how it
signs, and what its markup means when read back. Whole lives of calls, with every carrier, through the door into the
record and in any order, are in `tests/voice/test_lives.py`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CallSignal,
    Carrier,
    CarrierRequest,
    Connect,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Prompt,
    Reply,
    Status,
)
from callspring.carriers.registry import CARRIERS
from tests.carriers.moments import (
    ACCEPTED,
    ASK,
    ASKED,
    BUSINESS,
    CALLER,
    DIAL,
    EVENTS,
    HELLO,
    HOSTILE,
    KEYED,
    MOMENTS,
    NOW,
    PICKED_UP,
    RECORDED,
    SECRET,
    SHOWN,
    SOUND_URL,
    TERMINAL,
    TRACKING,
    VOICEMAIL,
    Moment,
    ended,
    event,
)

__all__ = [
    "ACCEPTED",
    "ASK",
    "ASKED",
    "BUSINESS",
    "CALLER",
    "DIAL",
    "EVENTS",
    "HELLO",
    "HOSTILE",
    "KEYED",
    "MOMENTS",
    "NOW",
    "PICKED_UP",
    "RECORDED",
    "SECRET",
    "SHOWN",
    "SOUND_URL",
    "TERMINAL",
    "TRACKING",
    "VOICEMAIL",
    "CarrierContract",
    "Moment",
    "ended",
    "event",
    "on_each_carrier",
    "said",
]

# Hypothesis warns of one test run by several classes, because it would try a failing example of one on the
# other first. Here that costs a moment and tells the truth about both.
on_each_carrier = settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors])
# Text as people write it: no controls, no lone surrogates, nothing unassigned.
# And nothing that turns the direction of writing: `outside.clean` takes those out.
TURNS = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
PLAIN = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"), exclude_characters=TURNS), min_size=1, max_size=200
)


class CarrierContract:
    """The conformance class. A subclass gives `name`, `request`, `signed`, `understand` and the two ids."""

    name: str
    call_id: str
    business_leg_id: str
    # Every header a signature stands on; each one alone, missing or changed, must be enough to be refused.
    signature_headers: tuple[str, ...]
    # False where the carrier's signature does not cover the address that it called.
    address_is_signed = True
    # False where the carrier signs nothing, and only brings credentials: what the body says is not covered then.
    body_is_signed = True
    # False where the carrier does not say what a caller is called.
    tells_names = True
    # False where the carrier does not name the recording when the caller has spoken; its report comes later.
    announces_recordings = True

    def kept(self, secret: str) -> str:
        """What a connection keeps of `secret`, with which `signed` signs: another half of it, where there are two."""
        return secret

    def as_sent(self, number: str) -> str:
        """How the carrier writes an E.164 number."""
        return number

    def request(self, moment: Moment) -> CarrierRequest:
        """The carrier's signed request at a moment."""
        raise NotImplementedError

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        """`body`, well formed or not, as a request to `endpoint`; the signature is right if `body` is empty."""
        raise NotImplementedError

    def understand(self, reply: Reply) -> Instruction:
        """What the carrier would do on this reply, read without the adapter's help."""
        raise NotImplementedError

    @property
    def carrier(self) -> Carrier:
        return CARRIERS[self.name]

    def refused(self, request: CarrierRequest, secret: str = SECRET) -> bool:
        try:
            self.carrier.verify(request, self.kept(secret), NOW)
        except BadSignature:
            return True
        return False

    # --- signatures

    @pytest.mark.parametrize("moment", MOMENTS, ids=str)
    def test_a_right_signature_is_accepted(self, moment: Moment) -> None:
        assert not self.refused(self.request(moment))

    @pytest.mark.parametrize("position", range(0, 60, 7))
    def test_one_wrong_character_in_the_address_is_refused(self, position: int) -> None:
        request = self.request(ASKED)
        if not self.address_is_signed:
            assert not self.refused(replace(request, url=request.url + "1"))
            return
        # Past scheme and host: their case means nothing, and the public address fixes them anyway.
        start = request.url.index("/voice/") + position % (len(request.url) - request.url.index("/voice/"))
        assert self.refused(replace(request, url=_with_another(request.url, start)))

    def test_a_longer_address_is_refused(self) -> None:
        request = self.request(ASKED)
        assert self.refused(replace(request, url=request.url + "?x=1")) == self.address_is_signed

    def test_one_wrong_byte_of_the_body_is_refused(self) -> None:
        request = self.request(ASKED)
        # A letter's case may mean nothing in a body (percent escapes); another digit is always another value.
        digits = [at for at, byte in enumerate(request.body) if chr(byte).isdigit()]
        assert len(digits) > 20
        for at in digits:
            body = bytearray(request.body)
            body[at] = ord("7") if body[at] != ord("7") else ord("3")
            assert self.refused(replace(request, body=bytes(body))) == self.body_is_signed

    def test_a_cut_or_empty_body_is_refused(self) -> None:
        request = self.request(ASKED)
        for body in (request.body[:-1], b""):
            cut = replace(request, body=body)
            assert self.refused(cut) == self.body_is_signed
            if not self.body_is_signed:
                with pytest.raises(BadRequest):
                    self.carrier.read(cut, Endpoint.CALL)

    def test_one_wrong_character_in_a_signature_header_is_refused(self) -> None:
        request = self.request(ASKED)
        for header in self.signature_headers:
            for position in range(len(request.headers[header])):
                wrong = _with_another(request.headers[header], position)
                assert self.refused(replace(request, headers={**request.headers, header: wrong}))

    @pytest.mark.parametrize("wrong", ["", " ", "é", "\ud800", "a" * 100_000])
    def test_no_signature_at_all_is_refused(self, wrong: str) -> None:
        request = self.request(ASKED)
        for header in self.signature_headers:
            without = {name: value for name, value in request.headers.items() if name != header}
            assert self.refused(replace(request, headers=without))
            assert self.refused(replace(request, headers={**without, header: wrong}))

    def test_another_secret_is_refused(self) -> None:
        assert self.refused(self.request(ASKED), SECRET[:-1])
        assert self.refused(self.request(ASKED), SECRET + "x")

    def test_a_connection_without_a_secret_accepts_nothing(self) -> None:
        forged = self.signed(b"", Endpoint.CALL, secret="")
        assert self.refused(forged, "")
        assert not self.refused(self.signed(b"", Endpoint.CALL, secret="x"), "x")

    @on_each_carrier
    @given(body=st.binary(max_size=200), url=st.text(max_size=80), signature=st.text(max_size=60))
    def test_garbage_is_refused_quietly(self, body: bytes, url: str, signature: str) -> None:
        headers = {**self.request(ASKED).headers, self.signature_headers[-1]: signature}
        assert self.refused(CarrierRequest("POST", url, headers, body))
        assert self.refused(CarrierRequest("POST", url, {**headers, "content-type": "application/json"}, body))

    # --- reading

    @pytest.mark.parametrize("moment", MOMENTS, ids=str)
    def test_each_moment_is_read_in_our_words(self, moment: Moment) -> None:
        signal = self.carrier.read(self.request(moment), moment.endpoint)
        assert isinstance(signal, CallSignal)
        assert (signal.recording is not None) == (moment.status is Status.RECORDED and self.announces_recordings)
        assert replace(signal, raw={}, cause="", recording=None, attestation="") == self.expected(moment)

    def expected(self, moment: Moment) -> CallSignal:
        return CallSignal(
            carrier_call_id=self.call_id,
            leg=moment.leg,
            leg_id=self.call_id if moment.leg is Leg.CALLER else self.business_leg_id,
            status=moment.status,
            caller=moment.caller,
            dialled=moment.dialled,
            sequence=moment.sequence,
            duration=moment.duration,
            at=moment.at,
            wants_instruction=moment.endpoint in (Endpoint.NEXT, Endpoint.WHISPER),
            caller_name=moment.caller_name if self.tells_names else "",
            key=moment.key,
        )

    def test_a_withheld_number_is_no_number(self) -> None:
        moment = replace(ASKED, caller="")
        signal = self.carrier.read(self.request(moment), moment.endpoint)
        assert isinstance(signal, CallSignal)
        assert signal.caller == ""

    @pytest.mark.parametrize("moment", [ASKED, RECORDED], ids=str)
    def test_the_callers_name_is_read(self, moment: Moment) -> None:
        named = replace(moment, caller_name='Zoë <b>"O\'Hara"')
        signal = self.carrier.read(self.request(named), named.endpoint)
        assert isinstance(signal, CallSignal)
        assert replace(signal, raw={}, recording=None, attestation="") == self.expected(named)

    def test_the_callers_name_is_bounded_and_clean(self) -> None:
        named = replace(ASKED, caller_name=" a\x00b\r\nc\u009f" + "d" * 200)
        signal = self.carrier.read(self.request(named), named.endpoint)
        assert isinstance(signal, CallSignal)
        assert signal.caller_name.startswith("ab cd" if self.tells_names else "")
        assert len(signal.caller_name) <= (80 if self.tells_names else 0)

    def test_the_raw_fields_are_kept(self) -> None:
        raw = self.carrier.read(self.request(ASKED), Endpoint.CALL).raw
        assert {self.call_id, self.as_sent(CALLER), self.as_sent(TRACKING)} <= set(raw.values())

    def test_reading_twice_reads_the_same(self) -> None:
        request = self.request(EVENTS[-1])
        first = self.carrier.read(request, Endpoint.EVENTS)
        assert self.carrier.read(request, Endpoint.EVENTS) == first

    @on_each_carrier
    @given(body=st.binary(max_size=300), endpoint=st.sampled_from(Endpoint))
    def test_garbage_that_is_rightly_signed_is_a_bad_request(self, body: bytes, endpoint: Endpoint) -> None:
        with pytest.raises(BadRequest):
            self.carrier.read(self.signed(body, endpoint), endpoint)

    # --- answering

    @pytest.mark.parametrize(
        "instruction",
        [
            DIAL,
            replace(DIAL, ring_seconds=60),
            replace(DIAL, destinations=(BUSINESS, SHOWN, "+12125550199")),
            replace(DIAL, prompts=(HELLO, Prompt("This call is recorded.", "en-GB"))),
            replace(DIAL, prompts=(Prompt("Hello", sound_url=SOUND_URL),)),
            replace(DIAL, whisper_url="https://calls.example.com/voice/x/7/whisper?at=a&to=%2B1"),
            replace(DIAL, recording_url="https://calls.example.com/voice/x/7/recording"),
            ASK,
            replace(ASK, prompts=(HELLO, Prompt("Appuyez", "fr-FR"), Prompt("x", sound_url=SOUND_URL)), seconds=15),
            HangUp((Prompt("Please leave a message."),)),
            HangUp((Prompt("Bonjour", "fr-FR"), HELLO)),
            VOICEMAIL,
            replace(VOICEMAIL, prompts=(Prompt("Parlez", "fr-FR"),), max_seconds=3_600),
            HangUp(),
            Connect(),
            Connect((Prompt("A call from your website."),)),
        ],
        ids=str,
    )
    def test_the_carrier_understands_what_was_meant(self, instruction: Instruction) -> None:
        reply = self.carrier.render(instruction)
        assert self.understand(reply) == self.heard_as(instruction)
        assert reply.content_type.split(";")[0] in {"text/xml", "application/json"}

    def heard_as(self, instruction: Instruction) -> Instruction:
        """What reading it back must give: a sound's text is for people and is not sent to the carrier."""
        prompts = tuple(Prompt("", sound_url=one.sound_url) if one.sound_url else one for one in instruction.prompts)
        return replace(instruction, prompts=prompts)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_spoken_not_obeyed(self, text: str) -> None:
        for instruction in (HangUp(), VOICEMAIL, ASK, DIAL, Connect()):
            spoken = replace(instruction, prompts=(Prompt(text),))
            assert self.understand(self.carrier.render(spoken)) == self.heard_as(spoken)

    @on_each_carrier
    @given(text=PLAIN)
    def test_any_text_arrives_as_it_was_written(self, text: str) -> None:
        assert self.understand(self.carrier.render(said(text))) == said(text)

    @on_each_carrier
    @given(text=st.text(st.characters(), max_size=50))
    def test_whatever_the_text_the_answer_is_well_formed(self, text: str) -> None:
        assert isinstance(self.understand(self.carrier.render(said(f"a{text}"))), HangUp)

    def test_control_characters_do_not_break_the_answer(self) -> None:
        spoken = self.understand(self.carrier.render(said("one\x00\x08\ud800 two\r\nthree\uffff")))
        assert spoken == said("one two three")

    def test_a_hostile_destination_stays_a_destination(self) -> None:
        hostile = replace(DIAL, destinations=('+1"><Hangup/>',), caller_id='"<&')
        assert self.understand(self.carrier.render(hostile)) == self.heard_as(hostile)

    def test_an_acknowledgement_asks_the_carrier_for_nothing(self) -> None:
        reply = self.carrier.acknowledge()
        assert len(reply.body) < 100
        assert reply == self.carrier.acknowledge()


def said(text: str) -> HangUp:
    """Say it, then hang up."""
    return HangUp((Prompt(text),))


def _with_another(text: str, position: int) -> str:
    other = "A" if text[position] not in "aA" else "B"
    return text[:position] + other + text[position + 1 :]
