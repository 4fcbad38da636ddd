"""Plays recorded visits and calls against a pool of any size, with any policy. Pure: rows in, figures out.

The engine learns of each thing when it happens: a visit when it begins, its length when it ends, a tap when it is
pressed, a call when it comes, and never whose call it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from callspring.pools.holder import Holder, device_class
from callspring.pools.policies import Policy, make

REMEMBERED_VISITORS = 1_000_000


class VisitRow(NamedTuple):
    """One visit; times in Unix seconds. `tapped` is the last press on the `tel:` link."""

    visitor: str
    start: float
    end: float
    source: str
    device: str
    tapped: float | None


class CallRow(NamedTuple):
    """One call and who placed it."""

    visitor: str
    time: float


@dataclass(slots=True)
class Figures:
    """What a replay found. Counts; `as_dict` gives the shares."""

    calls: int = 0
    right_source: int = 0
    right_visitor: int = 0
    shows: int = 0
    shared_shows: int = 0
    overflow: int = 0
    unknown_callers: int = 0
    calibration: Calibration | None = None

    def as_dict(self) -> dict[str, float | int | None]:
        """The figures by the names of `callspring pool replay --json`; shares from 0 to 1, None of nothing."""
        return {
            "right_source": _share(self.right_source, self.calls),
            "right_visitor": _share(self.right_visitor, self.calls),
            "exclusive_share": _share(self.shows - self.shared_shows, self.shows),
            "overflow": self.overflow,
            "calls": self.calls,
            "calibration_error": self.calibration.error() if self.calibration else None,
        }


class Calibration:
    """Expected calibration error: in each of ten bins of stated probability, how far it was from the share right."""

    def __init__(self) -> None:
        self.bins = [[0, 0.0, 0] for _ in range(10)]

    def add(self, probability: float, right: bool) -> None:
        """One call."""
        found = self.bins[min(9, int(probability * 10))]
        found[0] += 1
        found[1] += probability
        found[2] += right

    def error(self) -> float | None:
        """From 0 to 1; None before the first call."""
        calls = sum(count for count, _, _ in self.bins)
        return sum(abs(stated - right) for _, stated, right in self.bins) / calls if calls else None


@dataclass(slots=True, eq=False)
class _Show:
    until: float = inf
    shared: bool = False


@dataclass(slots=True, eq=False)
class _Lease:
    """A visitor's number. `open` visits are on the page; the hold runs from when the last of them ends."""

    number: int
    holder: Holder
    open: int = 0
    until: float = inf
    shows: list[_Show] = field(default_factory=list)


def replay(
    visits: Iterable[VisitRow],
    calls: Sequence[CallRow],
    *,
    numbers: int,
    policy: str,
    hold: float = 150.0,
    progress: Callable[[int], None] | None = None,
) -> Figures:
    """Replay visits (in order of their start) and calls (of their time). Raises `ValueError` for a policy unknown.

    `progress` is told now and then how many visits are done.
    """
    run = _Run(make(policy, numbers, calls), calls, hold)
    for count, visit in enumerate(visits):
        run.advance(visit.start)
        run.begin(visit)
        if progress is not None and not count % 50_000:
            progress(count)
    run.advance(inf)
    return run.figures


class _Run:
    """The state of a replay. Memory: the calls, the live leases, and a number for each visitor remembered."""

    def __init__(self, policy: Policy, calls: Sequence[CallRow], hold: float) -> None:
        self.policy = policy
        self.figures = Figures(calibration=Calibration() if policy.states_probability else None)
        self.calls = calls
        self.called = 0
        self.next_call = calls[0].time if calls else inf
        self.hold = hold
        self.callers = {call.visitor for call in calls}
        self.truth: dict[str, tuple[int, Holder]] = {}
        self.live: dict[str, _Lease] = {}
        self.on_number: dict[int, list[_Lease]] = {}
        self.last_number: dict[str, int] = {}
        self.ends: list[tuple[float, int, _Lease, _Show, float]] = []
        self.expiries: deque[tuple[float, _Lease]] = deque()
        self.begun = 0
        self.last_start = inf

    def advance(self, now: float) -> None:
        """Let everything happen that comes before a visit that begins now. At one time: holds end, then calls come,
        then pages are left; a visit that begins comes between the first two.
        """
        while True:
            expiry = self.expiries[0][0] if self.expiries else inf
            end = self.ends[0][0] if self.ends else inf
            if expiry <= now and expiry <= end and expiry <= self.next_call:
                if expiry == inf:
                    return
                self._expire()
            elif self.next_call < now and self.next_call <= end:
                self._call()
            elif end < now:
                self._end()
            else:
                return

    def begin(self, visit: VisitRow) -> None:
        """A visit begins: its visitor goes on with the number held, or is given one."""
        now, visitor = visit.start, visit.visitor
        self.policy.time_passed(max(0.0, now - self.last_start))
        self.last_start = now
        tapped = visit.tapped
        holder = Holder(visitor, visit.source, device_class(visit.device), now, None, tapped)
        lease = self.live.get(visitor)
        if lease is not None:
            self.policy.goes_on(lease.number, lease.holder, holder, now)
            lease.holder = holder
        else:
            lease = self._grant(holder, now)
        lease.open += 1
        self._show(lease, visit.end, now)
        if visitor in self.callers:
            self.truth[visitor] = (lease.number, holder)

    def _grant(self, holder: Holder, now: float) -> _Lease:
        own = self.last_number.pop(holder.visitor, None)
        if own is not None:
            self.policy.comes_back(own, holder, now)
        chosen = self.policy.choose(holder, own, now)
        self.figures.overflow += chosen.overflow
        self.policy.shown(chosen.number, holder, now)
        lease = self.live[holder.visitor] = _Lease(chosen.number, holder)
        self.on_number.setdefault(chosen.number, []).append(lease)
        self.last_number[holder.visitor] = chosen.number
        if len(self.last_number) > REMEMBERED_VISITORS:
            del self.last_number[next(iter(self.last_number))]
        return lease

    def _show(self, lease: _Lease, end: float, now: float) -> None:
        show = _Show()
        self.begun += 1
        self.figures.shows += 1
        on_number = self.on_number[lease.number]
        lease.shows = [one for one in lease.shows if one.until > now]
        lease.shows.append(show)
        if len(on_number) > 1:
            for one in on_number:
                self._share(one, now)
        heappush(self.ends, (end, self.begun, lease, show, now))

    def _share(self, lease: _Lease, now: float) -> None:
        for show in lease.shows:
            if show.until > now and not show.shared:
                show.shared = True
                self.figures.shared_shows += 1

    def _end(self) -> None:
        end, _, lease, show, start = heappop(self.ends)
        show.until = end + self.hold
        lease.open -= 1
        if not lease.open:
            lease.holder.left = end
            lease.until = end + self.hold
            self.expiries.append((lease.until, lease))
            self.policy.left(lease.number, lease.holder, end - start)

    def _expire(self) -> None:
        until, lease = self.expiries.popleft()
        if lease.open or lease.until != until:  # the visitor came back meanwhile
            return
        del self.live[lease.holder.visitor]
        on_number = self.on_number[lease.number]
        on_number.remove(lease)
        if not on_number:
            del self.on_number[lease.number]
        self.policy.hold_ended(lease.number, lease.holder, until)

    def _call(self) -> None:
        visitor, now = self.calls[self.called]
        self.called += 1
        self.next_call = self.calls[self.called].time if self.called < len(self.calls) else inf
        truth = self.truth.get(visitor)
        if truth is None:
            self.figures.unknown_callers += 1
            return
        number, holder = truth
        credited = self.policy.credit(number, now)
        right = credited.holder.visitor == visitor
        self.figures.calls += 1
        self.figures.right_visitor += right
        self.figures.right_source += credited.source == holder.source
        if self.figures.calibration is not None and credited.probability is not None:
            self.figures.calibration.add(credited.probability, right)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
