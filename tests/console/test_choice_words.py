"""Whatever a lease store says why, a person can read it."""

from __future__ import annotations

from callspring.console.choice_words import choice_words
from callspring.console.words import strategy
from callspring.scenarios.models import Rule
from callspring.stores.leases.valkey import DOWN
from tests.stores.lease_contract import REASONS


def test_every_reason_has_words() -> None:
    words = [choice_words(reason) for reason in (*REASONS, DOWN)]
    assert all(words)
    assert len(set(words)) == len(words)
    assert choice_words("search") == "", "that is why a scenario won, not why a number was chosen"


def test_every_rule_has_words() -> None:
    """A page that lists scenarios must not fail at one that was imported or made with any other strategy."""
    words = [strategy(Rule(strategy=one, name="gclid", value="email")) for one in Rule.Strategy]
    assert all(words)
    assert len(set(words)) == len(words)
    assert "Channel is Email" in words
