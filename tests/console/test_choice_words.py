"""Whatever a lease store says why, a person can read it."""

from __future__ import annotations

from callspring.console.choice_words import choice_words
from callspring.stores.leases.valkey import DOWN
from tests.stores.lease_contract import REASONS


def test_every_reason_has_words() -> None:
    words = [choice_words(reason) for reason in (*REASONS, DOWN)]
    assert all(words)
    assert len(set(words)) == len(words)
    assert choice_words("search") == "", "that is why a scenario won, not why a number was chosen"
