"""Figures that took a while, remembered for some seconds in this process: pages that ask every two seconds, and several
people who look at the same page, need not have them worked out anew each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.core.cache.backends.locmem import LocMemCache

from callspring.accounts.models import Company
from callspring.console.digests import digest

T = TypeVar("T")
# Not the default cache: whoever asks for many figures would push out what counts attempts to sign in.
MEMORY = LocMemCache("callspring-figures", {"OPTIONS": {"MAX_ENTRIES": 500}})


def remembered(company: Company, what: object, seconds: float, work_out: Callable[[], T]) -> T:
    """What `work_out` gave for the same `what` (told apart by its repr) in the last seconds, else what it gives now."""
    key = f"{company.key}:{digest(what)}"  # the key is never used again, as an id may be
    found = MEMORY.get(key)
    if found is None:
        found = work_out()
        MEMORY.set(key, found, seconds)
    return cast(T, found)
