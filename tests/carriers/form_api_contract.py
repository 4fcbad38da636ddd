"""What Twilio's API and every one in its shapes must do, told once. A carrier's test subclasses `FormApiContract`."""

from __future__ import annotations

from typing import Any

import pytest

from callspring.carriers.api import Refused, Unreachable, Webhooks
from tests.carriers.api_contract import CALLER, OURS, CarrierApiContract
from tests.carriers.loopback import Answer
from tests.carriers.twilio_account import TwilioAccount


class FormApiContract(CarrierApiContract):
    """A subclass gives `account`, the stand-in, and `beginning`: what finds German numbers of the area 30."""

    account: TwilioAccount
    beginning: str

    def keep_recording(self, sound: bytes) -> str:
        return self.account.record(sound)

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        return [(text["From"], text["To"], text["Body"], text["StatusCallback"]) for text in self.account.texts]

    def test_every_page_is_read(self) -> None:
        self.account.page_limit = 2
        owned = [self.account.own(f"+1312202{index:04d}")["phone_number"] for index in range(5)]
        assert [number.e164 for number in self.api.numbers(self.credentials)] == owned
        assert [asked.query.get("Page", "0") for asked in self.account.requests] == ["0", "1", "2"]
        assert {asked.status for asked in self.account.requests} == {200}

    def test_what_handles_the_calls_instead_is_said_and_comes_back(self) -> None:
        app, trunk, texts = (self.account.new_id(kind) for kind in ("AP", "TK", "AP"))
        self.account.own("+13122020001", voice_application_sid=app, voice_url="https://old.example/voice")
        self.account.own("+13122020002", trunk_sid=trunk, sms_application_sid=texts, sms_method="GET")
        self.account.own("+13122020003", voice_url="https://old.example/v", sms_fallback_url="https://old.example/s")
        first = self._configurations()
        owned = self.api.numbers(self.credentials)
        assert [one.webhooks.instead for one in owned] == [f"application {app}", f"trunk {trunk}", ""]
        assert [one.webhooks.text_instead for one in owned] == ["", texts, ""]
        assert [one.webhooks.text_fallback for one in owned] == ["", "", "https://old.example/s"]
        for one in owned:
            addresses = Webhooks(f"{OURS}/call", text=f"{OURS}/text")
            self.api.configure(self.credentials, one.carrier_number_id, addresses)
        for number in self.account.numbers.values():
            shown = [number[name] for name in ("voice_url", "voice_method", "sms_url")]
            assert shown == [f"{OURS}/call", "POST", f"{OURS}/text"]
            taken_over = ("trunk_sid", "voice_application_sid", "sms_application_sid", "sms_fallback_url")
            assert not any(number[name] for name in taken_over)
        for one in owned:
            self.api.restore(self.credentials, one.carrier_number_id, one.before)
        assert self._configurations() == first

    def test_outside_of_america_an_area_code_is_a_beginning(self) -> None:
        assert self.api.search(self.credentials, country="DE", kind="local", area_code="30", count=5) == []
        asked = self.account.requests[-1]
        assert asked.path.rpartition("/AvailablePhoneNumbers/")[2] == "DE/Local.json"
        assert asked.query["Contains"] == self.beginning

    def test_somebody_who_wants_no_texts_is_said_so(self) -> None:
        self.account.own("+13125550100")
        self.account.opted_out.add(CALLER)
        with pytest.raises(Refused, match="STOP"):
            self.api.send_text(self.credentials, sender="+13125550100", to=CALLER, body="Hello", events="")
        assert self.account.texts == []

    def test_a_carrier_in_trouble_is_unreachable_and_says_nothing_secret(self) -> None:
        elsewhere = {"Location": "https://evil.example/"}
        self.account.misbehave(Answer(500), Answer(200, b"[]"), Answer(302, b"", elsewhere))
        for _ in range(3):
            with pytest.raises(Unreachable) as problem:
                self.api.check(self.credentials)
            assert self.account.token not in str(problem.value)
        assert len(self.account.requests) == 3

    def _configurations(self) -> list[dict[str, Any]]:
        """What each number does, with nothing always written the same."""
        return [{name: value or "" for name, value in number.items()} for number in self.account.numbers.values()]
