"""Is a call that came in spam? Judged with what the record knows (`callspring.flows.screening`); people have the last
word.

A caller who dials around is only recognised after several calls: then those of the pattern are flagged with it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import NamedTuple

from django.db import DatabaseError, transaction

from callspring.calls.models import Call, CallEvent, CallStatus, Flag
from callspring.carriers.contract import Status
from callspring.flows.screening import Attempt, Known, Screening, Verdict, verdict, within
from callspring.inbox.actions import found_to_be_spam
from callspring.scenarios.screening_rules import screening_of

log = logging.getLogger(__name__)
MOST = 100  # of the caller's calls that are looked at
_OPEN = (CallStatus.RINGING, CallStatus.ANSWERED)


class _Earlier(NamedTuple):
    call: Call
    attempt: Attempt


def screen(call: Call) -> None:
    """Flag the call, and those that make a pattern with it. A fault of ours holds up no call."""
    if call.flag or call.flag_settled or call.status == CallStatus.ANSWERED:
        return
    try:
        with transaction.atomic():
            _screen(call)
    except DatabaseError:
        raise
    except Exception:
        log.exception("call %s cannot be screened", call.pk)


def _screen(call: Call) -> None:
    if not call.caller and not _has_asked(call):
        return
    screening = screening_of(call.company_id)
    earlier = _earlier(call, screening)
    found = verdict(_known(call, earlier), screening)
    if not found.spam:
        return
    with_it = _pattern(call, earlier, found, screening)
    found_to_be_spam([call, *(one for one in with_it if one.pk != call.pk)], list(found.reasons))
    call.flag, call.flag_reasons = Flag.SPAM, list(found.reasons)


def _has_asked(call: Call) -> bool:
    """Its question says who calls; what came before it does not make a caller withheld."""
    return CallEvent.objects.filter(call=call.pk, status=Status.ASKED).exists()


def _known(call: Call, earlier: list[_Earlier]) -> Known:
    attempts = tuple(one.attempt for one in earlier)
    return Known(call.caller, call.started_at.timestamp(), call.attestation, attempts, _is_trusted(call))


def _is_trusted(call: Call) -> bool:
    theirs = Call.objects.filter(company=call.company_id, caller=call.caller, flag=Flag.NONE, flag_settled=True)
    return bool(call.caller) and theirs.exists()


def _earlier(call: Call, screening: Screening) -> list[_Earlier]:
    """This caller's calls that are over, this one included, of the window before it."""
    if not call.caller or not screening.repeat_calls:
        return []
    since = call.started_at - timedelta(minutes=screening.repeat_minutes)
    theirs = Call.objects.filter(
        company=call.company_id, caller=call.caller, started_at__gte=since, started_at__lte=call.started_at
    )
    counting = theirs.exclude(status__in=_OPEN).exclude(flag=Flag.TEST).order_by("-started_at", "-pk")[:MOST]
    return [
        _Earlier(one, Attempt(one.dialled, one.started_at.timestamp(), float(one.duration or 0))) for one in counting
    ]


def _pattern(call: Call, earlier: list[_Earlier], found: Verdict, screening: Screening) -> list[Call]:
    if not any(reason["kind"] == "repeat" for reason in found.reasons):
        return []
    short = within((one.attempt for one in earlier), call.started_at.timestamp(), screening)
    return [one.call for one in earlier if one.attempt in short and not one.call.flag and not one.call.flag_settled]
