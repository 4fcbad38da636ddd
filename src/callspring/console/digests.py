"""Short digests of what a piece of a page shows, so that asking again costs nothing while nothing changed."""

from __future__ import annotations

from hashlib import blake2b


def digest(*seen: object) -> str:
    """16 hexadecimal digits that change when any of these changes its `repr`."""
    return blake2b(repr(seen).encode(), digest_size=8).hexdigest()
