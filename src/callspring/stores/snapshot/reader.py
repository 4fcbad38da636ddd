"""A door's view of the snapshot: in memory, reloaded file by file when the back publishes."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from callspring.pools.expectations import timing_of
from callspring.pools.timing import Timing
from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedConnection,
    PublishedSite,
    Route,
    company_decoder,
    site_decoder,
    timing_decoder,
)

log = logging.getLogger(__name__)
Loaded = TypeVar("Loaded")
Published = PublishedSite | PublishedCompany

# A directory's time has the clock tick's resolution: two changes in one tick look like one. So a folder that changed
# less than this long ago is looked at once more.
SETTLE_SECONDS = 1.0
# A number that moves from one file to another may stand in neither while they are written. Its calls go on meanwhile.
FORGET_SECONDS = 5.0
TIMING = "timing-"
LOOKED_AT_ONCE = 200  # directory entries


class Snapshot(Generic[Loaded]):
    """All published files of a folder. `sites` by key and host hold what `prepare` made of each published site.
    `teach` tells it when people call, None for as usual, whenever more is learnt of that.

    A file that cannot be read keeps its last good content: a door never forgets a number because of a bad write.
    """

    def __init__(
        self,
        folder: Path,
        prepare: Callable[[PublishedSite], Loaded],
        teach: Callable[[Loaded, Timing | None], None] | None = None,
    ) -> None:
        self._folder = folder
        self._prepare = prepare
        self._teach = teach
        self._timings: dict[str, Timing] = {}  # by the file's name
        self._folder_time = 0
        # A file's time alone has the clock tick's resolution too; but each publication is a new file (a new inode).
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._published: dict[str, Published] = {}
        self._prepared: dict[int, Loaded] = {}
        self._routes: dict[int, dict[str, tuple[Route, str]]] = {}  # by company and E.164: with the file's name
        self._leaving: list[tuple[float, int, str, str]] = []  # since when, company, E.164, file
        self.sites: dict[str, dict[str, Loaded]] = {}
        self.companies: dict[str, int] = {}
        self.connections: dict[int, tuple[PublishedConnection, PublishedCompany]] = {}

    def refresh(self) -> bool:
        """Load what was published since the last call; one `stat()` when nothing was. True if anything changed."""
        return any([*self.steps()])  # all of them, not up to the first

    def steps(self) -> Iterator[bool]:
        """The same in small steps, so that others can be served between them; each says whether it changed anything.

        A step loads one file or looks at some: what it takes does not depend on how many are published.
        """
        self._forget_routes()
        try:
            folder_time = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if folder_time == self._folder_time:
            return
        yield from self._follow()
        if time.time() - folder_time / 1e9 > SETTLE_SECONDS:
            self._folder_time = folder_time

    def site(self, company: int, site: int) -> Loaded | None:
        """The prepared site, None when it is not published (any more) or is another company's."""
        published = self._published.get(f"site-{site}.json")
        if isinstance(published, PublishedSite) and published.company == company:
            return self._prepared.get(site)
        return None

    def route(self, company: int, e164: str) -> Route | None:
        """Where calls to a company's number go; None for a number that is not the company's."""
        found = self._routes.get(company, {}).get(e164)
        return found[0] if found else None

    def _follow(self) -> Iterator[bool]:
        seen: set[str] = set()
        with os.scandir(self._folder) as entries:
            for looked, entry in enumerate(entries):
                if looked % LOOKED_AT_ONCE == LOOKED_AT_ONCE - 1:
                    yield False
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
                    yield self._load(entry.name, Path(entry.path))
        for name in self._seen.keys() - seen:
            del self._seen[name]
            if name.startswith(TIMING):
                self._learn(name, None)
            else:
                self._put(name, None, None)
            yield True

    def _load(self, name: str, path: Path) -> bool:
        try:
            content = path.read_bytes()
            if name.startswith("site-"):
                site = site_decoder.decode(content)
                self._put(name, site, self._prepare(site))
                self._tell(site.id)
            elif name.startswith(TIMING):
                self._learn(name, timing_of(timing_decoder.decode(content).expectations))
            else:
                self._put(name, company_decoder.decode(content), None)
        except (OSError, ValueError, LookupError):  # not there, not JSON of this shape, not sound in itself
            log.exception("%s cannot be read; what was known before stays in force", name)
            return False
        return True

    def _learn(self, name: str, timing: Timing | None) -> None:
        """What is known of when people call, by a file's name; None: it is gone."""
        if timing is None:
            self._timings.pop(name, None)
        else:
            self._timings[name] = timing
        site = name.removeprefix(TIMING).removesuffix(".json")
        if site.isdecimal():
            self._tell(int(site), forgotten=timing is None)

    def _tell(self, site: int, *, forgotten: bool = False) -> None:
        prepared, timing = self._prepared.get(site), self._timings.get(f"{TIMING}{site}.json")
        if prepared is not None and self._teach is not None and (timing is not None or forgotten):
            self._teach(prepared, timing)

    def _put(self, name: str, new: Published | None, prepared: Loaded | None) -> None:
        """What a file says takes the place of what it said before; None: it is gone."""
        old = self._published.pop(name, None)
        if isinstance(old, PublishedSite):
            self._drop_site(old)
        elif old is not None:
            self._drop_company(old)
        if new is not None:
            self._published[name] = new
        if isinstance(new, PublishedSite) and prepared is not None:
            self._prepared[new.id] = prepared
            self.sites.setdefault(new.key, {}).update(dict.fromkeys(new.hosts, prepared))
        elif isinstance(new, PublishedCompany):
            self.companies[new.key] = new.id
            self.connections.update((one.id, (one, new)) for one in new.connections)
        self._reroute(name, old, new)

    def _drop_site(self, old: PublishedSite) -> None:
        prepared, by_host = self._prepared.pop(old.id, None), self.sites.get(old.key, {})
        for host in old.hosts:
            if by_host.get(host) is prepared:  # else another site has it by now
                by_host.pop(host, None)
        if not by_host:
            self.sites.pop(old.key, None)

    def _drop_company(self, old: PublishedCompany) -> None:
        if self.companies.get(old.key) == old.id:
            del self.companies[old.key]
        for connection in old.connections:
            if self.connections.get(connection.id, (None, None))[1] is old:
                del self.connections[connection.id]

    def _reroute(self, name: str, old: Published | None, new: Published | None) -> None:
        now = time.monotonic()
        if old is not None:
            kept = new.routes if new is not None and _company(new) == _company(old) else {}
            self._leaving += ((now, _company(old), e164, name) for e164 in old.routes if e164 not in kept)
        if new is not None and new.routes:
            known = self._routes.setdefault(_company(new), {})
            known.update((e164, (route, name)) for e164, route in new.routes.items())

    def _forget_routes(self) -> None:
        """Those that have left their file for long enough, and stand in no other."""
        due = time.monotonic() - FORGET_SECONDS
        while self._leaving and self._leaving[0][0] <= due:
            _, company, e164, name = self._leaving.pop(0)
            published = self._published.get(name)
            back = published is not None and _company(published) == company and e164 in published.routes
            known = self._routes.get(company, {})
            if not back and known.get(e164, (None, ""))[1] == name:
                del known[e164]


def _company(published: Published) -> int:
    return published.company if isinstance(published, PublishedSite) else published.id
