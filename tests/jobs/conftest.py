from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.kinds import Diary, diary, fresh_registry


@pytest.fixture
def registry() -> Iterator[None]:
    """No kinds but the test's own."""
    with fresh_registry():
        yield


@pytest.fixture
def notes(registry: None) -> Diary:  # noqa: ARG001 - asked for by name
    """The handler of `tests.note`, which is tried three times."""
    return diary()
