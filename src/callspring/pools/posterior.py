"""Whose call is it? Probabilities for each holder, each source, and for strangers, by the timing model. Pure.

The source is judged apart from the visit: when three of four holders came from the same campaign, the campaign may be
sure while the visitor is not.

What is said is a little more cautious than what the model has it: its rates are in doubt themselves, and of several who
may have called the likeliest is the one most likely to be overrated. The model learns from what it has, or it would
take its own caution for evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from callspring.pools.holder import Holder
from callspring.pools.timing import LEAST_LEARNT, Timing

CAUTION = 0.2
WORTH_NAMING = 0.01


@dataclass(frozen=True, slots=True)
class Posterior:
    """`holders` in the order given, with their probabilities beside them; with `stranger` they sum to 1.

    `weighed` are the same before caution, for `learn`.
    """

    holders: Sequence[Holder]
    probabilities: tuple[float, ...]
    stranger: float
    weighed: Sequence[float]

    @property
    def best(self) -> tuple[Holder, float] | None:
        """The likeliest holder and the probability; of equals the one who came last."""
        if not self.holders:
            return None
        most = max(self.probabilities)
        equal = [one for one, probability in zip(self.holders, self.probabilities, strict=True) if probability == most]
        return max(equal, key=lambda one: (one.start, one.visitor)), most

    def sources(self) -> dict[str, float]:
        """The probability of each source."""
        parts: dict[str, list[float]] = {}
        for holder, probability in zip(self.holders, self.probabilities, strict=True):
            parts.setdefault(holder.source, []).append(probability)
        return {source: fsum(found) for source, found in parts.items()}

    @property
    def source(self) -> tuple[str, float] | None:
        """The likeliest source and its probability; None without any holder."""
        found = self.sources()
        return max(found.items(), key=lambda item: (item[1], item[0])) if found else None


def judge(holders: Iterable[Holder], now: float, timing: Timing) -> Posterior:
    """Weigh those who hold or held the dialled number against each other. Their order does not matter."""
    holders = tuple(holders)
    rates = timing.rates(holders, now)
    strangers = timing.strangers()
    whole = fsum([*rates, strangers])  # the same to the last bit in any order
    weighed = [rate / whole for rate in rates]
    return Posterior(holders, tuple(cautious(weighed)), strangers / whole, weighed)


def cautious(weighed: Sequence[float]) -> list[float]:
    """Probabilities of the same sum and order; those worth naming are a little nearer to each other."""
    named = [place for place, probability in enumerate(weighed) if probability >= WORTH_NAMING]
    found = list(weighed)
    if len(named) > 1:
        roots = [sqrt(weighed[place]) for place in named]
        each = fsum(weighed[place] for place in named) / fsum(roots)
        for place, root in zip(named, roots, strict=True):
            found[place] += CAUTION * (each * root - weighed[place])
    return found


def learn(posterior: Posterior, now: float, timing: Timing) -> None:
    """Let the model learn from a credited call, and the holders remember that they may have called."""
    timing.learn_call(posterior.holders, posterior.weighed, now)
    for holder, probability in zip(posterior.holders, posterior.weighed, strict=True):
        if probability >= LEAST_LEARNT:
            mark_called(holder, now, probability)
    timing.settle()


def mark_called(holder: Holder, now: float, probability: float) -> None:
    """The holder has called now, as far as `probability` says."""
    if probability > 0.5 or not holder.called:
        holder.called_at = now
    holder.called = 1 - (1 - holder.called) * (1 - probability)
