"""What was ingested goes on to the inbox. A fault there holds up nothing: a job tries again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from callspring.calls.models import Call, Recording
from callspring.inbox.incoming import (
    call_arrived,
    form_sent,
    text_arrived,
    text_became,
    text_owed,
    voicemail_left,
)
from callspring.jobs.actions import enqueue
from callspring.records import Record, TextBecame, TextOwed, TextSaid, VisitorDid, decode, encode
from callspring.visits.private import FORM_EVENT

log = logging.getLogger(__name__)

KIND = "ingest.hand_over"
Subject = Call | Recording | TextSaid | TextBecame | TextOwed | VisitorDid


def hand_over(subject: Subject) -> None:
    """Tell the inbox of one thing, now or later. Raises `DatabaseError` when the database cannot take anything now."""
    try:
        with transaction.atomic():
            _tell(subject)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("the inbox did not take a %s; it is tried again", type(subject).__name__)
        hand_over_later(subject)


def hand_over_later(subject: Subject) -> None:
    """Have a job tell the inbox."""
    enqueue(KIND, _named(subject))


def is_for_the_inbox(record: Record) -> bool:
    """Whether the inbox wants to hear of this record itself (not of what became of it)."""
    if isinstance(record, VisitorDid):
        return record.name == FORM_EVENT
    return isinstance(record, TextSaid | TextBecame | TextOwed)


def hand_over_again(payload: dict[str, Any]) -> None:
    """What was left for later. A thing that is gone meanwhile needs it no more."""
    subject = _FOUND[payload["what"]](payload["which"])
    if subject is not None:
        with transaction.atomic():  # a message without its copy by mail would not be news the next time
            _tell(subject)


def _tell(subject: Subject) -> None:
    match subject:
        case Call():
            call_arrived(subject)
        case Recording():
            voicemail_left(subject)
        case TextSaid():
            text_arrived(subject)
        case TextBecame():
            text_became(subject)
        case TextOwed():
            text_owed(subject)
        case VisitorDid():
            form_sent(subject)


def _named(subject: Subject) -> dict[str, str]:
    match subject:
        case Call():
            return {"what": "call", "which": str(subject.pk)}
        case Recording():
            return {"what": "recording", "which": str(subject.pk)}
        case _:
            return {"what": "record", "which": encode(subject).decode()}


def _decoded(text: str) -> Subject | None:
    kinds = TextSaid | TextBecame | TextOwed | VisitorDid
    return next((record for record in decode(text.encode()) if isinstance(record, kinds)), None)


_FOUND: dict[str, Callable[[str], Subject | None]] = {
    "call": lambda which: Call.objects.filter(pk=which).first(),
    "recording": lambda which: Recording.objects.filter(pk=which).first(),
    "record": _decoded,
}
