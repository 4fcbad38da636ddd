from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from callspring.visits.address import NAME_LIMIT, PARAMETER_LIMIT, PATH_LIMIT, VALUE_LIMIT
from callspring.visits.sites import CLICK_IDS
from callspring.visits.sources import PART_LIMIT, classify
from callspring.visits.touch import Channel
from tests.visits.hostile import ANY_TEXT

OWN = frozenset({"plumber.example"})
PIECES = st.sampled_from(
    [
        "utm_source=",
        "utm_medium=cpc",
        "&",
        "=",
        "%",
        "%zz",
        "%00",
        "%ED%A0%80",
        "+",
        "?",
        "#",
        "://",
        "@",
        "[",
    ]
    + [f"{name}=" for name in list(CLICK_IDS)[:5]]
    + ["google.com", "www.", "utm_campaign=", "\ud800", "\x00", "İ", "\u202e", "x" * 250]
)
HOSTILE = st.one_of(ANY_TEXT, st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=60).map("".join))


@given(HOSTILE, HOSTILE)
@example("https://h.example/?" + "&".join(f"p{i}={'v' * 900}" for i in range(90)), "http://" + "a." * 5000)
@example("https://h.example/?utm_source=" + "%f0%9f%98%80" * 900, "https://" + "[" * 900)
@example("x" * 1_000_000, "y" * 1_000_000)
def test_nothing_is_raised_and_everything_is_bounded(url: str, referrer: str) -> None:
    for address in (url, "https://h.example/?" + url):
        touch = classify(address, referrer, OWN)
        source = touch.source
        for part in (source.source, source.medium, source.campaign, source.keyword):
            assert len(part) <= PART_LIMIT
        assert source.channel in set(Channel)
        assert len(touch.parameters) <= PARAMETER_LIMIT
        assert len(touch.path) <= PATH_LIMIT
        assert all(len(name) <= NAME_LIMIT and len(value) <= VALUE_LIMIT for name, value in touch.parameters)
        pairs = (*touch.parameters, *touch.utm, *touch.click_ids)
        text = touch.path + touch.host + touch.referrer_host + "".join(name + value for name, value in pairs)
        text += "".join((source.source, source.medium, source.campaign, source.keyword))
        text.encode()
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in text)
        assert touch.opening == classify(address, referrer, OWN).opening
