"""Copies by e-mail: when one is due, and to whom it goes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from callspring.accounts.models import Membership
from callspring.calls.models import Call, CallStatus, Credit, Flag
from callspring.inbox.letters import letter
from callspring.inbox.models import Message
from callspring.jobs.registry import Later
from callspring.mail.actions import send

log = logging.getLogger(__name__)
Kind = Message.Kind

COPIED = (Kind.CALL, Kind.VOICEMAIL, Kind.TEXT_IN, Kind.FORM)
PATIENCE = timedelta(minutes=5)
# A conversation is worth waiting for; one whose end was never reported is not waited for all day.
LONGEST_TALK = timedelta(hours=2)
LOOK_SECONDS, LOOK_AT_TALK_SECONDS = 3.0, 15.0
# Anybody can send a site's form as often as they like: what is more than this stays in the inbox alone.
MOST_FORMS_AN_HOUR = 60


def mail_copy(message_id: str, asked: datetime) -> None:
    """Mail a message to everybody of the company who wants copies, once.

    A call's copy waits until the call has ended and its credit is final; five minutes after it was `asked` for, or
    after the end, it goes with what is known (raises `Later` until then). Flagged ones are not mailed.
    """
    message = Message.objects.filter(pk=UUID(message_id), mailed_at=None, kind__in=COPIED).first()
    if message is None or _is_apart(message):
        return
    _wait_for(message, asked)
    if message.kind == Kind.FORM and _too_many(message):
        log.warning("company %s gets more forms than are mailed", message.company_id)
        return
    _send(message)


@transaction.atomic
def _send(message: Message) -> None:
    """The copy of a call tells of its voicemail too."""
    unmailed = Message.objects.filter(company=message.company_id, mailed_at=None)
    if not unmailed.filter(pk=message.pk).update(mailed_at=timezone.now()):
        return
    if message.kind == Kind.CALL:
        unmailed.filter(call=message.call, kind=Kind.VOICEMAIL).update(mailed_at=timezone.now())
    members = Membership.objects.filter(company=message.company_id, email_copies=True, user__is_active=True)
    with timezone.override(ZoneInfo(message.company.zone)):
        written = letter(message)
        for member in members.select_related("user").order_by("pk"):
            send(
                member.user.email,
                "inbox/mail/copy",
                {"letter": written, "company": message.company},
                key=f"copy:{message.pk}:{member.user_id}",
            )


def _is_apart(message: Message) -> bool:
    if message.thread.flag:
        return True
    return message.call is not None and Call.objects.filter(pk=message.call).exclude(flag=Flag.NONE).exists()


def _too_many(message: Message) -> bool:
    lately = Message.objects.filter(company=message.company_id, kind=Kind.FORM)
    return lately.filter(mailed_at__gt=timezone.now() - timedelta(hours=1)).count() >= MOST_FORMS_AN_HOUR


def _wait_for(message: Message, asked: datetime) -> None:
    """Raises `Later` while more is to be known soon."""
    waited = timezone.now() - asked
    call = Call.objects.filter(pk=message.call, company=message.company_id).first() if message.call else None
    if message.kind == Kind.VOICEMAIL and waited < PATIENCE and not _told_by_itself(message):
        raise Later(LOOK_SECONDS, "its call's copy will tell of this voicemail")
    if message.kind != Kind.CALL or call is None:
        return
    if call.ended_at is None and call.status == CallStatus.ANSWERED and waited < LONGEST_TALK:
        raise Later(LOOK_AT_TALK_SECONDS, "they are still talking")
    since = max(asked, call.ended_at) if call.ended_at else asked
    if (call.ended_at is None or not _is_final(call)) and timezone.now() - since < PATIENCE:
        raise Later(LOOK_SECONDS, "the call has not ended, or its credit is not final")


def _told_by_itself(voicemail: Message) -> bool:
    """The call's copy has gone already."""
    of_call = Message.objects.filter(company=voicemail.company_id, call=voicemail.call, kind=Kind.CALL)
    return of_call.filter(mailed_at__isnull=False).exists()


def _is_final(call: Call) -> bool:
    return Credit.objects.filter(call=call, current=True, stage=Credit.Stage.FINAL).exists()
