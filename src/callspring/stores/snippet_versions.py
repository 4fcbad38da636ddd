"""The snippet's versions: the built one, and the earlier ones that this installation has served.

A site may name one version with the hash of its content (docs/snippet.md), and that has to be there after an upgrade.
So each door keeps, at its start, the files of its own version in a folder that outlives it. A file's name says what is
in it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256, sha384
from itertools import islice
from pathlib import Path

from callspring.config import assets

MOST = 50  # versions kept
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SnippetVersion:
    """Both files of one build: the one that sites name, and the one that it loads later."""

    first: bytes
    later: bytes

    @property
    def name(self) -> str:
        """What stands for this version in an address: 16 hexadecimal digits."""
        return sha384(self.first).hexdigest()[:16]

    @property
    def integrity(self) -> str:
        """The first file's hash, for `integrity` (https://www.w3.org/TR/SRI/, section 3.5)."""
        return _integrity(self.first)

    @property
    def later_integrity(self) -> str:
        """The second file's."""
        return _integrity(self.later)

    @property
    def first_file(self) -> str:
        """How the first file is called, on disk and behind `/cs/KEY/`."""
        return f"{self.name}.js"

    @property
    def later_file(self) -> str:
        """How the second is called, on disk and behind `/cs/`: as the first asks for it (snippet/src/extra.ts)."""
        return _later_name(self.later)


def built(folder: Path) -> SnippetVersion:
    """The version in a folder of built assets. Raises `OSError` where there is none."""
    return SnippetVersion((folder / "cs.js").read_bytes(), (folder / "more.js").read_bytes())


@cache
def newest() -> SnippetVersion:
    """The version of this installation, read once. Raises `OSError` where nothing was built."""
    return built(assets() / "snippet")


def keep(folder: Path, version: SnippetVersion) -> dict[str, bytes]:
    """Keep a version's files, let go of those beyond the newest, and give all that there are: name → content.

    What cannot be written is said in the log: `version` is among the answer in any case.
    """
    mine = {version.later_file: version.later, version.first_file: version.first}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in mine.items():
            _write(folder / name, content)
    except OSError as error:
        log.warning("this version of the snippet cannot be kept for sites that will name it later (%s)", error)
    return {**_kept(folder), **mine}


def _kept(folder: Path) -> dict[str, bytes]:
    """The newest files that are what their names say; the rest is removed."""
    found: dict[str, bytes] = {}
    counts = {True: 0, False: 0}
    for path in _newest_first(folder):
        is_later = path.name.startswith("more-")
        counts[is_later] += 1
        with contextlib.suppress(OSError):  # another door may have removed it
            content = path.read_bytes()
            if counts[is_later] <= MOST and path.name == _name(content, is_later=is_later):
                found[path.name] = content
            else:
                path.unlink()
    return found


def _newest_first(folder: Path) -> list[Path]:
    dated = []
    with contextlib.suppress(OSError):
        for path in islice(folder.glob("*.js"), 20 * MOST):
            with contextlib.suppress(OSError):
                dated.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(dated, reverse=True)]


def _name(content: bytes, *, is_later: bool) -> str:
    return _later_name(content) if is_later else SnippetVersion(content, b"").first_file


def _integrity(content: bytes) -> str:
    return "sha384-" + b64encode(sha384(content).digest()).decode()


def _later_name(content: bytes) -> str:
    return f"more-{b64encode(sha256(content).digest()).decode()[:8]}.js"


def _write(path: Path, content: bytes) -> None:
    """The file whole, and the newest one."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            os.utime(path)
            return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
