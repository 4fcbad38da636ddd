"""Whom is a call credited to, how sure is that, and why? Pure.

Candidates are the visitors who hold or held the dialled number. The timing model says how many calls a second each was
to be expected to place just then, other evidence multiplies that, a share is left for "somebody who had saved the
number", and what comes of it are probabilities: for each visit, and for each source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import fsum

import msgspec

from callspring.pools.holder import Holder, device_class
from callspring.pools.posterior import cautious
from callspring.pools.timing import Timing
from callspring.visits.touch import Source

CERTAIN = 0.9
LIKELY = 0.65
KEPT = 20  # candidates of a verdict; the others count in the sources' probabilities

TAP_SECONDS = 60.0
DESKTOP_TAP = 0.3  # a press on the link seldom places the call where there is no telephone behind it
KNOWN_CALLER = 50.0  # times as likely where this caller called from a visit of theirs before
OTHER_CALLER = 0.8  # of people, this share call from the number that they called from before
SAVED = 10.0  # times as likely that somebody has saved the number who called it before
# The caller's area code against where the visitor is. Weak: people keep their numbers when they move.
AREAS = {"city": 3.0, "region": 2.0, "country": 1.2, "other_region": 0.7, "other_country": 0.4, "": 1.0}


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A visitor who held the dialled number, by their latest visit with it. Times are Unix seconds.

    `left` is None while a page is open. `tapped` is the last press on a `tel:` link with this number. `called` is the
    probability that the visitor has called before, the last time at `called_at`. `earlier` are their visits before with
    this number: when they left, and after how many seconds; the latest first. `exclusive`: nobody else held
    the number from when they were given it until the call. `caller` is the probability, by earlier calls, that the
    caller is their visitor, who last called at `caller_at`; `other_caller` that their visitor calls from another
    number. `area` is a key of `AREAS`. `came_by` names the source that numbers are chosen by, "" where that is not
    known.
    """

    visit: str
    visit_number: int
    visitor: str
    source: Source
    device: str
    start: float
    left: float | None = None
    tapped: float | None = None
    called: float = 0.0
    called_at: float = 0.0
    earlier: tuple[tuple[float, float], ...] = ()
    exclusive: bool = False
    caller: float = 0.0
    caller_at: float = 0.0
    other_caller: float = 0.0
    area: str = ""
    came_by: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason, with seconds before the call where it has a time.

    `tel_click` (pressed the link), `caller_known` (called before from a visit of theirs), `exclusive` (nobody else had
    the number), `viewing` or `left`, `same_city`, `same_region`, `other_region`, `other_country`.
    """

    kind: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its probability (0 to 1) and the evidence, strongest first. `weighed` is the probability before
    caution (`pools.posterior`), for the timing model to learn from.
    """

    candidate: Candidate
    probability: float
    evidence: tuple[Evidence, ...]
    weighed: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The likeliest candidates (`KEPT` at most), the sources with their probabilities, both likeliest first, the share
    of strangers, and the grade: `certain`, `likely`, `ambiguous`, or `unknown`."""

    judged: tuple[Judged, ...]
    sources: tuple[tuple[Source, float], ...]
    stranger: float
    grade: str

    @property
    def best(self) -> Judged | None:
        """The candidate the call is credited to; None where somebody unseen is likelier than any source."""
        return self.judged[0] if self.judged and self.grade != "unknown" else None

    @property
    def source(self) -> tuple[Source, float] | None:
        """The source the call counts for, and its probability."""
        return self.sources[0] if self.sources and self.grade != "unknown" else None


NOBODY = Verdict((), (), 1.0, "unknown")


def judge(
    candidates: Sequence[Candidate], now: float, timing: Timing, *, knows_number: bool = False, tail: float = 0.0
) -> Verdict:
    """Weigh the candidates of a call placed at `now` against each other. Their order does not matter.

    `knows_number`: this caller has called the number before. `tail` is the weight of holders too faint to be named.
    """
    rates = timing.rates([holder(candidate) for candidate in candidates], now)
    weights = [_weight(candidate, rate, now, timing) for candidate, rate in zip(candidates, rates, strict=True)]
    strangers = timing.strangers() * (SAVED if knows_number else 1.0) + tail
    total = fsum([*weights, strangers])  # the same to the last bit in any order
    weighed = [weight / total for weight in weights]
    found = list(zip(cautious(weighed), candidates, weighed, strict=True))
    likeliest = nsmallest(KEPT, found, key=lambda one: (-one[0], -(one[1].left or now), one[1].visit))
    judged = tuple(Judged(one, probability, _evidence(one, now), before) for probability, one, before in likeliest)
    sources = by_source((one.source, probability) for probability, one, _ in found)
    return Verdict(judged, sources, strangers / total, grade(judged, sources, strangers / total))


def by_source(pairs: Iterable[tuple[Source, float]]) -> tuple[tuple[Source, float], ...]:
    """The probability of each source, likeliest first."""
    parts: dict[Source, list[float]] = {}
    for source, probability in pairs:
        parts.setdefault(source, []).append(probability)
    sums = [(source, fsum(found)) for source, found in parts.items()]
    return tuple(sorted(sums, key=lambda pair: (-pair[1], msgspec.structs.astuple(pair[0]))))


def grade(judged: Sequence[Judged], sources: Sequence[tuple[Source, float]], stranger: float) -> str:
    """How sure the visit is; unknown where somebody unseen is likelier than the likeliest source."""
    if not judged or sources[0][1] <= stranger:
        return "unknown"
    return grade_of(judged[0].probability)


def grade_of(probability: float) -> str:
    """The grade of a probability, be it a visit's or a source's."""
    if probability >= CERTAIN:
        return "certain"
    return "likely" if probability >= LIKELY else "ambiguous"


def holder(candidate: Candidate, *, tapped: bool = True) -> Holder:
    """The candidate as the timing model wants it."""
    return Holder(
        candidate.visitor,
        candidate.came_by,
        device_class(candidate.device),
        candidate.start,
        candidate.left,
        candidate.tapped if tapped else None,
        candidate.called,
        candidate.called_at,
        candidate.earlier,
    )


def _weight(candidate: Candidate, rate: float, now: float, timing: Timing) -> float:
    """Calls per second, of which `rate` is what the timing model says. Who the caller is by earlier calls has been
    judged by the area already, and by who else calls from there: neither is weighed twice.
    """
    weight = _with_tap(candidate, rate, now, timing)
    if candidate.other_caller:
        weight *= 1 - OTHER_CALLER * candidate.other_caller
    if candidate.area:
        weight *= AREAS[candidate.area]
    if candidate.caller:
        weight += KNOWN_CALLER * candidate.caller * _rate_of_caller(candidate, now, timing)
    return weight


def _with_tap(candidate: Candidate, rate: float, now: float, timing: Timing) -> float:
    """The rate, of which a press on the link is a smaller part where there is no telephone behind it."""
    if candidate.tapped is None or device_class(candidate.device) != "desktop":
        return rate
    without = timing.rate(holder(candidate, tapped=False), now)
    return without + DESKTOP_TAP * (rate - without)


def _rate_of_caller(candidate: Candidate, now: float, timing: Timing) -> float:
    """Calls per second of somebody who has called, for what they do now, or because of their call before.

    That this caller calls again is known already, so it does not matter that few people do; nor how many of their
    source call. Just after a call the next one says little new: who redials does so for the call before. And a press on
    the link was for the call that followed.
    """
    tapped = candidate.tapped if candidate.tapped is None or candidate.tapped > candidate.caller_at else None
    here = msgspec.structs.replace(candidate, called=0.0, came_by="", tapped=tapped)
    redials = msgspec.structs.replace(candidate, called=1.0, called_at=candidate.caller_at, tapped=None)
    return _with_tap(here, timing.rate(holder(here), now), now, timing) + timing.rate(holder(redials), now)


def _evidence(one: Candidate, now: float) -> tuple[Evidence, ...]:
    found = []
    if one.tapped is not None and now - one.tapped <= TAP_SECONDS:
        found.append(Evidence("tel_click", max(0, round(now - one.tapped))))
    if one.caller >= LIKELY:
        found.append(Evidence("caller_known"))
    if one.exclusive:
        found.append(Evidence("exclusive"))
    viewing = one.left is None or one.left >= now
    found.append(Evidence("viewing") if viewing else Evidence("left", round(now - (one.left or now))))
    if one.area in ("city", "region"):
        found.append(Evidence(f"same_{one.area}"))
    elif one.area.startswith("other_"):
        found.append(Evidence(one.area))
    return tuple(found)
