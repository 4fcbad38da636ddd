"""The world of the ingester's tests, in a database that really commits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.world import World


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:  # noqa: ARG001 - a fixture asked for by name
    """A fresh company and its spools."""
    made = World(tmp_path)
    yield made
    made.close()
