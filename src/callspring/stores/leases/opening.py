"""The lease store that an installation has chosen."""

from __future__ import annotations

from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.port import LeaseStore


def open_leases(address: str) -> tuple[LeaseStore, MemoryLeases]:
    """The store at `CALLSPRING_LEASES`, and this door's own view of it: the same where there is no server.

    Raises `ValueError` where the client for a server is not installed.
    """
    if address == "memory":
        leases = MemoryLeases()
        return leases, leases
    try:
        from callspring.stores.leases.link import Link
        from callspring.stores.leases.valkey import ValkeyLeases
    except ModuleNotFoundError as error:
        raise ValueError("CALLSPRING_LEASES names a server, which needs: pip install 'callspring[scale]'") from error
    shared = ValkeyLeases(Link(address))
    return shared, shared.view
