"""The sandbox carrier's numbers, texts and recordings behind our protocol: its books are files of this installation."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from callspring.carriers.api import (
    LONGEST_TEXT,
    Available,
    CarrierApi,
    Credentials,
    Denied,
    Owned,
    Refused,
    SentText,
    Sound,
    Unreachable,
    Webhooks,
)
from callspring.carriers.contract import CallSignal, Leg, Status, TextState
from callspring.carriers.outside import e164 as number_in
from callspring.carriers.sandbox.call_log import CallLog, Happened
from callspring.carriers.sandbox.inventory import (
    AS_THE_ACCOUNT,
    Account,
    Addresses,
    BooksUnreadable,
    Inventory,
    Kind,
    NotForSale,
    NotOwned,
    NumberTaken,
    SoldNumber,
    UnknownAccount,
)
from callspring.carriers.sandbox.recordings import Recordings
from callspring.carriers.sandbox.texts import Texts, TextsUnreadable
from callspring.config import Config

_CHUNK = 65_536
_TEL = "tel:"  # how a fallback is written here: the exchange rings the number itself
_PARTS = {"voice": "call", "events": "events", "text": "text"}  # what follows the account's address


def make_api(config: Config) -> CarrierApi:
    """The sandbox of this installation."""
    return SandboxApi(config.sandbox_books)


class SandboxApi:
    """See `CarrierApi`. A number's id is the number; `books` is the carrier's file."""

    def __init__(self, books: Path) -> None:
        self._inventory, self._texts, self._recordings = Inventory(books), Texts(books), Recordings(books)
        self._calls = CallLog(books)

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`."""
        with _understood():
            self._account(credentials)
        return "Sandbox carrier"

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        with _understood():
            account = self._account(credentials)
            return [_owned(account, sold) for sold in self._inventory.owned(account.id)]

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`; the sandbox offers everybody the same."""
        with _understood():
            self._account(credentials)
            found = self._inventory.search(country, cast(Kind, kind), area_code, contains, limit=count)
        return [Available(one.e164, one.kind, one.locality, one.region, one.country) for one in found]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`."""
        with _understood():
            account = self._account(credentials)
            fallback, addresses = _fallback(webhooks), _addresses(account, webhooks)
            return _owned(account, self._inventory.buy(account.id, e164, fallback, addresses))

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`."""
        with _understood():
            account = self._account(credentials)
            addresses = _addresses(account, webhooks)
            self._inventory.configure(account.id, carrier_number_id, _fallback(webhooks), addresses)

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`."""
        addresses = Addresses(before.get("voice"), before.get("events"), before.get("text"))
        with _understood():
            account = self._account(credentials)
            self._inventory.configure(account.id, carrier_number_id, before.get("fallback") or "", addresses)

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        with _understood(), suppress(NotOwned):
            self._inventory.release(self._account(credentials).id, carrier_number_id)

    def fallback(self, e164: str, destination: str) -> str:  # noqa: ARG002
        """See `CarrierApi`."""
        return _TEL + destination if destination else ""

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:
        """See `CarrierApi`: into a list that the demo's phone shows."""
        if not 0 < len(body) <= LONGEST_TEXT:
            raise Refused("A text has at least one character and at most 1,600.")
        if not number_in(to):
            raise Refused("Texts go to phone numbers only.")
        with _understood():
            account = self._account(credentials)
            sold = self._inventory.lookup(sender)
            if sold is None or sold.account.id != account.id:
                raise NotOwned(sender)
            text = self._texts.send(account.id, sender=sender, to=to, body=body, events=events)
        return SentText(text.id, TextState.QUEUED)

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`: a WAV file."""
        with _understood():
            file = self._recordings.open(self._account(credentials).id, recording_id)
        with file:
            yield Sound("audio/wav", _chunks(file))

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`."""
        with _understood(), suppress(FileNotFoundError):
            self._recordings.delete(self._account(credentials).id, recording_id)

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """See `ListsCalls`: of the newest calls that the exchange put through."""
        with _understood():
            return map(_signal, self._calls.read(self._account(credentials).id, since, until))

    def _account(self, credentials: Credentials) -> Account:
        account = self._inventory.account(credentials.account)
        if not hmac.compare_digest(account.secret.encode(), credentials.secret.encode("utf-8", "replace")):
            raise UnknownAccount(credentials.account)
        return account


@contextmanager
def _understood() -> Iterator[None]:
    """The books' errors in our words."""
    try:
        yield
    except UnknownAccount:
        raise Denied("The sandbox carrier does not know this connection's account.") from None
    except NumberTaken:
        raise Refused("Somebody else has this number now.") from None
    except NotForSale:
        raise Refused("The sandbox carrier does not have this number.") from None
    except NotOwned:
        raise Refused("This number is not on the account at the sandbox carrier.") from None
    except FileNotFoundError:
        raise Refused("The sandbox carrier has no such recording.") from None
    except (BooksUnreadable, TextsUnreadable, OSError):
        raise Unreachable("The sandbox carrier's files cannot be read or written at the moment.") from None


def _signal(happened: Happened) -> CallSignal:
    return CallSignal(
        carrier_call_id=happened.call,
        leg=Leg(happened.leg),
        leg_id=happened.leg_id,
        status=Status(happened.status),
        caller=happened.caller,
        dialled=happened.dialled,
        sequence=happened.sequence,
        duration=happened.duration,
        at=happened.at,
        cause=happened.cause,
    )


def _owned(account: Account, sold: SoldNumber) -> Owned:
    given = sold.addresses
    usual = {name: f"{account.voice_url}/{part}" for name, part in _PARTS.items()}
    before = {"fallback": sold.fallback, "voice": given.voice, "events": given.events, "text": given.text}
    return Owned(
        e164=sold.e164,
        carrier_number_id=sold.e164,
        label=sold.e164,
        can_voice=True,
        can_text=True,
        webhooks=Webhooks(
            voice=usual["voice"] if given.voice is None else given.voice,
            voice_fallback=_TEL + sold.fallback if sold.fallback else "",
            events=usual["events"] if given.events is None else given.events,
            text=usual["text"] if given.text is None else given.text,
        ),
        before=before,
    )


def _addresses(account: Account, webhooks: Webhooks) -> Addresses:
    """What the account has anyway is not written down for the number: it moves along when the account's moves."""
    given = {"voice": webhooks.voice, "events": webhooks.events, "text": webhooks.text}
    if given == {name: f"{account.voice_url}/{part}" for name, part in _PARTS.items()}:
        return AS_THE_ACCOUNT
    return Addresses(**given)


def _fallback(webhooks: Webhooks) -> str:
    number = webhooks.voice_fallback.removeprefix(_TEL)
    if number and not number_in(number):
        raise Refused("The sandbox carrier falls back to phone numbers only.")
    return number


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := file.read(_CHUNK):
            yield chunk
    except OSError:
        raise Unreachable("The sandbox carrier's files cannot be read at the moment.") from None
