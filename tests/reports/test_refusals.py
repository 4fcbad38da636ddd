"""When refused requests are worth an alert, and what is likeliest to be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callspring.reports.refusals import Refusals, Setting, split_address, suspects

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PUBLIC = "https://calls.example.com"


@pytest.mark.parametrize(
    ("count", "good", "alarming"),
    [
        (3, None, True),
        (2, None, False),
        (3, -1, True),
        (300, 0, False),
        (3, 1, False),  # somebody forges, and the carrier is heard all the same
    ],
)
def test_three_without_a_good_one_after_them(count: int, good: int | None, alarming: bool) -> None:
    last_good = None if good is None else NOON + timedelta(minutes=good)
    assert Refusals(8, count, NOON, PUBLIC, last_good).are_alarming is alarming


def test_an_episode_ends_with_something_rightly_signed() -> None:
    first, later = Refusals(8, 3, NOON, PUBLIC, NOON), Refusals(8, 9, NOON + timedelta(hours=1), "http://x", NOON)
    assert first.episode == later.episode
    assert first.episode != Refusals(8, 3, NOON, PUBLIC, NOON + timedelta(minutes=1)).episode
    assert first.episode != Refusals(9, 3, NOON, PUBLIC, NOON).episode
    assert len(Refusals(10**18, 3, NOON, PUBLIC, NOON).episode) <= 64


@pytest.mark.parametrize(
    ("seen", "first"),
    [
        (PUBLIC, Setting.TOKEN),
        ("https://CALLS.example.com:443", Setting.TOKEN),
        ("http://calls.example.com", Setting.PROXIES),
        ("http://10.0.0.9:8001", Setting.PROXIES),
        ("https://[::1]:8001", Setting.PROXIES),
        ("http://doors:8001", Setting.PROXIES),
        ("https://old.example.com", Setting.DOORS_URL),
        ("https://calls.example.com:8443", Setting.DOORS_URL),
        ("http://", Setting.PROXIES),
        ("https://h:99999999", Setting.PROXIES),
    ],
)
def test_what_is_likeliest_to_be_wrong(seen: str, first: Setting) -> None:
    found = suspects(seen, PUBLIC)
    assert found[0] is first
    assert sorted(found) == sorted(Setting), "all three are named"


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("https://calls.example.com/voice/twilio/8", (PUBLIC, 8)),
        ("http:///voice/sandbox/7", ("http://", 7)),
        ("", None),
        ("shop.example", None),
        ("https://x/voice/twilio/٧", None),
        ("https://x/voice/twilio/" + "9" * 30, None),
    ],
)
def test_the_address_that_the_door_counted_is_read_back(host: str, parts: tuple[str, int] | None) -> None:
    assert split_address(host) == parts
