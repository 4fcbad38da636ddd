"""When people call: one model for which number to give, whom to credit and how many numbers to hold (P1). Pure.

A visit may lead to a call **while the page is open**, at a rate that depends on the device and on the time on the page;
on a phone most of these follow a press on the `tel:` link by seconds. Or it may lead to one **later**: how often
depends on how long the visit was, how much later on a heavy-tailed curve (`delays`). The visits of one visitor add
up. All of this by how likely visitors of their source are to call (`sources`). Whoever called may call again. And what
would come while a business is closed waits until it opens (`hours`).

Everything starts from a prior and is learnt from each credited call by the probabilities of its candidates: certain
calls alone would teach the model that people call at once. What is learnt is a handful of sums, to which any call can
be added and from which it can be taken back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from math import inf
from typing import Any

from callspring.pools import prior
from callspring.pools.again import Again
from callspring.pools.delays import Delays, cell_of, step_of
from callspring.pools.doubts import LATER, Case, Doubts, Found, Rates, Sure
from callspring.pools.holder import Holder
from callspring.pools.hours import Hours
from callspring.pools.prior import DEVICES, scaled, shrunk
from callspring.pools.sources import NEARLY_CERTAIN, nobody_yet, place_of, times_as_likely
from callspring.pools.taps import part_after, rates_after

VERSION = 5
READABLE = (3, 4, VERSION)  # of 3 nothing is known by source; of 4 nothing by hour, nor for certain who called again

TIMES_ON_PAGE = (10.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0)
LENGTHS = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)
LEAST_LEARNT = 1e-4
LEAST_DOUBT = 0.01

_LENGTH_MIDDLES = (5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 1280.0)
_INTEREST = tuple(prior.LATER_CALLS * middle / (middle + prior.HALF_INTEREST) for middle in _LENGTH_MIDDLES)
_SPANS = tuple(pairwise((0.0, *TIMES_ON_PAGE, inf)))


class Timing:
    """The learnt model of one site."""

    def __init__(self) -> None:
        self.on_page_calls = {device: [0.0] * (len(TIMES_ON_PAGE) + 1) for device in DEVICES}
        self.on_page_seconds = {device: [0.0] * (len(TIMES_ON_PAGE) + 1) for device in DEVICES}
        self.tapped_calls = dict.fromkeys(DEVICES, 0.0)
        self.taps = 0.0
        self.after_tap = [0.0] * len(prior.AFTER_TAP_PRIOR)
        self.visits = [0.0] * (len(LENGTHS) + 1)
        self.later_calls = [0.0] * (len(LENGTHS) + 1)
        self.source_calls, self.source_visits = nobody_yet(), nobody_yet()
        self.callers = Again()
        self.number_seconds = 0.0
        self.vouched_calls = self.stranger_calls = 0.0
        self.delays = Delays()
        self.hours = Hours()
        self.doubts = Doubts()
        self.level = 1.0  # later calls, of those who usually call later
        self.calls = self.news = 0.0
        self.refresh()

    # -- what the model says ------------------------------------------------------------------------------------

    def rate(self, holder: Holder, now: float) -> float:
        """Calls per second to be expected from this holder now."""
        left = holder.left
        if left is None or left > now:
            rate = self._viewing[holder.device][bisect_right(TIMES_ON_PAGE, now - holder.start)]
        else:
            rate = self._later_rate((left, left - holder.start), now)
        for one in holder.earlier:
            rate += self._later_rate(one, now)
        rate *= self.times[place_of(holder.source)]
        part = part_after(holder.tapped, now)
        tap = 0.0 if part is None else self._tap[part]
        if not holder.called:
            return rate + tap
        if holder.tapped is not None and holder.tapped <= holder.called_at:  # that call was what the press was for
            tap *= 1.0 - holder.called
        return (1.0 - holder.called) * rate + tap + self._again_rate(holder, now)

    def rates(self, holders: Sequence[Holder], now: float) -> list[float]:
        """`rate` of each; quicker for many who just left."""
        later, times, density = self.later_by_length, self.times, self.delays.density
        per_second, waiting = self.delays.per_second, self.hours.waiting(now)
        found = []
        for holder in holders:
            left = holder.left
            if left is None or left > now or holder.called or holder.earlier or holder.tapped is not None:
                found.append(self.rate(holder, now))
            else:
                rate = density[cell_of(now - left)] if waiting is None else per_second(now - left, waiting)
                found.append(rate * later[bisect_right(LENGTHS, left - holder.start)] * times[place_of(holder.source)])
        return found

    def strangers(self) -> float:
        """Calls per second to one number from people who hold no lease."""
        return self._strangers

    def untapped(self, device: str) -> float:
        """Calls per second of an open page that no press on a `tel:` link precedes."""
        return self.untapped_by_device[device]

    def later(self, seconds: float) -> float:
        """Calls to be expected, all in all, after a visit of this length has ended."""
        return self.later_by_length[bisect_right(LENGTHS, seconds)]

    def still(self, seconds: float) -> float:
        """Of the later calls, the share yet to come so long after leaving. Falls from 1, never rises."""
        return self.delays.still[cell_of(seconds)]

    def remaining(self, holder: Holder, now: float) -> float:
        """Later calls still to be expected from a holder."""
        left = now if holder.left is None else holder.left
        rest = self.later(left - holder.start) * self.still(now - left)
        for earlier, seconds in holder.earlier:
            rest += self.later(seconds) * self.still(now - earlier)
        rest *= self.times[place_of(holder.source)]
        if holder.called:
            return (1 - holder.called) * rest + holder.called * self.again * self.still(now - holder.called_at)
        return rest

    # -- what it learns -----------------------------------------------------------------------------------------

    def visit_ended(self, holder: Holder, seconds: float) -> None:
        """A visit of this length: so much time in which a call could have come; not while the business is closed."""
        length = bisect_right(LENGTHS, seconds)
        self.visits[length] += 1
        ended = holder.start + seconds if holder.left is None else holder.left
        self.hours.visited(ended, _INTEREST[length])
        if self.hours.is_closed(ended):
            return
        self.source_visits[holder.device][place_of(holder.source)] += _INTEREST[length]
        spent = self.on_page_seconds[holder.device]
        for part, (since, until) in enumerate(_SPANS):
            if seconds <= until:
                spent[part] += seconds - since
                break
            spent[part] += until - since
        if holder.tapped is not None:
            self.taps += 1

    def time_passed(self, number_seconds: float) -> None:
        """So many numbers times seconds in which strangers could have called."""
        self.number_seconds += number_seconds

    def learn(self, holder: Holder, now: float, weight: float) -> None:
        """The call now was this holder's, as far as `weight` says (1: somebody vouched). Shows after `refresh`."""
        found = Found()
        self.hours.called(now, weight)
        self._learn(holder, now, weight, found)
        for step, part in found.late.items():
            self.delays.steps[step] += part
        self.doubts.news += 1

    def learn_call(self, holders: Sequence[Holder], probabilities: Sequence[float], now: float) -> None:
        """A call came now that was each of these holders' with this probability. Shows after `refresh`.

        What may have been a later call stays open, and is found out as other calls come (`doubts`).
        """
        found = Found()
        self.hours.called(now, 1.0)
        faint, late, waiting = 0.0, found.late, self.hours.waiting(now)
        for holder, probability in zip(holders, probabilities, strict=True):
            if probability >= LEAST_LEARNT:
                self._learn(holder, now, probability, found)
            elif (left := holder.left) is not None and left < now:  # many such may outweigh the few, if calls come late
                faint += probability
                if waiting is None:  # quicker so for many
                    step = step_of(now - left)
                    late[step] = late.get(step, 0.0) + probability
                else:
                    found.add_late(self.delays.by_step(now - left, waiting), probability)
        later = sum(late.values())
        if later >= LEAST_DOUBT:
            rates, rest = self._rates(), max(0.0, 1 - later - sum(found.viewing))
            parts = [(step, part / rates.shares[step] / rates.level) for step, part in late.items()]
            viewing = [part / rate for part, rate in zip(found.viewing, rates.viewing, strict=True)]
            self.doubts.add(Case.of(now, rest, viewing, parts, (*found.viewing, later - faint)), rates)

    def forget_call(self, now: float) -> None:
        """Take back what `learn_call` keeps in doubt of the call then; its sums are for whoever keeps them apart."""
        self.doubts.forget(now)

    def vouched(self, stranger: bool) -> None:
        """Somebody said whose call it was: one of the candidates' (who `learn` with weight 1), or a stranger's."""
        self.vouched_calls += 1
        self.stranger_calls += stranger

    def settle(self) -> None:
        """Let what was learnt show, once it is worth a call and a hundredth of all that is known."""
        if self.news >= max(0.99, self.calls / 100):
            self.refresh()
        elif self.hours.is_due():
            self._know_hours()

    def refresh(self) -> None:
        """Work out all rates anew."""
        self.calls += self.news
        self.news = 0.0
        self.times = times_as_likely(self.source_calls, self.source_visits)
        self._tap = rates_after(self.after_tap, self.taps)
        self.callers.refresh()
        self.again = self.callers.share
        share = shrunk(self.stranger_calls, self.vouched_calls, prior.STRANGERS, prior.STRANGER_PRIOR_CALLS)
        self._strangers = share * (self.calls + 1) / max(self.number_seconds, 86400.0)
        self._work_out()
        if self.doubts.is_due():
            self.fit()

    def fit(self) -> None:
        """Find what explains the doubtful calls best."""
        self.delays.take_shares(self.doubts.fit(self._sure(), self._rates()).shares)
        self._work_out()
        self._know_hours()

    def _know_hours(self) -> None:
        later = self._sure().calls[LATER] + self.doubts.moved[LATER]
        self.hours.work_out(min(1.0, max(0.0, later / max(1.0, self.calls))), self.still)

    def _work_out(self) -> None:
        """The rates of calls from the page and later, by all that is counted and worked out of doubtful calls."""
        sure = self._sure()
        found = [calls + moved for calls, moved in zip(sure.calls, self.doubts.moved, strict=True)]
        self.untapped_by_device = {
            device: shrunk(found[kind], sure.exposure[kind], prior.UNTAPPED[device], prior.ON_PAGE_PRIOR_SECONDS)
            for kind, device in enumerate(DEVICES)
        }
        self._viewing = {device: self._viewing_rates(device, found[kind]) for kind, device in enumerate(DEVICES)}
        self.level = shrunk(found[LATER], sure.exposure[LATER], 1.0, prior.LATER_PRIOR_CALLS)
        self.later_by_length = self._later_per_visit(found[LATER])

    def _sure(self) -> Sure:
        """Calls by where they came from, doubtful ones as they were taken at once."""
        calls = [*(sum(self.on_page_calls[device]) for device in DEVICES), sum(self.later_calls)]
        usual = sum(visits * interest for visits, interest in zip(self.visits, _INTEREST, strict=True))
        return Sure(
            [known + more for known, more in zip(calls, self.doubts.more, strict=True)],
            [*(sum(self.on_page_seconds[device]) for device in DEVICES), usual],
            self.delays.steps,
        )

    def _rates(self) -> Rates:
        return Rates(tuple(self.untapped_by_device[device] for device in DEVICES), self.level, self.delays.shares)

    def _learn(self, holder: Holder, now: float, weight: float, found: Found) -> None:
        """All but the delay, whose steps go to `found` with their weights."""
        self.news += weight
        again = self._again_rate(holder, now) / max(self.rate(holder, now), 1e-30) if holder.called else 0.0
        self.callers.learn(holder.called, weight * (1 - again), weight * again)
        weight *= 1 - again
        left = holder.left
        viewing = left is None or left > now
        tapped = part_after(holder.tapped, now)
        if weight >= NEARLY_CERTAIN and (viewing or tapped is not None):
            self.source_calls[holder.device][place_of(holder.source)] += weight
        if tapped is not None:
            self.tapped_calls[holder.device] += weight
            self.after_tap[tapped] += weight
            return
        if holder.earlier:
            weight -= self._learn_earlier(holder, now, weight, found)
        if viewing or left is None:
            self.on_page_calls[holder.device][bisect_right(TIMES_ON_PAGE, now - holder.start)] += weight
            found.viewing[DEVICES.index(holder.device)] += weight
        else:
            self._learn_later(left, left - holder.start, now, weight, found)

    def _learn_earlier(self, holder: Holder, now: float, weight: float, found: Found) -> float:
        """What earlier visits have of the weight; whose source they were makes no difference."""
        rates = [self._later_rate(one, now) for one in holder.earlier]
        fresh = Holder("", "", holder.device, holder.start, holder.left)
        whole = self.rate(fresh, now) + sum(rates)
        for (left, seconds), rate in zip(holder.earlier, rates, strict=True):
            self._learn_later(left, seconds, now, weight * rate / whole, found)
        return weight * sum(rates) / whole

    def _learn_later(self, left: float, seconds: float, now: float, weight: float, found: Found) -> None:
        self.later_calls[bisect_right(LENGTHS, seconds)] += weight
        found.add_late(self.delays.by_step(now - left, self.hours.waiting(now)), weight)

    def _later_rate(self, visit: tuple[float, float], now: float) -> float:
        """Calls per second after a visit that ended before."""
        left, seconds = visit
        density = self.delays.per_second(now - left, self.hours.waiting(now))
        return self.later_by_length[bisect_right(LENGTHS, seconds)] * density

    def _viewing_rates(self, device: str, found: float) -> list[float]:
        """Calls without a tap per second of an open page, by the time it has been open; `found` are all such calls."""
        calls, base = scaled(self.on_page_calls[device], found), self.untapped_by_device[device]
        worth = prior.SHAPE_PRIOR_CALLS / base
        return [
            shrunk(some, spent, base, worth) for some, spent in zip(calls, self.on_page_seconds[device], strict=True)
        ]

    def _later_per_visit(self, found: float) -> list[float]:
        """Later calls per visit, by its length: one level, learnt first, then the shape; `found` are all such calls."""
        calls, level = scaled(self.later_calls, found), self.level
        return [
            shrunk(some, visits, level * interest, prior.LENGTH_PRIOR_CALLS / (level * interest))
            for some, visits, interest in zip(calls, self.visits, _INTEREST, strict=True)
        ]

    def _again_rate(self, holder: Holder, now: float) -> float:
        """Calls per second of who may have called, again: as late as others, or from the page that is open still."""
        rate = self.delays.per_second(now - holder.called_at, self.hours.waiting(now))
        if holder.left is None or holder.left > now:
            rate += self._viewing[holder.device][bisect_right(TIMES_ON_PAGE, now - holder.start)]
        return holder.called * self.again * rate

    # -- what is stored -----------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Everything learnt, as JSON can hold it; `from_dict` takes it back. All numbers are sums and may be added."""
        kept = {name: getattr(self, name) for name in _SUMS}
        steps, doubts = self.delays.steps, self.doubts
        delays = {"steps": steps, "evidence": doubts.evidence, "more": doubts.more, "cases": doubts.stored()}
        own = {"version": VERSION, "calls": self.calls, "news": self.news, "again": self.callers.sums()}
        return deepcopy({**own, **kept, "hours": self.hours.sums(), "delays": delays})

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Timing:
        """Take back what `to_dict` gave, in any of the `READABLE` versions. Raises `ValueError` for others."""
        if stored.get("version") not in READABLE:
            raise ValueError(f"the timing model is of version {stored.get('version')}, this program reads {VERSION}")
        timing = cls()
        kept = deepcopy(dict(stored))
        for name in (*_SUMS, "calls"):
            setattr(timing, name, kept[name] if name in kept else getattr(timing, name))
        delays = kept["delays"]
        timing.delays.steps = delays["steps"]
        timing.doubts.evidence, timing.doubts.more = delays["evidence"], delays["more"]
        timing.doubts.take(delays["cases"])
        timing.hours.take(kept.get("hours"))
        timing.callers.take(kept.get("again"))
        timing.refresh()
        timing.fit()
        return timing


_OF_PAGES = ("on_page_calls", "on_page_seconds", "taps", "tapped_calls", "after_tap", "source_calls", "source_visits")
_OF_CALLERS = ("visits", "later_calls", "number_seconds")
_SUMS = (*_OF_PAGES, *_OF_CALLERS, "vouched_calls", "stranger_calls")
