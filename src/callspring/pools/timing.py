"""When people call: one model for which number to give, whom to credit and how many numbers to hold (P1). Pure.

A visit may lead to a call **while the page is open**, at a rate that depends on the device and on the time on the page;
on a phone most of these follow a press on the `tel:` link by seconds. Or it may lead to one **later**: how often
depends on how long the visit was, how much later on a heavy-tailed curve (`delays`). The visits of one visitor add
up. And whoever called may call again.

Everything starts from a prior and is learnt from each credited call by the probabilities of its candidates: certain
calls alone would teach the model that people call at once. What is learnt is a handful of sums, to which any call can
be added and from which it can be taken back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from callspring.pools.delays import Case, Delays, cell_of, step_of

VERSION = 2

# The prior, as rates and as how many calls (or seconds of page, or visits) it is worth.
ON_PAGE_RATE = 1.5e-4  # calls per second of an open page
ON_PAGE_PRIOR_SECONDS = 20_000.0
SHAPE_PRIOR_CALLS = 5.0  # how many calls it takes to bend the rate for one part of the time on page
TAP_SHARE = {"mobile": 0.95, "desktop": 0.05}
TAP_PRIOR_CALLS = 5.0
TAP_CALLS = 0.5  # of taps, this share is followed by a call
LATER_CALLS = 0.01  # later calls per long visit
HALF_INTEREST = 30.0  # a visit of so many seconds calls later half as often as a very long one
LATER_PRIOR_CALLS = 5.0
LENGTH_PRIOR_CALLS = 20.0  # how many it takes to bend the share for visits of one length
AGAIN = 0.02  # further calls of somebody who has called
AGAIN_PRIOR_CALLS = 20.0
STRANGERS = (
    0.01  # of all calls: people who hold no lease, who had saved the number. Learnt from vouched calls alone, for
)
STRANGER_PRIOR_CALLS = 100.0  # by probabilities a stranger cannot be told from somebody who left long ago

TIMES_ON_PAGE = (10.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0)
LENGTHS = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)
TAP_WINDOW = 60.0
AFTER_TAP = (2.0, 4.0, 8.0, 15.0, 30.0)
AFTER_TAP_PRIOR = (1.0, 3.0, 3.0, 1.5, 1.0, 0.5)
DEVICES = ("mobile", "desktop")
MOST_EARLIER = 3
LEAST_LEARNT = 1e-4
LEAST_DOUBT = 0.01

_LENGTH_MIDDLES = (5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 1280.0)
_INTEREST = tuple(LATER_CALLS * middle / (middle + HALF_INTEREST) for middle in _LENGTH_MIDDLES)
_TAP_WIDTHS = tuple(high - low for low, high in zip((0.0, *AFTER_TAP), (*AFTER_TAP, TAP_WINDOW), strict=True))


def device_class(device: str) -> str:
    """`mobile` or `desktop`; tablets place calls like desktops."""
    return "mobile" if device == "mobile" else "desktop"


@dataclass(slots=True, eq=False)
class Holder:
    """A visit and the number it was shown. Times are Unix seconds.

    `left` is None while a page is open. `called` is the probability that this visitor has already called, the last
    time at `called_at`. `tapped` is the last press on the `tel:` link. `earlier`: (left, seconds) of the visitor's
    visits before, the latest first, `MOST_EARLIER` at most.
    """

    visitor: str
    source: str
    device: str
    start: float
    left: float | None = None
    tapped: float | None = None
    called: float = 0.0
    called_at: float = 0.0
    earlier: tuple[tuple[float, float], ...] = ()

    def follow(self, before: Holder) -> None:
        """This visit follows another one of the same visitor."""
        self.called, self.called_at = before.called, before.called_at
        if before.left is not None:
            self.earlier = ((before.left, before.left - before.start), *before.earlier)[:MOST_EARLIER]


class Timing:
    """The learnt model of one site."""

    def __init__(self) -> None:
        self.on_page_calls = {device: [0.0] * (len(TIMES_ON_PAGE) + 1) for device in DEVICES}
        self.on_page_seconds = {device: [0.0] * (len(TIMES_ON_PAGE) + 1) for device in DEVICES}
        self.tapped_calls = dict.fromkeys(DEVICES, 0.0)
        self.taps = 0.0
        self.after_tap = [0.0] * len(AFTER_TAP_PRIOR)
        self.visits = [0.0] * (len(LENGTHS) + 1)
        self.later_calls = [0.0] * (len(LENGTHS) + 1)
        self.called = 0.0
        self.again_calls = 0.0
        self.number_seconds = 0.0
        self.vouched_calls = 0.0
        self.stranger_calls = 0.0
        self.delays = Delays()
        self.calls = 0.0
        self.news = 0.0
        self.refresh()

    # -- what the model says ------------------------------------------------------------------------------------

    def rate(self, holder: Holder, now: float) -> float:
        """Calls per second to be expected from this holder now."""
        left = holder.left
        if left is None or left > now:
            rate = self._viewing[holder.device][bisect_right(TIMES_ON_PAGE, now - holder.start)]
        else:
            rate = self._later[bisect_right(LENGTHS, left - holder.start)] * self.delays.density[cell_of(now - left)]
        for one in holder.earlier:
            rate += self._later_rate(one, now)
        if holder.tapped is not None and 0 <= now - holder.tapped < TAP_WINDOW:
            rate += self._tap[bisect_right(AFTER_TAP, now - holder.tapped)]
        if holder.called:
            return (1.0 - holder.called) * rate + self._again_rate(holder, now)
        return rate

    def rates(self, holders: Sequence[Holder], now: float) -> list[float]:
        """`rate` of each; quicker for many who just left."""
        later, density = self._later, self.delays.density
        found = []
        for holder in holders:
            left = holder.left
            if left is None or left > now or holder.called or holder.earlier or holder.tapped is not None:
                found.append(self.rate(holder, now))
            else:
                found.append(later[bisect_right(LENGTHS, left - holder.start)] * density[cell_of(now - left)])
        return found

    def strangers(self) -> float:
        """Calls per second to one number from people who hold no lease."""
        return self._strangers

    def untapped(self, device: str) -> float:
        """Calls per second of an open page that no press on a `tel:` link precedes."""
        return self._untapped[device]

    def later(self, seconds: float) -> float:
        """Calls to be expected, all in all, after a visit of this length has ended."""
        return self._later[bisect_right(LENGTHS, seconds)]

    def still(self, seconds: float) -> float:
        """Of the later calls, the share yet to come so long after leaving. Falls from 1, never rises."""
        return self.delays.still[cell_of(seconds)]

    def remaining(self, holder: Holder, now: float) -> float:
        """Later calls still to be expected from a holder."""
        left = now if holder.left is None else holder.left
        rest = self.later(left - holder.start) * self.still(now - left)
        for earlier, seconds in holder.earlier:
            rest += self.later(seconds) * self.still(now - earlier)
        if holder.called:
            return (1 - holder.called) * rest + holder.called * self._again * self.still(now - holder.called_at)
        return rest

    # -- what it learns -----------------------------------------------------------------------------------------

    def visit_ended(self, holder: Holder, seconds: float) -> None:
        """A visit of this length: so much time in which a call could have come."""
        self.visits[bisect_right(LENGTHS, seconds)] += 1
        spent = self.on_page_seconds[holder.device]
        before = 0.0
        for part, until in enumerate(TIMES_ON_PAGE):
            if seconds <= until:
                spent[part] += seconds - before
                break
            spent[part] += until - before
            before = until
        else:
            spent[-1] += seconds - before
        if holder.tapped is not None:
            self.taps += 1

    def time_passed(self, number_seconds: float) -> None:
        """So many numbers times seconds in which strangers could have called."""
        self.number_seconds += number_seconds

    def learn(self, holder: Holder, now: float, weight: float) -> None:
        """The call now was this holder's, as far as `weight` says: 1 when somebody vouched for it.

        Shows after `refresh`.
        """
        late: dict[int, float] = {}
        self._learn(holder, now, weight, late)
        for step, part in late.items():
            self.delays.count(step, part)

    def learn_call(self, holders: Sequence[Holder], probabilities: Sequence[float], now: float) -> None:
        """A call came now that was each of these holders' with this probability. Shows after `refresh`.

        How late it came stays open, and is found out as other calls come (`delays`); all else is learnt at once.
        """
        late: dict[int, float] = {}
        for holder, probability in zip(holders, probabilities, strict=True):
            if probability >= LEAST_LEARNT:
                self._learn(holder, now, probability, late)
            elif holder.left is not None and holder.left < now:  # many such may outweigh the few, if calls come later
                step = step_of(now - holder.left)
                late[step] = late.get(step, 0.0) + probability
        whole = sum(late.values())
        if whole >= LEAST_DOUBT:
            shares = self.delays.shares
            parts = [(step, part / shares[step]) for step, part in late.items()]
            self.delays.doubt(Case.of(now, max(0.0, 1 - whole), parts))

    def forget_call(self, now: float) -> None:
        """Take back what `learn_call` keeps in doubt of the call at this time; its sums are taken back by whoever
        keeps them apart.
        """
        self.delays.forget(now)

    def vouched(self, stranger: bool) -> None:
        """Somebody said whose call it was: one of the candidates' (who `learn` with weight 1), or a stranger's."""
        self.vouched_calls += 1
        self.stranger_calls += stranger

    def settle(self) -> None:
        """Let what was learnt show, once it is worth a call and a hundredth of all that is known."""
        if self.news >= max(0.99, self.calls / 100):
            self.refresh()

    def refresh(self) -> None:
        """Work out all rates anew."""
        self.calls += self.news
        self.news = 0.0
        self._viewing = {device: self._viewing_rates(device) for device in DEVICES}
        self._untapped = {device: self._untapped_rate(device) for device in DEVICES}
        self._tap = self._tap_rates()
        self._later = self._later_per_visit()
        self._again = _shrunk(self.again_calls, self.called, AGAIN, AGAIN_PRIOR_CALLS)
        share = _shrunk(self.stranger_calls, self.vouched_calls, STRANGERS, STRANGER_PRIOR_CALLS)
        self._strangers = share * (self.calls + 1) / max(self.number_seconds, 86400.0)
        self.delays.refresh()

    def _learn(self, holder: Holder, now: float, weight: float, late: dict[int, float]) -> None:
        """All but the delay, whose steps go to `late` with their weights."""
        self.news += weight
        if holder.called:
            part = self._again_rate(holder, now) / max(self.rate(holder, now), 1e-30)
            self.again_calls += weight * part
            weight *= 1 - part
        self.called += weight
        left = holder.left
        viewing = left is None or left > now
        if holder.tapped is not None and 0 <= now - holder.tapped < TAP_WINDOW:
            self.tapped_calls[holder.device] += weight
            self.after_tap[bisect_right(AFTER_TAP, now - holder.tapped)] += weight
            return
        if holder.earlier:
            weight -= self._learn_earlier(holder, now, weight, late)
        if viewing or left is None:
            self.on_page_calls[holder.device][bisect_right(TIMES_ON_PAGE, now - holder.start)] += weight
        else:
            self._learn_later(left, left - holder.start, now, weight, late)

    def _learn_earlier(self, holder: Holder, now: float, weight: float, late: dict[int, float]) -> float:
        """What earlier visits have of the weight."""
        rates = [self._later_rate(one, now) for one in holder.earlier]
        fresh = Holder("", "", holder.device, holder.start, holder.left)
        whole = self.rate(fresh, now) + sum(rates)
        for (left, seconds), rate in zip(holder.earlier, rates, strict=True):
            self._learn_later(left, seconds, now, weight * rate / whole, late)
        return weight * sum(rates) / whole

    def _learn_later(self, left: float, seconds: float, now: float, weight: float, late: dict[int, float]) -> None:
        self.later_calls[bisect_right(LENGTHS, seconds)] += weight
        step = step_of(now - left)
        late[step] = late.get(step, 0.0) + weight

    def _later_rate(self, visit: tuple[float, float], now: float) -> float:
        """Calls per second after a visit that ended before."""
        left, seconds = visit
        return self._later[bisect_right(LENGTHS, seconds)] * self.delays.density[cell_of(now - left)]

    def _viewing_rates(self, device: str) -> list[float]:
        """Calls without a tap per second of an open page, by the time it has been open."""
        calls, seconds = self.on_page_calls[device], self.on_page_seconds[device]
        base = self._untapped_rate(device)
        worth = SHAPE_PRIOR_CALLS / base
        return [_shrunk(some, spent, base, worth) for some, spent in zip(calls, seconds, strict=True)]

    def _untapped_rate(self, device: str) -> float:
        calls, seconds = sum(self.on_page_calls[device]), sum(self.on_page_seconds[device])
        return _shrunk(calls, seconds, ON_PAGE_RATE * (1 - TAP_SHARE[device]), ON_PAGE_PRIOR_SECONDS)

    def _tap_rates(self) -> list[float]:
        """Calls per second after a tap, by the time since."""
        followed = _shrunk(sum(self.after_tap), self.taps, TAP_CALLS, TAP_PRIOR_CALLS)
        counts = [max(0.0, n) + prior for n, prior in zip(self.after_tap, AFTER_TAP_PRIOR, strict=True)]
        return [
            min(1.0, followed) * count / sum(counts) / width for count, width in zip(counts, _TAP_WIDTHS, strict=True)
        ]

    def _later_per_visit(self) -> list[float]:
        """Later calls per visit, by its length: one level, learnt first, then the shape."""
        expected = sum(visits * interest for visits, interest in zip(self.visits, _INTEREST, strict=True))
        level = _shrunk(sum(self.later_calls), expected, 1.0, LATER_PRIOR_CALLS)
        return [
            _shrunk(calls, visits, level * interest, LENGTH_PRIOR_CALLS / (level * interest))
            for calls, visits, interest in zip(self.later_calls, self.visits, _INTEREST, strict=True)
        ]

    def _again_rate(self, holder: Holder, now: float) -> float:
        return holder.called * self._again * self.delays.density[cell_of(now - holder.called_at)]

    # -- what is stored -----------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Everything learnt, as JSON can hold it; `from_dict` takes it back. All numbers are sums and may be added."""
        kept = {name: getattr(self, name) for name in _SUMS}
        delays = {"steps": self.delays.steps, "cases": self.delays.stored_cases()}
        return deepcopy({"version": VERSION, "calls": self.calls, "news": self.news, **kept, "delays": delays})

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Timing:
        """Take back what `to_dict` gave. Raises `ValueError` for what another version stored."""
        if stored.get("version") != VERSION:
            raise ValueError(f"the timing model is of version {stored.get('version')}, this program reads {VERSION}")
        timing = cls()
        kept = deepcopy(dict(stored))
        for name in (*_SUMS, "calls"):
            setattr(timing, name, kept[name])
        timing.delays.steps = kept["delays"]["steps"]
        timing.delays.take_cases(kept["delays"]["cases"])
        timing.delays.fit()
        timing.refresh()
        return timing


_SUMS = (
    "on_page_calls", "on_page_seconds", "taps", "tapped_calls", "after_tap", "visits", "later_calls", "called",
    "again_calls", "number_seconds", "vouched_calls", "stranger_calls",
)  # fmt: skip


def _shrunk(count: float, exposure: float, prior: float, worth: float) -> float:
    """A rate from a count and what it came from, drawn to the prior as if that had been seen `worth` times as well."""
    return (max(0.0, count) + prior * worth) / (exposure + worth)
