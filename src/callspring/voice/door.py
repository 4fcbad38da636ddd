"""What the voice door's steps work with: one object per door process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callspring.doorway.drop_counter import DropCounter
from callspring.stores.snapshot.reader import Snapshot
from callspring.stores.spool.writer import SpoolWriter
from callspring.visits.client_ip import Proxies
from callspring.voice.memory import Memory
from callspring.voice.position import PositionSeal


@dataclass(frozen=True, slots=True)
class VoiceDoor:
    """The voice door's stores and settings. `public_url` is where carriers reach it, without a trailing slash.

    `sounds` is the folder of what flows play, published for the doors as the snapshot is.
    """

    snapshot: Snapshot[Any]
    spool: SpoolWriter
    drops: DropCounter
    seal: PositionSeal
    public_url: str
    proxies: Proxies
    sounds: Path
    memory: Memory = field(default_factory=Memory)
