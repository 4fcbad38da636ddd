"""What the voice door's steps work with: one object per door process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from callspring.doorway.drop_counter import DropCounter
from callspring.stores.snapshot.reader import Snapshot
from callspring.stores.spool.writer import SpoolWriter
from callspring.visits.client_ip import Proxies
from callspring.voice.position import PositionSeal


@dataclass(frozen=True, slots=True)
class VoiceDoor:
    """The voice door's stores and settings. `public_url` is where carriers reach it, without a trailing slash."""

    snapshot: Snapshot[Any]
    spool: SpoolWriter
    drops: DropCounter
    seal: PositionSeal
    public_url: str
    proxies: Proxies
