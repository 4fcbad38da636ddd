"""The sounds that call flows play: how their files are named. They are published beside the snapshot."""

from __future__ import annotations

import re

_NAME = re.compile(r"[0-9a-f]{32}\.(wav|mp3)")
_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def sound_type(name: str) -> str:
    """The content type of a sound's file, "" where the name is none of ours."""
    found = _NAME.fullmatch(name)
    return _TYPES[found[1]] if found else ""
