"""What numbers' earlier visitors still mean, on disk: a door that starts again chooses as if it had never stopped.

The spool knows the leases of some hours, but later calls come for days. The file stands beside the spool: a version,
then each pool in a frame of its own. One that cannot be read is left aside; then pasts grow anew.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from pathlib import Path
from struct import Struct, error

import msgspec

from callspring.pools.past import MOST_SOURCES, Past
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.pool import PoolState
from callspring.stores.leases.port import Pool

log = logging.getLogger(__name__)
NAME = "pasts"
VERSION = b"callspring pasts 1\n"
MOST_BYTES = 1 << 28
LENGTH = Struct("<I")


class _Saved(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A pool. `until`: ends of holds until then are in it. `pasts`: number → (as of, source → [mass, left])."""

    pool: int
    until: float
    mixing: float
    pasts: dict[int, tuple[float, dict[str, tuple[float, float]]]]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Saved)


def save(leases: MemoryLeases, folder: Path) -> Iterator[None]:
    """Write the file of a folder; each step is one pool, the last puts the file into its place. Raises `OSError`."""
    draft = folder / f".{NAME}"
    with draft.open("wb") as file:
        file.write(VERSION)
        for pool, state in list(leases.pools.items()):
            if state.chooser.pasts:
                saved = _encoder.encode(_saved(pool, state))
                file.write(LENGTH.pack(len(saved)) + saved)
                yield
    draft.replace(folder / NAME)


def load(leases: MemoryLeases, folder: Path, pools: Mapping[int, Pool]) -> int:
    """Put back what the file says of these pools, before the spool is replayed. Returns how many there were."""
    count = 0
    try:
        for saved in _read(folder / NAME):
            if saved.pool in pools:
                _put_back(leases.state(saved.pool), saved, pools[saved.pool])
                count += 1
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, error, msgspec.MsgspecError) as problem:
        log.warning("what was known of numbers' earlier visitors cannot be read and is learnt anew (%s)", problem)
    return count


def _saved(pool: int, state: PoolState) -> _Saved:
    pasts = {
        number: (past.at, {source: (mass, left) for source, (mass, left, *_) in past.masses.items()})
        for number, past in state.chooser.pasts.items()
    }
    return _Saved(pool, state.told_until, state.chooser.mixing, pasts)


def _read(path: Path) -> Iterable[_Saved]:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("the file is too long")
    with path.open("rb") as file:
        if file.read(len(VERSION)) != VERSION:
            raise ValueError("it is of another version")
        while length := file.read(LENGTH.size):
            yield _decoder.decode(file.read(min(LENGTH.unpack(length)[0], MOST_BYTES)))


def _put_back(state: PoolState, saved: _Saved, pool: Pool) -> None:
    timing, wanted = state.chooser.timing, set(pool.numbers)
    for number, (at, masses) in saved.pasts.items():
        if number not in wanted or len(masses) > MOST_SOURCES:
            continue
        if all(isfinite(mass) and mass >= 0 and isfinite(left) for mass, left in masses.values()) and isfinite(at):
            past = Past()
            for source, (mass, left) in masses.items():
                past.add(source, mass * timing.still(at - left), at - left, at, timing)
            past.settle(at, timing)
            state.chooser.pasts[number] = past
    state.chooser.mixing = min(1.0, max(0.0, saved.mixing)) if isfinite(saved.mixing) else 0.0
    state.known_until = state.told_until = saved.until if isfinite(saved.until) else 0.0
    state.follow(pool)
