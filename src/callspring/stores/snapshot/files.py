"""Writing the snapshot: each file appears whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from callspring.stores.snapshot.published import PublishedCompany, PublishedSite, PublishedTiming


def site_file(folder: Path, site: int) -> Path:
    """Where a site is published."""
    return folder / f"site-{site}.json"


def company_file(folder: Path, company: int) -> Path:
    """Where a company's routes are published."""
    return folder / f"company-{company}.json"


def timing_file(folder: Path, site: int) -> Path:
    """Where what is learnt of a site's calls is published."""
    return folder / f"timing-{site}.json"


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Nobody else of this machine publishes into `folder` meanwhile. Waits; do not ask for it again within.

    Read what is to be published within too: else who has read earlier and writes later brings back what was before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def publish(folder: Path, item: PublishedSite | PublishedCompany | PublishedTiming) -> bool:
    """Replace the item's file; False when it already said the same (doors are not made to load it again)."""
    path = _file(folder, item)
    content = msgspec.json.encode(item)
    if path.exists() and path.read_bytes() == content:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{path.name}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return True


def _file(folder: Path, item: PublishedSite | PublishedCompany | PublishedTiming) -> Path:
    if isinstance(item, PublishedSite):
        return site_file(folder, item.id)
    return timing_file(folder, item.id) if isinstance(item, PublishedTiming) else company_file(folder, item.id)


def withdraw(path: Path) -> None:
    """Take a file out of the snapshot; fine when it is not there."""
    path.unlink(missing_ok=True)
