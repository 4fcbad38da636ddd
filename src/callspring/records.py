"""What a door writes into its spool: every record kind, its fields and their units.

They are written as arrays: the tag, then the fields in order. So the order is a contract between versions: a field may
be added at the end with a default, none may move or go while a spool with it can still be waiting. Times are Unix
seconds, ids are UUIDs as text, `company`, `site`, `scenario` and `number` are the small integers of the record.

`Record` is what readers work with. The edge writes a `PageLoaded` instead of the several that a page load means, so
that what they have in common is written once; `decode` takes it apart.

`lost` in a sign of life: the scenarios of which the page still showed a number whose lease the visitor had lost. It is
no sign of life for their shows.
"""

from __future__ import annotations

import msgspec

from callspring.ids import derived_id
from callspring.stores.leases.port import Held
from callspring.visits.touch import Source


class VisitBegan(msgspec.Struct, frozen=True, tag="visit", array_like=True, gc=False):
    """A visit began. `source` is how this visit arrived, `stored` what the visitor's cookie holds (W5)."""

    id: str
    at: float
    company: int
    site: int
    number: int
    visitor: str
    is_first: bool
    url: str
    referrer: str
    source: Source
    stored: Source
    click_ids: dict[str, str] = {}
    ip: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    os: str = ""
    browser: str = ""
    device: str = ""
    zone: str = ""


class PageViewed(msgspec.Struct, frozen=True, tag="page", array_like=True, gc=False):
    """A page was shown to a visitor."""

    id: str
    at: float
    company: int
    visit: str
    visitor: str
    url: str
    title: str = ""
    lost: tuple[int, ...] = ()


class NumberGranted(msgspec.Struct, frozen=True, tag="granted", array_like=True, gc=False):
    """A visitor was given a number: a lease where `dynamic`, else a static number. `id` becomes the show's."""

    id: str
    at: float
    company: int
    scenario: int
    number: int
    visit: str
    visitor: str
    dynamic: bool
    reason: str
    hold: int
    source: str = ""
    overflow: bool = False


class Began(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The part of `PageLoaded` that a `VisitBegan` is made from, beside what they share."""

    number: int
    is_first: bool
    referrer: str
    source: Source
    stored: Source
    click_ids: tuple[tuple[str, str], ...]
    ip: str
    country: str
    region: str
    city: str
    os: str
    browser: str
    device: str
    zone: str


class Granted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The part of `PageLoaded` that a `NumberGranted` is made from, beside what they share."""

    scenario: int
    number: int
    dynamic: bool
    reason: str
    hold: int
    overflow: bool


class PageLoaded(msgspec.Struct, frozen=True, tag="loaded", array_like=True, gc=False):
    """Everything that one page load means, written at once: stands for the records that `records` gives.

    `sharing` is what pools compare when they share a number: the `source` of each `NumberGranted`.
    """

    at: float
    company: int
    site: int
    visit: str
    visitor: str
    page: str
    url: str
    title: str
    began: Began | None
    granted: list[Granted]
    sharing: str

    def records(self) -> list[Record]:
        """The visit that began, if one did, the page view, and the numbers given."""
        began = [self._visit(self.began)] if self.began else []
        viewed = PageViewed(self.page, self.at, self.company, self.visit, self.visitor, self.url, self.title)
        return [*began, viewed, *map(self._grant, self.granted)]

    def _visit(self, began: Began) -> VisitBegan:
        return VisitBegan(
            self.visit, self.at, self.company, self.site, began.number, self.visitor, began.is_first, self.url,
            began.referrer, began.source, began.stored, dict(began.click_ids), began.ip, began.country, began.region,
            began.city, began.os, began.browser, began.device, began.zone,
        )  # fmt: skip

    def _grant(self, granted: Granted) -> NumberGranted:
        show = derived_id(self.page, str(granted.scenario))  # a page view has one of a scenario at most
        return NumberGranted(
            show, self.at, self.company, granted.scenario, granted.number,
            self.visit, self.visitor, granted.dynamic, granted.reason, granted.hold, self.sharing, granted.overflow,
        )  # fmt: skip


class Swapped(msgspec.Struct, frozen=True, tag="swapped", array_like=True, gc=False):
    """The snippet confirmed how many places show each scenario's number on a page: leases become shows (P4)."""

    at: float
    visit: str
    visitor: str
    page: str
    places: dict[str, int]
    lost: tuple[int, ...] = ()


class Beat(msgspec.Struct, frozen=True, tag="beat", array_like=True, gc=False):
    """The visitor is still there, or, with `left`, has just gone."""

    at: float
    visit: str
    visitor: str
    page: str
    left: bool = False
    lost: tuple[int, ...] = ()


class VisitorDid(msgspec.Struct, frozen=True, tag="did", array_like=True, gc=False):
    """A `tel:` click (`name` is the number's digits) or an event of the site's own code."""

    id: str
    at: float
    company: int
    visit: str
    page: str
    kind: str
    name: str = ""
    data: dict[str, str | int | float | bool | None] = {}
    visitor: str = ""
    lost: tuple[int, ...] = ()


class Forgot(msgspec.Struct, frozen=True, tag="forgot", array_like=True, gc=False):
    """The visitor took their consent back: they hold no number any more (W10)."""

    at: float
    visit: str
    visitor: str


class AnonymousVisit(msgspec.Struct, frozen=True, tag="anonymous", array_like=True, gc=False):
    """Somebody arrived without consent (W10). `at` is the beginning of the hour; nothing else may ever stand here."""

    at: float
    company: int
    site: int
    source: str
    medium: str
    channel: str


class LeasesHeld(msgspec.Struct, frozen=True, tag="held", array_like=True, gc=False):
    """Leases as they stood at `at`, written when a segment begins, so that older ones are not needed to know them."""

    at: float
    leases: list[Held]


class Dropped(msgspec.Struct, frozen=True, tag="dropped", array_like=True, gc=False):
    """Requests dropped for one reason since the last such record. `company` 0 where none was recognised."""

    at: float
    reason: str
    count: int
    company: int = 0
    host: str = ""


class CallSaid(msgspec.Struct, frozen=True, tag="call", array_like=True, gc=False):
    """One thing a carrier said about a call (`callspring.carriers.contract.CallSignal`), with where it was routed.

    `at` is the carrier's time where it gives one, else `received_at`. `number` and `scenario` are 0 when the dialled
    number is not ours, or its scenario is switched off.
    """

    id: str
    received_at: float
    at: float
    company: int
    connection: int
    call: str
    carrier_call_id: str
    leg: str
    leg_id: str
    status: str
    sequence: int = 0
    caller: str = ""
    dialled: str = ""
    number: int = 0
    scenario: int = 0
    destination: str = ""
    duration: int | None = None
    cause: str = ""
    raw: dict[str, str] = {}
    caller_name: str = ""
    attestation: str = ""


class RecordingSaid(msgspec.Struct, frozen=True, tag="recording", array_like=True, gc=False):
    """A carrier has a recording of a call (`callspring.carriers.contract.RecordingSignal`), or had nothing to record.

    Where it is not `certain`, the carrier has only announced it: its report may say otherwise.
    """

    id: str
    received_at: float
    at: float
    company: int
    connection: int
    call: str
    carrier_call_id: str
    recording: str
    kind: str
    available: bool
    url: str = ""
    duration: int | None = None
    raw: dict[str, str] = {}
    certain: bool = True


class TextSaid(msgspec.Struct, frozen=True, tag="text", array_like=True, gc=False):
    """A text message came in (`callspring.carriers.contract.TextSignal`). `number` is 0 when `dialled` is not ours."""

    id: str
    received_at: float
    company: int
    connection: int
    carrier_text_id: str
    caller: str
    dialled: str
    body: str
    number: int = 0
    media: tuple[str, ...] = ()
    raw: dict[str, str] = {}


class TextBecame(msgspec.Struct, frozen=True, tag="text-event", array_like=True, gc=False):
    """What became of a text message that we sent (`callspring.carriers.contract.TextEvent`)."""

    received_at: float
    company: int
    connection: int
    carrier_text_id: str
    state: str
    error: str = ""
    raw: dict[str, str] = {}


class TextOwed(msgspec.Struct, frozen=True, tag="text-owed", array_like=True, gc=False):
    """A call flow wants a missed caller to get a text, from the number they dialled (its id; 0 when it is not ours)."""

    id: str
    received_at: float
    company: int
    call: str
    caller: str
    number: int
    body: str


class Tick(msgspec.Struct, frozen=True, tag="tick", array_like=True, gc=False):
    """Nothing happened until `at`: lets a call's credit become final on a quiet door."""

    at: float


Record = (
    VisitBegan
    | PageViewed
    | NumberGranted
    | Swapped
    | Beat
    | VisitorDid
    | Forgot
    | AnonymousVisit
    | LeasesHeld
    | Dropped
    | CallSaid
    | RecordingSaid
    | TextSaid
    | TextBecame
    | TextOwed
    | Tick
)

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record | PageLoaded).decode


def decode(payload: bytes) -> list[Record]:
    """The records that a spooled one stands for: itself, or a page load's. Raises `msgspec.MsgspecError`."""
    spooled = _decode(payload)
    return spooled.records() if isinstance(spooled, PageLoaded) else [spooled]
