"""What a country has carriers ask of whoever takes a number. It is data: `requirements.toml`, which explains itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from callspring.numbers.e164 import LOCAL

Asked = Literal[
    "address_anywhere",
    "address_country",
    "address_area",
    "address_proof",
    "identity",
    "registration",
    "tax_number",
    "representative",
    "business",
]
_FILE = Path(__file__).with_suffix(".toml")
_NUMBERED_ALIKE = frozenset({"US", "CA"})  # toll-free numbers of +1 belong to no country


class Requirements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`asks`: what as good as all carriers ask; `may_ask`: what some do besides. Both empty: nothing."""

    asks: tuple[Asked, ...]
    may_ask: tuple[Asked, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    countries: Mapping[str, Requirements]


def requirements(country: str, kind: str) -> Requirements | None:
    """What is asked for a number of this country (two capital letters) and kind; None where it is not known."""
    if kind != LOCAL and country not in _NUMBERED_ALIKE:
        return None
    return _all().get(country)


def known() -> frozenset[str]:
    """The countries of which it is known for local numbers."""
    return frozenset(_all())


@cache
def _all() -> Mapping[str, Requirements]:
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), _File, strict=True).countries
