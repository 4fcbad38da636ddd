"""What the inbox has done later: texts leave, copies are mailed, credits are judged again."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from callspring.calls.flags import judge_again
from callspring.inbox import missed
from callspring.inbox.copies import mail_copy
from callspring.inbox.incoming import became
from callspring.inbox.sending import send_text
from callspring.jobs.registry import GiveUp, Later, job

log = logging.getLogger(__name__)

# The carrier told us of a text before we had written down its name for it, or of a text that another program sent.
UNKNOWN_TEXT = timedelta(minutes=10)


@job("inbox.send_text")
def _send_text(payload: dict[str, Any]) -> None:
    send_text(payload["message"])


@job("inbox.mail_copy")
def _mail_copy(payload: dict[str, Any]) -> None:
    mail_copy(payload["message"], datetime.fromisoformat(payload["asked"]))


@job("inbox.text_became")
def _text_became(payload: dict[str, Any]) -> None:
    if became(payload):
        return
    if timezone.now() - datetime.fromtimestamp(payload["at"], UTC) > UNKNOWN_TEXT:
        raise GiveUp("no text of ours has this name")
    raise Later(2, "our note of this text's name is not written yet")


@job(missed.TELL)
def _tell_missed_call(payload: dict[str, Any]) -> None:
    missed.tell(payload["alert"], payload["call"])


@job(missed.TEXT, tries=1)  # a try whose end nobody saw may have sent it
def _text_missed_call(payload: dict[str, Any]) -> None:
    missed.text(payload["alert"], payload["call"], datetime.fromisoformat(payload["asked"]))


@job("inbox.judge_again")
def _judge_again(payload: dict[str, Any]) -> None:
    judge_again(payload["company"], (payload["caller"], payload["dialled"]))
