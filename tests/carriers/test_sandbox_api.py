"""The sandbox carrier's numbers, texts and recordings."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from callspring.carriers.api import Credentials, Denied, Refused, Unreachable, Webhooks
from callspring.carriers.sandbox.api import SandboxApi
from callspring.carriers.sandbox.inventory import Inventory
from callspring.carriers.sandbox.recordings import Recordings
from callspring.carriers.sandbox.texts import KEPT, Texts
from tests.carriers.api_contract import CALLER, CarrierApiContract

VOICE_URL = "http://127.0.0.1:8001/voice/sandbox/1"


class TestSandboxApi(CarrierApiContract):
    taken = "+13125550142"
    credentials = Credentials("acme", "s3cret of acme")

    @pytest.fixture(autouse=True)
    def _account(self, tmp_path: Path) -> None:
        self.path = tmp_path / "exchange.json"
        self.books = Inventory(self.path)
        self.books.open_account("acme", secret=self.credentials.secret, voice_url=VOICE_URL)
        self.books.open_account("other", secret="0ther", voice_url="http://127.0.0.1:8001/voice/sandbox/2")
        self.books.buy("other", self.taken, "")
        self.api = SandboxApi(self.path)

    def keep_recording(self, sound: bytes) -> str:
        return self.keep_of("acme", sound)

    def keep_of(self, account: str, sound: bytes) -> str:
        recording = f"sr_{secrets.token_hex(8)}"
        Recordings(self.path).keep(account, recording, sound)
        return recording

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        return [(text.sender, text.to, text.body, text.events) for text in Texts(self.path).all()]

    def test_a_number_with_the_accounts_addresses_moves_along_with_them(self) -> None:
        fallback = self.api.fallback(CALLER, CALLER)
        usual = Webhooks(f"{VOICE_URL}/call", fallback, f"{VOICE_URL}/events", f"{VOICE_URL}/text")
        self.api.buy(self.credentials, "+13125550100", usual)
        self.api.buy(self.credentials, "+13125550101", Webhooks("http://a.example/call", events="http://a.example/e"))
        self.books.open_account("acme", secret=self.credentials.secret, voice_url="http://127.0.0.1:9001/v")
        asked = [self.books.lookup(e164) for e164 in ("+13125550100", "+13125550101")]
        assert [sold.account.voice_url for sold in asked if sold] == ["http://127.0.0.1:9001/v", "http://a.example"]

    def test_another_accounts_recordings_and_numbers_are_none_of_ours(self) -> None:
        theirs = self.keep_of("other", b"secret")
        with pytest.raises(Refused):
            self.sound(theirs)
        self.api.delete_recording(self.credentials, theirs)
        self.api.release(self.credentials, self.taken)
        assert self.sound_of("other", theirs) == b"secret"
        assert self.books.lookup(self.taken) is not None

    def sound_of(self, account: str, recording: str) -> bytes:
        with Recordings(self.path).open(account, recording) as file:
            return file.read()

    def test_only_the_newest_texts_are_kept_of_each_account(self) -> None:
        texts = Texts(self.path)
        texts.send("other", sender=self.taken, to=CALLER, body="first", events="")
        for count in range(KEPT + 3):
            texts.send("acme", sender="+13125550100", to="+13125550199", body=str(count), events="")
        assert [text.body for text in texts.to(CALLER)] == ["first"]
        assert [text.body for text in texts.to("+13125550199")] == [str(count) for count in range(3, KEPT + 3)]

    def test_spoilt_files_are_a_carrier_that_cannot_be_reached(self) -> None:
        number = self.buy_one().e164
        self.path.with_name("texts.json").write_text("[{]")
        with pytest.raises(Unreachable):
            self.api.send_text(self.credentials, sender=number, to=CALLER, body="x", events="")
        self.path.write_text("garbage")
        with pytest.raises(Unreachable):
            self.api.numbers(self.credentials)

    def test_an_account_that_was_never_opened(self) -> None:
        with pytest.raises(Denied):
            self.api.check(Credentials("nobody", ""))
