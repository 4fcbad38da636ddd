from __future__ import annotations

import pytest
import ua_parser
from hypothesis import given

from callspring.visits import device as module
from callspring.visits.device import NAME_LIMIT, Device, DeviceKind, device
from tests.visits.hostile import ANY_TEXT

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"
TIZEN = "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0)"
SAMSUNG = "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S901B)"
MOBILE, TABLET, DESKTOP, OTHER = DeviceKind


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (
            f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
            Device("Windows 10", "Chrome 126", DESKTOP),
        ),
        (
            f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            Device("Windows 10", "Edge 126", DESKTOP),
        ),
        (
            "Mozilla/5.0 (Windows NT 6.3; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0",
            Device("Windows 8.1", "Firefox 115", DESKTOP),
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/17.4 Safari/605.1.15",
            Device("macOS", "Safari 17", DESKTOP),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            Device("Ubuntu", "Firefox 127", DESKTOP),
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
            Device("Chrome OS", "Chrome 126", DESKTOP),
        ),
        (
            f"{IPHONE} {APPLE} Version/17.5 Mobile/15E148 Safari/604.1",
            Device("iOS 17", "Safari 17", MOBILE),
        ),
        (
            f"{IPHONE} {APPLE} CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1",
            Device("iOS 17", "Chrome 126", MOBILE),
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {APPLE} Version/16.6 Mobile/15E148 Safari/604.1",
            Device("iOS 16", "Safari 16", TABLET),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
            Device("Android 14", "Chrome 126", MOBILE),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
            Device("Android", "Chrome 126", MOBILE),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 13; SM-X906C) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
            Device("Android 13", "Chrome 126", TABLET),
        ),
        (
            f"{SAMSUNG} {WEBKIT} SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
            Device("Android 13", "Samsung Internet 24", MOBILE),
        ),
        (
            f"{TIZEN} {WEBKIT} SamsungBrowser/3.0 Chrome/76 TV Safari/537.36",
            Device("Tizen 6", "Samsung Internet 3", OTHER),
        ),
        ("", Device()),
        ("no such thing", Device()),
    ],
)
def test_devices(user_agent: str, expected: Device) -> None:
    assert device(user_agent) == expected


def test_the_rust_backed_resolver_is_used_where_it_is_installed() -> None:
    assert ua_parser.RegexResolver is not None, "ua-parser-rs is among our dependencies"
    assert type(module._parser().resolver) is ua_parser.RegexResolver


def test_the_tables_are_loaded_once() -> None:
    assert module._parser() is module._parser()


@given(ANY_TEXT)
def test_any_user_agent_gives_bounded_names(text: str) -> None:
    for user_agent in (text, f"Mozilla/5.0 (Linux; Android {text}) {WEBKIT} Chrome/{text}"):
        found = device(user_agent)
        assert len(found.os) <= NAME_LIMIT
        assert len(found.browser) <= NAME_LIMIT
        (found.os + found.browser).encode()


def test_only_so_much_of_a_user_agent_is_looked_at() -> None:
    assert device("x" * 512 + f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36") == Device()
