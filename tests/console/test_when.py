"""How pages write times."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from callspring.console.templatetags.console import when
from tests.stories import NOON


@pytest.mark.parametrize(
    ("days", "alone", "within"),
    [
        (0, "Today", "today"),
        (1, "Yesterday", "yesterday"),
        (2, "28 Feb", "28 Feb"),
        (400, "26 Jan 2025", "26 Jan 2025"),
    ],
)
def test_days_alone_and_within_a_sentence(days: int, alone: str, within: str) -> None:
    with patch("django.utils.timezone.now", return_value=NOON), timezone.override("UTC"):
        said = {form: when(NOON - timedelta(days=days), form) for form in ("day", "within")}
    assert f">{alone}<" in said["day"]
    assert f">{within}<" in said["within"]
