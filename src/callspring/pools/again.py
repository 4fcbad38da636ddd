"""How many people call again? Learnt from those of whom it is nearly certain that they called. Pure.

What is learnt decides who is taken for somebody who calls again, so it must not be learnt from that. A caller who was
only guessed teaches nothing; and a further call counts by how likely it would be somebody's second one if no more
people than usual called again.
"""

from __future__ import annotations

from collections.abc import Mapping

from callspring.pools import prior
from callspring.pools.prior import shrunk

SURELY = 0.9  # so surely somebody called whose further calls count


class Again:
    """`callers` who called nearly for certain, and their `further` calls, both sums; `share` shows after `refresh`."""

    def __init__(self) -> None:
        self.callers = self.further = 0.0
        self.share = prior.AGAIN

    def refresh(self) -> None:
        """Work out the share anew."""
        self.share = min(1.0, shrunk(self.further, self.callers, prior.AGAIN, prior.AGAIN_PRIOR_CALLS))

    def learn(self, called: float, first: float, further: float) -> None:
        """A call by somebody who had called with the probability `called`: with that of `further` they did so again,
        with that of `first` they had not yet."""
        if called >= SURELY:
            self.further += _as_usual(further, self.share)
        if first >= SURELY:
            self.callers += first

    def sums(self) -> dict[str, float]:
        """What is counted, to be stored."""
        return {"callers": self.callers, "further": self.further}

    def take(self, sums: Mapping[str, float] | None) -> None:
        """Take back what `sums` gave; nothing, where it was stored when guesses were counted, too."""
        if sums is not None:
            self.callers, self.further = sums["callers"], sums["further"]


def _as_usual(further: float, share: float) -> float:
    """The probability of a further call, if no more than usual called again."""
    usual = min(1.0, prior.AGAIN / share) * further
    return usual / (1 - further + usual) if 0 < further < 1 else further
