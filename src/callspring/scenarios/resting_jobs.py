"""Rests end by themselves, and numbers on their way back to a carrier arrive there."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from callspring.carriers.api import CarrierProblem
from callspring.jobs.registry import every, job
from callspring.numbers.actions import finish_releases, release
from callspring.numbers.models import Number
from callspring.scenarios.membership import end_rests
from callspring.scenarios.publishing import publish_surely

log = logging.getLogger(__name__)

END_RESTS, FINISH_RELEASES = "scenarios.end_rests", "scenarios.finish_releases"
END_EVERY, FINISH_EVERY = 600.0, 120.0  # seconds


@job(END_RESTS)
def _end_rests(_payload: dict[str, Any]) -> None:
    """Numbers become free, or are given back."""
    _publish([number for number in end_rests(timezone.now()) if _given_back(number)])


@job(FINISH_RELEASES)
def _finish_releases(_payload: dict[str, Any]) -> None:
    """A carrier's answer got lost, or we died before it came."""
    _publish(finish_releases(timezone.now()))


def _given_back(number: Number) -> bool:
    try:
        release(number)
    except (CarrierProblem, ValueError) as problem:  # a scenario has taken it, or it is tried again the next time
        log.warning("number %s is not given back: %s", number.pk, problem)
        return False
    return True


def _publish(gone: list[Number]) -> None:
    for company in sorted({number.company_id for number in gone}):
        publish_surely(company)


every(END_EVERY, END_RESTS)
every(FINISH_EVERY, FINISH_RELEASES)
