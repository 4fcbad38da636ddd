"""What is usual before a site has taught anything: rates, and how many calls (or seconds of page, or visits) each is
worth. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

DEVICES = ("mobile", "desktop")

ON_PAGE_RATE = 1.5e-4  # calls per second of an open page
ON_PAGE_PRIOR_SECONDS = 20_000.0
SHAPE_PRIOR_CALLS = 5.0  # how many calls it takes to bend the rate for one part of the time on page
TAP_SHARE = {"mobile": 0.95, "desktop": 0.05}
UNTAPPED = {device: ON_PAGE_RATE * (1 - TAP_SHARE[device]) for device in DEVICES}
TAP_PRIOR_CALLS = 5.0
TAP_CALLS = 0.5  # of taps, this share is followed by a call
AFTER_TAP_PRIOR = (1.0, 3.0, 3.0, 1.5, 1.0, 0.5)

LATER_CALLS = 0.01  # later calls per long visit
HALF_INTEREST = 30.0  # a visit of so many seconds calls later half as often as a very long one
LATER_PRIOR_CALLS = 5.0
LENGTH_PRIOR_CALLS = 20.0  # how many it takes to bend the share for visits of one length

SOURCES_VARIANCE = 0.1  # between sources, of how many times as likely their visitors are to call
SOURCES_PRIOR_CALLS = 5.0

AGAIN = 0.05  # further calls of somebody who has called
AGAIN_PRIOR_CALLS = 20.0
STRANGERS = 0.01  # of all calls: people who hold no lease, who had saved the number
STRANGER_PRIOR_CALLS = 100.0


def shrunk(count: float, exposure: float, usual: float, worth: float) -> float:
    """A rate from a count and what it came from, drawn to what is usual as if that had been seen `worth` times."""
    return (max(0.0, count) + usual * worth) / (exposure + worth)


def scaled(counts: Sequence[float], whole: float) -> list[float]:
    """The same counts in proportion, so that they sum to `whole`."""
    found = sum(counts)
    return [count * max(0.0, whole) / found for count in counts] if found > 0 else list(counts)
