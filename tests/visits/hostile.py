"""Text as an attacker would write it: any character at all, and often the ones that break things."""

from __future__ import annotations

from hypothesis import strategies as st

_TROUBLE = "\x00\x1b\n\r\ud800\udfff\u202e\u2028\ufeffİ\u212a%+&=?#/\\:;@[]()., \"'<>"

ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from(_TROUBLE), max_size=300)
