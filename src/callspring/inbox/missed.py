"""Somebody called and nobody answered: the people who asked for it are told, soon, and not again and again.

1. `call_ended` when a call is over and nobody at the business answered: one job per alert that means its number.
2. `tell` some seconds later, when stragglers are in; outside the alert's hours it waits for them.
3. Mail by the mail part; texts by a job of their own, which leave at most once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, Membership, User
from callspring.accounts.roles import Verb, permits
from callspring.calls import words
from callspring.calls.models import Call, CallStatus, Flag, Recording
from callspring.carriers.api import CarrierProblem, Credentials, Unreachable
from callspring.carriers.contract import Endpoint
from callspring.carriers.registry import NoApi, api
from callspring.flows.hours import is_open
from callspring.flows.steps import Hours, Opening
from callspring.inbox.missed_models import AlertSent, MissedCallAlert
from callspring.inbox.replying import can_text
from callspring.inbox.writing import one_line
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import GiveUp, Later
from callspring.mail.actions import send
from callspring.numbers.models import Number

log = logging.getLogger(__name__)

TELL, TEXT = "inbox.tell_missed_call", "inbox.text_missed_call"
STRAGGLERS = timedelta(seconds=10)  # that somebody answered may be reported after the call's end
NEWS = timedelta(days=1)
MOST = 50  # alerts of a company
STEP = timedelta(minutes=15)  # in which the next time to tell is looked for
FARTHEST = timedelta(days=8)
TEXT_PATIENCE = timedelta(hours=1)
LONGEST_TEXT = 300  # characters
OPEN = (CallStatus.RINGING, CallStatus.ANSWERED)


def alerts(company: Company) -> QuerySet[MissedCallAlert]:
    """The company's alerts, the oldest first."""
    found = MissedCallAlert.objects.filter(company=company).select_related("user", "number")
    return found.order_by("pk")


def call_ended(call: Call) -> None:
    """A call changed: have it told if it was missed. Asking again is asking once."""
    if not _is_missed(call) or timezone.now() - call.started_at > NEWS:
        return
    wanted = MissedCallAlert.objects.filter(Q(number=None) | Q(number=call.number_id), company=call.company_id)
    for alert in wanted.values_list("pk", flat=True):
        key = f"missed:{alert}:{call.pk}"
        enqueue(TELL, {"alert": alert, "call": str(call.pk)}, key=key, run_at=timezone.now() + STRAGGLERS)


def tell(alert_id: int, call_id: str) -> None:
    """Tell one person of one call, unless it was answered after all, is spam, or they have just heard of the caller.

    Raises `Later` outside the alert's hours.
    """
    alert = MissedCallAlert.objects.filter(pk=alert_id).select_related("company", "user", "number").first()
    call = Call.objects.filter(pk=UUID(call_id)).select_related("number").first()
    if alert is None or call is None or call.company_id != alert.company_id or not _may_know(alert):
        return
    if not _is_missed(call) or _was_reached_since(call):
        return
    _wait_for_hours(alert, timezone.now())
    with transaction.atomic():
        if _is_their_turn(alert, call, timezone.now()):
            _send(alert, call)


def text(alert_id: int, call_id: str, asked: datetime) -> None:
    """Send the text. Where it may have left it is not sent again; raises `Later` where it certainly has not."""
    alert = MissedCallAlert.objects.filter(pk=alert_id).exclude(text_to="").select_related("company").first()
    call = Call.objects.filter(pk=UUID(call_id)).select_related("number__connection").first()
    if alert is None or call is None:
        return
    number = _sender(alert.company, call)
    if number is None:
        raise GiveUp("none of the company's numbers can send texts")
    if timezone.now() - asked > TEXT_PATIENCE:
        raise GiveUp("the carrier could not be reached for an hour; the text would be no news any more")
    try:
        _text(number, alert.text_to, in_words(alert, call))
    except Unreachable as trouble:
        if trouble.perhaps_done:
            raise GiveUp(str(trouble)) from None
        raise Later(max(20.0, trouble.retry_after or 0.0), str(trouble)) from None
    except (CarrierProblem, NoApi) as no:
        raise GiveUp(str(no)) from None


def in_words(alert: MissedCallAlert, call: Call) -> str:
    """The text message: who called which number when, and where to look."""
    with timezone.override(ZoneInfo(alert.company.zone)):
        at = timezone.localtime(call.started_at)
    said = _("Missed call from %(caller)s at %(time)s to %(number)s.") % {
        "caller": one_line(caller_of(call), 60),
        "time": f"{at:%H:%M}",
        "number": words.phone(call.dialled),
    }
    return f"{said} {link(call)}"[:LONGEST_TEXT]


def caller_of(call: Call) -> str:
    """Who called, for people."""
    return f"{call.caller_name}, {words.phone(call.caller)}" if call.caller_name else words.phone(call.caller)


def link(call: Call) -> str:
    """The call's page."""
    return f"{settings.CONFIG.console_url}/calls/{call.pk}/"


def hours_of(alert: MissedCallAlert) -> Hours:
    """When they want to be told, as a flow's opening hours."""
    opening = Opening(tuple(alert.days), alert.start, alert.end)
    return Hours(1, alert.company.zone, (opening,))


def _is_missed(call: Call) -> bool:
    return call.status not in OPEN and call.answered_at is None and call.flag == Flag.NONE


def _was_reached_since(call: Call) -> bool:
    """The same caller got through in a later call: nobody needs to call back."""
    later = Call.objects.filter(company=call.company_id, caller=call.caller, started_at__gt=call.started_at)
    return bool(call.caller) and later.filter(answered_at__isnull=False).exists()


def _may_know(alert: MissedCallAlert) -> bool:
    """They may have left the company, or changed their role, since."""
    member = Membership.objects.filter(user=alert.user_id, company=alert.company_id, user__is_active=True).first()
    return member is not None and permits(member.role, Verb.SEE_CALLS)


def _wait_for_hours(alert: MissedCallAlert, now: datetime) -> None:
    hours = hours_of(alert)
    if is_open(hours, now):
        return
    at = now
    while not is_open(hours, at):
        at += STEP
        if at - now > FARTHEST:
            raise GiveUp("this alert has no hours in which it is told")
    raise Later(max(60.0, (at - now).total_seconds() - STEP.total_seconds() / 2), "these are quiet hours")


def _is_their_turn(alert: MissedCallAlert, call: Call, now: datetime) -> bool:
    """Whether they may hear of this caller now, and write down that they do: the same row decides for all workers."""
    caller = call.caller or str(call.pk)
    told = AlertSent.objects.filter(alert=alert, caller=caller)
    if told.filter(at__lte=now - timedelta(minutes=alert.rest_minutes)).update(at=now):
        return True
    if told.exists():
        return False
    try:
        with transaction.atomic():
            AlertSent.objects.create(alert=alert, caller=caller, at=now)
    except IntegrityError:
        return False
    return True


def _send(alert: MissedCallAlert, call: Call) -> None:
    if alert.by_mail:
        with timezone.override(ZoneInfo(alert.company.zone)):
            send(alert.user.email, "inbox/mail/missed", _letter(alert, call), key=f"missed:{alert.pk}:{call.pk}")
    if alert.text_to:
        payload = {"alert": alert.pk, "call": str(call.pk), "asked": timezone.now().isoformat()}
        enqueue(TEXT, payload, key=f"missed-text:{alert.pk}:{call.pk}")


def _letter(alert: MissedCallAlert, call: Call) -> dict[str, object]:
    voicemail = Recording.objects.filter(company=call.company_id, call=call.pk, kind=Recording.Kind.VOICEMAIL)
    return {
        "company": alert.company,
        "caller": caller_of(call),
        "dialled": words.phone(call.dialled),
        "status": call.get_status_display(),
        "started_at": call.started_at,
        "scenario": call.scenario.name if call.scenario else "",
        "voicemail": voicemail.exclude(state=Recording.State.ABSENT).exists(),
        "link": link(call),
        "settings": f"{settings.CONFIG.console_url}/settings/calls/#missed",
        "why": _("You get this mail because missed calls of %(company)s are told to you.") % {"company": alert.company},
    }


def _sender(company: Company, call: Call) -> Number | None:
    """The number that was called, if it can text, else another one of the company's."""
    if call.number is not None and can_text(call.number):
        return call.number
    ours: QuerySet[Number] = Number.objects.filter(company=company, state=Number.State.ACTIVE, can_text=True)
    found = ours.select_related("connection").order_by("pk")
    return next((number for number in found.iterator(chunk_size=100) if can_text(number)), None)


def _text(number: Number, to: str, body: str) -> None:
    connection = number.connection
    api(connection.carrier, settings.CONFIG).send_text(
        Credentials(connection.account, connection.secret),
        sender=number.e164,
        to=to,
        body=body,
        events=f"{settings.CONFIG.doors_url}/voice/{connection.carrier}/{connection.pk}/{Endpoint.TEXT_EVENTS}",
    )


def people(company: Company) -> Sequence[User]:
    """Everybody of the company who may be told: who may see calls."""
    members = Membership.objects.filter(company=company, user__is_active=True).select_related("user").order_by("pk")
    return [member.user for member in members if permits(member.role, Verb.SEE_CALLS)]
