"""What the API says. Times are ISO 8601 in UTC; phone numbers are E.164; text is "" when nothing is known."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema


class Problem(Schema):
    """Why there is no answer, for people."""

    detail: str


class NumberName(Schema):
    """A phone number."""

    id: int
    e164: str


class ScenarioName(Schema):
    """A scenario."""

    id: int
    name: str


class SourceOut(Schema):
    """Which marketing something is put down to."""

    source: str
    medium: str
    campaign: str
    keyword: str
    channel: str


class PageOut(Schema):
    """A page of the site."""

    url: str
    title: str


class EvidenceOut(Schema):
    """One reason. `seconds` before the call, where that has a meaning."""

    kind: str
    seconds: int | None = None


class CandidateOut(Schema):
    """A visit that the call may have come from."""

    visit: UUID
    visit_number: int
    probability: float
    evidence: list[EvidenceOut]


class SourceChanceOut(SourceOut):
    """A source, and how probable it is (0 to 1) that the caller came from it."""

    probability: float


class ShareOut(SourceOut):
    """A source, and its share of the call (0 to 1; the shares of a call make up 1)."""

    share: float


class CreditOut(SourceOut):
    """Whom the call is credited to, how sure that is, and why. `visit` is null when it is unknown.

    `probability` is the visit's, `source_probability` the source's, which may be sure when the visit is not; `stranger`
    is what is left for somebody who had saved the number. `shares` are given where the call counts for several touches
    (`model`). `confirmed` is true where a person said whose call it was.
    """

    stage: str
    basis: str
    grade: str
    model: str
    probability: float | None
    source_probability: float | None
    stranger: float | None
    confirmed: bool
    sources: list[SourceChanceOut]
    shares: list[ShareOut]
    visit: UUID | None
    visit_number: int | None
    page_being_viewed: PageOut | None
    ip: str | None
    country: str
    region: str
    city: str
    os: str
    browser: str
    candidates: list[CandidateOut]


class CallOut(Schema):
    """A call. `caller` is "" when withheld; `duration` is the time talked with the business, in seconds."""

    id: UUID
    caller: str
    dialled: str
    number: NumberName | None
    scenario: ScenarioName | None
    status: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration: int | None
    destination: str
    flag: Annotated[str, Field(description="test, spam, or empty for a call that counts")]
    flag_reasons: Annotated[list[dict[str, Any]], Field(description="Why the spam filter took it for spam")]
    attestation: Annotated[str, Field(description="SHAKEN: A, B, C or failed; empty where nobody said")]
    tags: list[str]
    note: str
    value: Annotated[str | None, Field(description="A decimal sum in the currency")]
    currency: str
    qualified: bool | None
    credit: CreditOut | None


class VisitOut(SourceOut):
    """A visit. `number` is its visit number; `stored_source` what the visitor's calls are credited to."""

    id: UUID
    number: int
    visitor: UUID
    is_first: bool
    started_at: datetime
    last_active_at: datetime
    landing_url: str
    referrer: str
    stored_source: dict[str, Any]
    click_ids: dict[str, Any]
    ip: str | None
    country: str
    region: str
    city: str
    os: str
    browser: str
    device: str
    zone: str


class MomentOut(Schema):
    """Something that happened in a visit. `kind`: page_view, tel_click, custom, show or call.

    A page view has `url` and `title`; a tel_click the digits and a custom event its name as `name`, with `data`; a
    show its `number` and `scenario` (ids); a call its `call` (id) and status as `name`.
    """

    at: datetime
    kind: str
    url: str = ""
    title: str = ""
    name: str = ""
    data: dict[str, Any] = {}
    number: int | None = None
    scenario: int | None = None
    call: UUID | None = None


class VisitDetailOut(VisitOut):
    """A visit with everything that happened in it, in order of time."""

    timeline: list[MomentOut]


class RuleOut(Schema):
    """A condition on how the visitor arrived."""

    strategy: str
    name: str
    value: str
    dynamic: bool


class TargetOut(Schema):
    """What is replaced on pages: a number (E.164), or what a CSS selector finds. `part` is "" for the whole number."""

    kind: str
    value: str
    part: str


class TermOut(Schema):
    """A term of activation: visitors whom it names get no number."""

    kind: str
    value: str


class ScenarioOut(Schema):
    """A scenario with its tallies. `type` is static, dynamic or both; `accuracy` is from 0 to 1."""

    id: int
    name: str
    enabled: bool
    type: str
    targets: list[TargetOut]
    mask: Annotated[str, Field(description="As texts show its numbers, X for each digit; empty: as the page does")]
    prefix: Annotated[str, Field(description="What texts show before the number")]
    destination: str
    rules: list[RuleOut]
    terms: list[TermOut]
    aliases: Annotated[list[str], Field(description="Other names by which pages may call it")]
    numbers: list[NumberName]
    policy: Annotated[str, Field(description="How a pool's number is chosen: callspring or next_in_line")]
    hold: Annotated[int, Field(description="Seconds for which a pool's number is kept after the last sign of life")]
    overflow: Annotated[str, Field(description="What happens while all are held: share, number or leave")]
    overflow_number: Annotated[NumberName | None, Field(description="The pool's number that is shown then")]
    visitors: int
    calls: int
    accuracy: Annotated[float | None, Field(description="Null before the first show; last 30 days")]
    created_at: datetime


class NumberOut(Schema):
    """A phone number of the company; a tracking number while it has a scenario."""

    id: int
    e164: str
    kind: str
    state: str
    scenario: ScenarioName | None
    bought_at: datetime
    paid_until: datetime


class PersonName(Schema):
    """One of the company's people."""

    id: int
    name: str


class ThreadOut(Schema):
    """Everything that passed between the company and one caller. `contact` is "" for who withheld the number.

    `flag` is test, spam or "". `last_inbound_at` is when the caller last did something.
    """

    id: int
    contact: str
    name: str
    flag: str
    assigned_to: PersonName | None
    last_at: datetime
    last_inbound_at: datetime
    created_at: datetime


class MessageOut(Schema):
    """One thing in a thread. `kind`: call, voicemail, text_in, text_out, form or note.

    `call` is its call's id, `number` the company's number it went through. `fields` are a form's, `media` the addresses
    of what came with a text. `state` (queued, sent, delivered, failed) and `error` belong to texts that were sent.
    """

    id: UUID
    kind: str
    at: datetime
    body: str
    call: UUID | None
    visit: UUID | None
    recording: UUID | None
    number: NumberName | None
    author: PersonName | None
    fields: dict[str, str]
    media: list[str]
    state: str
    error: str


class CallPage(Schema):
    """A page of calls, newest first. `next` is the cursor of the next page."""

    items: list[CallOut]
    next: str | None


class VisitPage(Schema):
    """A page of visits, newest first. `next` is the cursor of the next page."""

    items: list[VisitOut]
    next: str | None


class ScenarioPage(Schema):
    """A page of scenarios, newest first. `next` is the cursor of the next page."""

    items: list[ScenarioOut]
    next: str | None


class NumberPage(Schema):
    """A page of numbers, newest first. `next` is the cursor of the next page."""

    items: list[NumberOut]
    next: str | None


class ThreadPage(Schema):
    """A page of threads, the latest first. `next` is the cursor of the next page."""

    items: list[ThreadOut]
    next: str | None


class MessagePage(Schema):
    """A page of messages, newest first. `next` is the cursor of the next page."""

    items: list[MessageOut]
    next: str | None
