"""The setting that lists origins which may be anywhere."""

from __future__ import annotations

import pytest

from callspring.config import load


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", ("http://127.0.0.1:8002",)),
        ("none", ()),
        ("HTTP://Staging.Internal:80/ https://[::1]:8443", ("http://staging.internal", "https://[::1]:8443")),
    ],
)
def test_listed(text: str, listed: tuple[str, ...]) -> None:
    assert load({"CALLSPRING_TEST_ORIGINS": text}).test_origins == listed


@pytest.mark.parametrize(
    "text", ["127.0.0.1:8002", "http://", "http://a/b", "http://me@a", "http://a?b", "ftp://a", "http://a:99999"]
)
def test_wrong(text: str) -> None:
    with pytest.raises(ValueError, match="CALLSPRING_TEST_ORIGINS has"):
        load({"CALLSPRING_TEST_ORIGINS": text})
