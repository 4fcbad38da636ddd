"""A door's view of the snapshot: in memory, reloaded file by file when the back publishes."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedConnection,
    PublishedSite,
    company_decoder,
    site_decoder,
)

log = logging.getLogger(__name__)
Loaded = TypeVar("Loaded")

# A directory's time has the clock tick's resolution: two changes in one tick look like one. So a folder that changed
# less than this long ago is looked at once more.
SETTLE_SECONDS = 1.0


class Snapshot(Generic[Loaded]):
    """All published files of a folder. `sites` by key and host hold what `prepare` made of each published site.

    A file that cannot be read keeps its last good content: a door never forgets a number because of a bad write.
    """

    def __init__(self, folder: Path, prepare: Callable[[PublishedSite], Loaded]) -> None:
        self._folder = folder
        self._prepare = prepare
        self._folder_time = 0
        # A file's time alone has the clock tick's resolution too; but each publication is a new file (a new inode).
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._published: dict[str, PublishedSite | PublishedCompany] = {}
        self._prepared: dict[int, Loaded] = {}
        self.sites: dict[str, dict[str, Loaded]] = {}
        self.companies: dict[str, int] = {}
        self.connections: dict[int, tuple[PublishedConnection, PublishedCompany]] = {}

    def refresh(self) -> bool:
        """Load what was published since the last call; one `stat()` when nothing was. True if anything changed."""
        try:
            folder_time = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if folder_time == self._folder_time:
            return False
        changed = self._scan()
        if time.time() - folder_time / 1e9 > SETTLE_SECONDS:
            self._folder_time = folder_time
        if changed:
            self._index()
        return changed

    def site(self, company: int, site: int) -> Loaded | None:
        """The prepared site, None when it is not published (any more) or is another company's."""
        published = self._published.get(f"site-{site}.json")
        if isinstance(published, PublishedSite) and published.company == company:
            return self._prepared.get(site)
        return None

    def _scan(self) -> bool:
        seen: set[str] = set()
        changed = False
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if not entry.name.endswith(".json") or entry.name.startswith("."):
                    continue
                try:
                    file = entry.stat()
                except FileNotFoundError:
                    continue  # withdrawn while we look
                seen.add(entry.name)
                version = file.st_mtime_ns, file.st_ino, file.st_size
                if self._seen.get(entry.name) != version:
                    self._seen[entry.name] = version
                    changed |= self._load(entry.name, Path(entry.path))
        for name in self._seen.keys() - seen:
            del self._seen[name]
            gone = self._published.pop(name, None)
            if isinstance(gone, PublishedSite):
                self._prepared.pop(gone.id, None)
            changed = True
        return changed

    def _load(self, name: str, path: Path) -> bool:
        try:
            content = path.read_bytes()
            if name.startswith("site-"):
                site = site_decoder.decode(content)
                self._published[name], self._prepared[site.id] = site, self._prepare(site)
            else:
                self._published[name] = company_decoder.decode(content)
        except (OSError, ValueError, LookupError):  # not there, not JSON of this shape, not sound in itself
            log.exception("%s cannot be read; what was known before stays in force", name)
            return False
        return True

    def _index(self) -> None:
        sites: dict[str, dict[str, Loaded]] = {}
        companies: dict[str, int] = {}
        connections: dict[int, tuple[PublishedConnection, PublishedCompany]] = {}
        for item in self._published.values():
            if isinstance(item, PublishedSite):
                by_host = sites.setdefault(item.key, {})
                by_host.update((host, self._prepared[item.id]) for host in item.hosts)
            else:
                companies[item.key] = item.id
                connections.update((c.id, (c, item)) for c in item.connections)
        self.sites, self.companies, self.connections = sites, companies, connections
