"""What callers said after the sandbox's beep: one WAV file for each recording, in a folder beside the books.

The exchange keeps them under the id that it reports (`RecordingSignal.recording_id`); the API serves them to their
account.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from callspring.carriers.outside import identifier


class Recordings:
    """The recordings kept beside the books in `books`. Every verb may raise `OSError`."""

    def __init__(self, books: Path) -> None:
        self._folder = books.with_name("recordings")

    def keep(self, account: str, recording: str, wav: bytes) -> None:
        """Store a recording of the account's. Raises `ValueError` for what cannot be an id."""
        if not identifier(recording):
            raise ValueError(f"{recording!r} is no id")
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{recording}.owner").write_text(account)
        (self._folder / f"{recording}.wav").write_bytes(wav)

    def open(self, account: str, recording: str) -> BinaryIO:
        """The sound. Raises `FileNotFoundError` for what the account does not have."""
        return self._of(account, recording).open("rb")

    def delete(self, account: str, recording: str) -> None:
        """Delete it. Raises `FileNotFoundError` for what the account does not have."""
        path = self._of(account, recording)
        path.unlink()
        path.with_suffix(".owner").unlink()

    def _of(self, account: str, recording: str) -> Path:
        """Its file: an id is part of a path, so it is looked at first."""
        path = self._folder / f"{recording}.wav"
        if not identifier(recording) or path.with_suffix(".owner").read_text() != account:
            raise FileNotFoundError(recording)
        return path
