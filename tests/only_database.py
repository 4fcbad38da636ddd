"""A pytest plugin (`-p tests.only_database`) that keeps the tests that touch the database and leaves out the others."""

from __future__ import annotations

import pytest
from django.test import TransactionTestCase

FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if touches_database(item)]
    left_out = [item for item in items if not touches_database(item)]
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def touches_database(item: pytest.Item) -> bool:
    """By its mark, its fixtures or its class: `django.test.TestCase` and what derives from it."""
    if item.get_closest_marker("django_db") or FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return True
    owner = getattr(item, "cls", None)
    return isinstance(owner, type) and issubclass(owner, TransactionTestCase)
