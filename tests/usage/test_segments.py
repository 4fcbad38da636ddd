"""How many short messages a text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.usage.segments import segments


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro sign is not cut in two
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 70 + "’", 2),  # one curly apostrophe makes all of it UCS-2
    ],
)
def test_counts(body: str, count: int) -> None:
    assert segments(body) == count


@given(st.text(max_size=400), st.text(max_size=50))
def test_more_text_is_never_fewer_segments(body: str, more: str) -> None:
    assert 1 <= segments(body) <= segments(body + more)
