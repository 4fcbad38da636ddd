"""What every carrier's API must do, told once. A carrier's test subclasses `CarrierApiContract`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callspring.carriers.api import CarrierApi, Credentials, Denied, Owned, Refused, Webhooks

OURS = "https://calls.example.com/voice/x/7"
BUSINESS, CALLER = "+18005550199", "+13125550177"


class CarrierApiContract:
    """A subclass gives `api`, `credentials` of an account without numbers, and what stands below."""

    api: CarrierApi
    credentials: Credentials
    taken: str  # a number that somebody else has
    one_that_never_was = "+13122345678"

    def keep_recording(self, sound: bytes) -> str:
        """Put a recording on the account; its id."""
        raise NotImplementedError

    def sent_texts(self) -> list[tuple[str, str, str, str]]:
        """Sender, receiver, body and events address of every text that went out."""
        raise NotImplementedError

    def webhooks(self, e164: str, destination: str = BUSINESS) -> Webhooks:
        fallback = self.api.fallback(e164, destination)
        return Webhooks(f"{OURS}/call", fallback, f"{OURS}/events", f"{OURS}/text")

    def buy_one(self) -> Owned:
        (offered,) = self.api.search(self.credentials, country="US", kind="local", area_code="312", count=1)
        return self.api.buy(self.credentials, offered.e164, self.webhooks(offered.e164))

    def only_number(self) -> Owned:
        (number,) = self.api.numbers(self.credentials)
        return number

    # --- the account

    def test_the_account_has_a_name(self) -> None:
        assert self.api.check(self.credentials)

    @pytest.mark.parametrize("secret", ["", "wrong", "é\ud800"])
    def test_a_wrong_secret_is_denied_everywhere(self, secret: str) -> None:
        wrong, recording = replace(self.credentials, secret=secret), self.keep_recording(b"sound")
        for ask in (
            lambda: self.api.check(wrong),
            lambda: self.api.numbers(wrong),
            lambda: self.api.search(wrong, country="US", kind="local", count=1),
            lambda: self.api.buy(wrong, "+13125550100", Webhooks()),
            lambda: self.api.send_text(wrong, sender="+13125550100", to=CALLER, body="Hello", events=""),
            lambda: self.api.delete_recording(wrong, recording),
            lambda: self.api.fetch_recording(wrong, recording).__enter__(),
        ):
            with pytest.raises(Denied) as denied:
                ask()
            assert self.credentials.secret not in str(denied.value)
        assert self.sound(recording) == b"sound"

    def test_an_unknown_account_is_denied(self) -> None:
        for account in ("", "nobody", "AC" + "0" * 32, "../Accounts", "é"):
            with pytest.raises(Denied):
                self.api.check(replace(self.credentials, account=account))

    def test_the_secret_is_in_no_representation(self) -> None:
        assert self.credentials.secret not in repr(self.credentials)

    # --- numbers

    def test_numbers_are_found_by_kind_and_area(self) -> None:
        local = self.api.search(self.credentials, country="US", kind="local", area_code="312", count=2)
        assert [(one.e164[:5], one.kind, one.country) for one in local] == [("+1312", "local", "US")] * 2
        assert local[0].locality == "Chicago"
        toll_free = self.api.search(self.credentials, country="US", kind="toll_free", count=1)
        assert [(one.e164[:3], one.kind, one.locality) for one in toll_free] == [("+18", "toll_free", "")]

    def test_numbers_are_found_by_their_digits(self) -> None:
        found = self.api.search(self.credentials, country="US", kind="local", contains="5550101", count=5)
        assert found
        assert all("5550101" in one.e164 for one in found)

    def test_where_there_are_none_none_are_found(self) -> None:
        assert not self.api.search(self.credentials, country="US", kind="local", area_code="999", count=5)

    def test_a_bought_number_has_its_addresses_from_the_first_second(self) -> None:
        bought = self.buy_one()
        assert bought == self.only_number()
        assert bought.webhooks == self.webhooks(bought.e164)
        assert bought.can_voice
        assert bought.can_text
        offered = self.api.search(self.credentials, country="US", kind="local", area_code="312", count=1000)
        assert bought.e164 not in {one.e164 for one in offered}

    def test_what_somebody_else_has_is_refused_in_words_for_people(self) -> None:
        for e164 in (self.taken, self.one_that_never_was):
            with pytest.raises(Refused, match=r"^[A-Z].*\.$"):
                self.api.buy(self.credentials, e164, self.webhooks(e164))
        assert not self.api.numbers(self.credentials)

    def test_other_addresses_replace_all_of_them(self) -> None:
        number = self.buy_one()
        elsewhere = replace(self.webhooks(number.e164, CALLER), voice="https://elsewhere.example/call", text="")
        self.api.configure(self.credentials, number.carrier_number_id, elsewhere)
        assert self.only_number().webhooks == elsewhere
        self.api.configure(self.credentials, number.carrier_number_id, Webhooks())
        assert self.only_number().webhooks == Webhooks()

    def test_what_was_before_comes_back_exactly(self) -> None:
        number = self.buy_one()
        for before in (self.webhooks(number.e164), Webhooks("https://a.example/call"), Webhooks()):
            self.api.configure(self.credentials, number.carrier_number_id, before)
            remembered = self.only_number()
            self.api.configure(self.credentials, number.carrier_number_id, self.webhooks(number.e164, CALLER))
            assert self.only_number() != remembered
            self.api.restore(self.credentials, number.carrier_number_id, remembered.before)
            assert self.only_number() == remembered
            assert remembered.webhooks == before

    def test_a_number_without_a_destination_has_no_fallback(self) -> None:
        assert self.api.fallback("+13125550100", "") == ""
        assert self.api.fallback("+13125550100", BUSINESS)

    def test_a_released_number_is_gone_and_releasing_it_again_is_fine(self) -> None:
        number = self.buy_one()
        for _ in range(2):
            self.api.release(self.credentials, number.carrier_number_id)
            assert not self.api.numbers(self.credentials)
        with pytest.raises(Refused):
            self.api.configure(self.credentials, number.carrier_number_id, Webhooks())

    # --- texts

    def test_a_text_goes_out_as_it_was_written(self) -> None:
        number, body = self.buy_one(), "Grüße & <b>, 東京 👩‍🔧\n+1 = 2"
        sent = self.api.send_text(
            self.credentials, sender=number.e164, to=CALLER, body=body, events=f"{OURS}/text-events"
        )
        assert sent.carrier_text_id
        assert sent.state == "queued"
        assert self.sent_texts() == [(number.e164, CALLER, body, f"{OURS}/text-events")]

    def test_texts_that_cannot_be_sent_are_refused(self) -> None:
        number = self.buy_one().e164
        for sender, body in ((self.taken, "Hello"), (number, ""), (number, "x" * 1601)):
            with pytest.raises(Refused, match=r"^[A-Z].*\.$"):
                self.api.send_text(self.credentials, sender=sender, to=CALLER, body=body, events="")
        assert self.sent_texts() == []

    # --- recordings

    def sound(self, recording: str) -> bytes:
        with self.api.fetch_recording(self.credentials, recording) as sound:
            assert sound.content_type.startswith("audio/")
            return b"".join(sound.chunks)

    def test_a_recording_is_fetched_whole_and_deleted(self) -> None:
        spoken = bytes(range(256)) * 1000
        recording = self.keep_recording(spoken)
        assert self.sound(recording) == spoken
        for _ in range(2):
            self.api.delete_recording(self.credentials, recording)
            with pytest.raises(Refused):
                self.sound(recording)

    @pytest.mark.parametrize("name", ["", "../../Messages", "RE", "https://evil.example/x", "RE" + "0" * 31 + "/", "é"])
    def test_a_name_that_is_none_leads_nowhere(self, name: str) -> None:
        with pytest.raises(Refused):
            self.sound(name)
        with pytest.raises(Refused):
            self.api.configure(self.credentials, name, Webhooks())
