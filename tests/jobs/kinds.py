"""Kinds of jobs for one test, in a registry that is put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from callspring.jobs import registry


class Diary:
    """A handler that keeps what it was given and does what the test says next, by default nothing."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.then: list[Exception] = []

    def __call__(self, payload: dict[str, Any]) -> None:
        self.payloads.append(payload)
        if self.then:
            raise self.then.pop(0)


@contextmanager
def fresh_registry() -> Iterator[None]:
    """Kinds and schedules of the block's own."""
    with mock.patch.object(registry, "_kinds", {}), mock.patch.object(registry, "_schedules", {}):
        yield


def diary(kind: str = "tests.note", tries: int = 3) -> Diary:
    """Register a diary as the handler of `kind`."""
    made = Diary()

    def handler(payload: dict[str, Any]) -> None:
        made(payload)

    registry.job(kind, tries=tries)(handler)
    return made
