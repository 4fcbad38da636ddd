"""What Plivo's markup says in its own way: who waits for a key, languages, addresses, bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callspring.carriers.contract import (
    Ask,
    Connect,
    Dial,
    HangUp,
    Leg,
    Prompt,
)
from callspring.carriers.plivo.adapter import Plivo
from tests.carriers.contract import (
    DIAL,
    HELLO,
)
from tests.carriers.plivo_requests import (
    URL,
    understand,
)


class TestAnswers:
    def test_plivo_waits_for_the_key_itself(self) -> None:
        asking = replace(
            DIAL, whisper_url=f"{URL}whisper?at=a&to=%2B1", accept_key="1", events_url=f"{URL}events?screened=1"
        )
        reply = Plivo().render(asking)
        assert understand(reply) == asking
        assert b'confirmTimeout="30"' in reply.body
        whispered = Plivo().render(Ask((HELLO,), 8, f"{URL}whisper", Leg.BUSINESS))
        assert understand(whispered) == Connect((HELLO,))

    def test_a_key_without_anything_to_hear_is_none(self) -> None:
        """Plivo waits for a key only after a sound."""
        dial = understand(Plivo().render(replace(DIAL, accept_key="1")))
        assert isinstance(dial, Dial)
        assert dial.accept_key == ""

    def test_a_sip_address_is_a_user(self) -> None:
        reply = Plivo().render(replace(DIAL, destinations=("sip:desk@pbx.example.com", "+12125550123")))
        assert b"<User>sip:desk@pbx.example.com</User><Number>+12125550123</Number>" in reply.body

    def test_a_document_for_when_we_are_silent_names_no_address_of_ours(self) -> None:
        reply = Plivo().render(Dial(("+12125550123",), 60, caller_id="", result_url="", events_url=""))
        assert not {b"action", b"callbackUrl", b"callerId"} & set(reply.body.replace(b"=", b" ").split())

    @pytest.mark.parametrize(
        ("wanted", "language"),
        [
            ("en-NZ", "en-US"),
            ("de", "de-DE"),
            ("de-AT", "de-DE"),
            ("pt-PT", "pt-PT"),
            ("es-MX", "es-US"),
            ("he-IL", None),
            ('"/>', None),
        ],
    )
    def test_a_language_that_plivo_does_not_speak_becomes_a_near_one(self, wanted: str, language: str | None) -> None:
        body = Plivo().render(HangUp((Prompt("x", wanted),))).body.decode()
        assert ('language="' in body) == (language is not None)
        assert language is None or f'language="{language}"' in body
        assert ('voice="MAN"' in body) == (language == "pt-PT")

    def test_what_differs_from_call_to_call_is_filled_in_and_escaped(self) -> None:
        for caller in ("+13125550177", "+13125550178", ""):
            dial = replace(DIAL, caller_id=caller, result_url=f"{URL}next?at=<{caller}>&b=\"'")
            assert understand(Plivo().render(dial)) == dial

    def test_bounds_hold(self) -> None:
        many = replace(DIAL, destinations=("+12125550123",) * 12, ring_seconds=1)
        dial = understand(Plivo().render(many))
        assert isinstance(dial, Dial)
        assert (len(dial.destinations), dial.ring_seconds) == (10, 5)
