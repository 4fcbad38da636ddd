"""What the back asks of a carrier: numbers, texts, recordings. One protocol, in our words; Django-free, blocking.

A carrier's folder that has an HTTP API to offer has a file `api.py` with `make_api(config) -> CarrierApi`
(`callspring.carriers.registry.api`). The doors never load it. `tests/carriers/api_contract.py` holds the conformance
class that each one passes.

Every verb may raise `Denied`, `Refused` or `Unreachable`, and nothing else; their messages are for people and never
hold a secret. Time is limited: 5 seconds to connect, 15 for each answer to go on, 30 in all (recordings excepted).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from callspring.carriers.contract import CallSignal, TextState

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5.0, 15.0, 30.0
LONGEST_TEXT = 1600  # characters: what carriers put together from several short messages


class CarrierProblem(Exception):
    """The carrier did not do it. The message is a sentence for people."""


class Denied(CarrierProblem):
    """The carrier does not know these credentials: nothing works until somebody gives it others."""


class Refused(CarrierProblem):
    """The carrier will not do this, however often it is asked; the message says why and what to do."""


class NotOffered(Refused):
    """The carrier's interface has nothing of the kind: what rests on it is left undone, and nothing is wrong."""


class Unreachable(CarrierProblem):
    """The carrier cannot be reached or makes no sense: try again later.

    `perhaps_done`: the request may have arrived all the same. `retry_after` is in seconds, None where it is not said.
    """

    def __init__(self, message: str, *, perhaps_done: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.perhaps_done, self.retry_after = perhaps_done, retry_after


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account at the carrier. The secret is in no `repr`."""

    account: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Where a carrier turns to for one number; "" for nowhere.

    `voice_fallback` is asked when `voice` fails. `instead` names what handles the calls in place of these addresses (a
    trunk, an application), `text_instead` what handles the texts, and `text_fallback` is asked when `text` fails; these
    three are only ever read.
    """

    voice: str = ""
    voice_fallback: str = ""
    events: str = ""
    text: str = ""
    instead: str = ""
    text_fallback: str = ""
    text_instead: str = ""


@dataclass(frozen=True, slots=True)
class Available:
    """A number that can be bought now. `kind` is local or toll_free; the places are "" where the carrier names none.

    `address` is what the law wants the carrier to know of whoever has it: "" nothing, or an address that is `any`,
    `local` (in the number's own country or place) or `foreign`. Without it the carrier refuses the order.
    """

    e164: str
    kind: str
    locality: str = ""
    region: str = ""
    country: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """A number that the account has.

    `before` is its whole configuration in the carrier's own words, as JSON: `CarrierApi.restore` brings it back.
    """

    e164: str
    carrier_number_id: str
    label: str
    can_voice: bool
    can_text: bool
    webhooks: Webhooks
    before: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class SentText:
    """A text message that the carrier took."""

    carrier_text_id: str
    state: TextState


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording on its way. `content_type` is one such as audio/mpeg; reading on may raise what the verbs raise."""

    content_type: str
    chunks: Iterator[bytes]


class CarrierApi(Protocol):
    """The carrier's own programming interface."""

    def check(self, credentials: Credentials) -> str:
        """What the carrier calls this account. Raises `Denied`, and `Refused` for one that is suspended."""

    def numbers(self, credentials: Credentials) -> Sequence[Owned]:
        """All numbers of the account."""

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> Sequence[Available]:
        """At most `count` numbers that could be bought now.

        `country` is two capital letters, `kind` local or toll_free, `area_code` and `contains` digits.
        """

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """Buy a number with its addresses set from its first second. `Refused` when somebody else was first."""

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """Send what happens on the number to these addresses, and to nothing else."""

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """Bring back a configuration that `Owned.before` gave, exactly."""

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """Give the number back for good. Does nothing when the account no longer has it."""

    def fallback(self, e164: str, destination: str) -> str:
        """The `Webhooks.voice_fallback` that has calls to `e164` ring `destination` (E.164) while we are silent."""

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:
        """Send a text message between two E.164 numbers; `events` is the address that hears what becomes of it."""

    def fetch_recording(self, credentials: Credentials, recording_id: str) -> AbstractContextManager[Sound]:
        """Open a recording. Credentials go to the carrier's own host and nowhere else."""

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """Delete a recording at the carrier. Does nothing when it is gone."""


@runtime_checkable
class ListsCalls(Protocol):
    """What a `CarrierApi` can do besides, where the carrier tells programs of past calls. Ask for it by `lister`."""

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """Every call that came in between the two (Unix seconds, both included), told as it would have been.

        For each call in the order of time: the caller's leg `ASKED` at its start, legs of the business, as far as they
        are known, `ANSWERED` or with their end, and the end of the caller's leg where it has ended. Calls that somebody
        placed are left out. Lists of more legs than the adapter is ready to read are `Unreachable`.
        """


def lister(api: CarrierApi) -> ListsCalls:
    """The carrier's list of calls. Raises `NotOffered`."""
    if not isinstance(api, ListsCalls):
        raise NotOffered("This carrier does not tell programs which calls there were.")
    return api
