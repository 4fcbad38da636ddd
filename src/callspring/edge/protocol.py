"""What the snippet sends and gets (docs/snippet-protocol.md), as types that also check."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_BODY = 32_768
# What decoding a hostile body raises: not JSON or not of this shape, not UTF-8, nested a thousand deep.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# As long an address as browsers and proxies pass on; the snippet cuts longer ones.
Text = Annotated[str, msgspec.Meta(max_length=8192)]
Short = Annotated[str, msgspec.Meta(max_length=100)]
# A UUID as we write it; the record takes nothing else.
Id = Annotated[str, msgspec.Meta(max_length=36, pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Key = Annotated[str, msgspec.Meta(max_length=40)]


class VisitRequest(msgspec.Struct):
    """`POST /v1/visit`."""

    key: Key
    url: Text
    referrer: Text = ""
    title: Text = ""
    zone: Annotated[str, msgspec.Meta(max_length=64)] = ""
    token: Text = ""
    automated: bool = False
    reload: bool = False
    # Which scenarios may act on this page, by their ids or aliases; and how older pages ask for numbers (W7).
    scenarios: Annotated[list[int | Short], msgspec.Meta(max_length=50)] | None = None
    prefix: Short = ""
    bind: Short = ""
    consent: bool | None = None


class Happening(msgspec.Struct):
    """One event of a beacon. Which fields count depends on `kind`."""

    kind: Literal["swapped", "beat", "tel_click", "view", "event", "leave", "forget"]
    places: dict[Short, Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]] = {}
    number: Short = ""
    url: Text = ""
    title: Text = ""
    name: Short = ""
    data: dict[Short, Annotated[str, msgspec.Meta(max_length=500)] | int | float | bool | None] = {}


class BeaconRequest(msgspec.Struct):
    """`POST /v1/beacon`."""

    key: Key
    token: Text
    page: Id
    events: Annotated[list[Happening], msgspec.Meta(max_length=100)]


class VisitAnswer(msgspec.Struct):
    """What the snippet is told. `swaps` are encoded beforehand, once per published site."""

    token: bytes
    visit: int
    page: str
    swaps: list[msgspec.Raw]
    beat: int
    cookie_days: int
    kept: bool | msgspec.UnsetType = msgspec.UNSET
    domains: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    forms: bool | msgspec.UnsetType = msgspec.UNSET


class AnonymousAnswer(msgspec.Struct, omit_defaults=True):
    """What the snippet is told of somebody who is not known: numbers, and nothing to keep (docs/consent.md).

    `consent` is always false where it is said; `test`: the address asked to see another source's numbers.
    """

    swaps: list[msgspec.Raw]
    consent: bool = True
    test: bool = False


decode_visit = msgspec.json.Decoder(VisitRequest).decode
decode_beacon = msgspec.json.Decoder(BeaconRequest).decode
encode = msgspec.json.Encoder().encode
