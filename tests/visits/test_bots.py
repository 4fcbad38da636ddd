from __future__ import annotations

import pytest
from hypothesis import given

from callspring.visits.bots import is_bot, is_prefetch
from tests.visits.hostile import ANY_TEXT

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {APPLE}"
PEOPLE = [
    CHROME,
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/17.4 Safari/605.1.15",
    f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1",
    f"{IPHONE} Mobile/21E236 [FBAN/FBIOS;FBAV/463.0.0.33.106;FBBV/1;FBDV/iPhone14,5]",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
]
PROGRAMS = [
    "",
    "   ",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/126.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
]


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people(user_agent: str) -> None:
    assert not is_bot(user_agent)


@pytest.mark.parametrize("user_agent", PROGRAMS)
def test_programs(user_agent: str) -> None:
    assert is_bot(user_agent)


@pytest.mark.parametrize("value", ["prefetch", "Prefetch", "prefetch;prerender", "prerender", "preview"])
@pytest.mark.parametrize("name", ["sec-purpose", "purpose", "x-purpose", "x-moz"])
def test_prefetch_headers(name: str, value: str) -> None:
    assert is_prefetch({name: value})


def test_other_headers_are_no_prefetch() -> None:
    assert not is_prefetch({})
    assert not is_prefetch({"purpose": "", "x-moz": "something", "sec-fetch-mode": "prefetch"})


@given(ANY_TEXT)
def test_any_user_agent_gives_an_answer(user_agent: str) -> None:
    assert is_bot(user_agent) in {True, False}


def test_only_so_much_of_a_user_agent_is_looked_at() -> None:
    assert not is_bot(CHROME + " " * 512 + "Googlebot/2.1 (+http://www.google.com/bot.html)")
