"""The names of a spool's segments: `00000001.seg`, `00000002.seg`, …; a higher number is newer."""

from __future__ import annotations

from pathlib import Path


def segment_path(folder: Path, segment: int) -> Path:
    """Where a segment lies."""
    return folder / f"{segment:08d}.seg"


def segments(folder: Path) -> list[int]:
    """The numbers of the segments that exist, oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.seg") if path.stem.isdecimal())
