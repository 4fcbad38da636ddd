"""What the edge's steps work with: one object per door process."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.doorway.drop_counter import DropCounter
from callspring.edge.flood import Flood
from callspring.edge.live_visits import CarriedVisits, LiveVisits
from callspring.edge.site import ReadySite
from callspring.edge.token import Seal
from callspring.edge.whereabouts import Whereabouts
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.port import LeaseStore
from callspring.stores.snapshot.reader import Snapshot
from callspring.stores.spool.writer import SpoolWriter
from callspring.stores.visit_numbers import VisitNumbers


@dataclass(frozen=True, slots=True)
class EdgeDoor:
    """The edge's stores and settings. `view` is what this door knows of the leases, whoever keeps them."""

    snapshot: Snapshot[ReadySite]
    leases: LeaseStore
    view: MemoryLeases
    spool: SpoolWriter
    visit_numbers: VisitNumbers
    live: LiveVisits
    carried: CarriedVisits
    drops: DropCounter
    seal: Seal
    whereabouts: Whereabouts
    pages: Flood
    events: Flood
