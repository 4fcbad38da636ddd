"""A text leaves: at most once, however often the job that sends it is begun.

The text is claimed before the carrier is asked. A claim that is there already is of a try whose end nobody saw: the
text may have left, so a person decides whether to send it again.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.carriers.api import Credentials, Denied, Refused, SentText, Unreachable
from callspring.carriers.contract import Endpoint, TextState
from callspring.carriers.registry import NoApi, api
from callspring.inbox.models import Message
from callspring.inbox.writing import one_line
from callspring.jobs.registry import Later
from callspring.numbers.models import Connection, Number

State = Message.State
TRY_AGAIN_SECONDS = 20.0
# A reply that could not leave for so long answers nothing any more.
PATIENCE_SECONDS = 6 * 3600.0


def send_text(message_id: str) -> None:
    """Send a queued text through its number's carrier. Raises `Later` where the carrier was certainly not reached."""
    waiting = Message.objects.filter(pk=UUID(message_id), kind=Message.Kind.TEXT_OUT, state=State.QUEUED)
    if not waiting.filter(sending_since=None).update(sending_since=timezone.now()):
        waiting.update(state=State.FAILED, error=_uncertain(), sending_since=None)
        return
    message = Message.objects.select_related("thread", "number__connection").get(pk=UUID(message_id))
    number = message.number
    if number is None:
        _fail(message, _("This text has no number to go out through."))
        return
    try:
        sent = _ask(message, number)
    except Unreachable as trouble:
        if trouble.perhaps_done:
            _fail(message, _uncertain())
            return
        _wait(message, trouble)
    except (Refused, Denied) as no:
        _fail(message, str(no))
    except NoApi:
        _fail(message, _("Texts cannot be sent through this carrier."))
    else:
        _note(message, sent)


def _ask(message: Message, number: Number) -> SentText:
    connection = number.connection
    return api(connection.carrier, settings.CONFIG).send_text(
        Credentials(connection.account, connection.secret),
        sender=number.e164,
        to=message.thread.contact,
        body=message.body,
        events=_events_address(connection),
    )


def _events_address(connection: Connection) -> str:
    return f"{settings.CONFIG.doors_url}/voice/{connection.carrier}/{connection.pk}/{Endpoint.TEXT_EVENTS}"


def _note(message: Message, sent: SentText) -> None:
    """Sent, and maybe more by now: the carrier's own words only move the state forward."""
    ours = Message.objects.filter(pk=message.pk)
    ours.update(carrier_text_id=sent.carrier_text_id[:100], sending_since=None)
    reached = sent.state if sent.state is not TextState.QUEUED else TextState.SENT
    if reached is TextState.FAILED:
        _fail(message, _("The carrier took this text and could not deliver it."))
    else:
        ours.filter(state__in=(State.QUEUED, State.FAILED)).update(state=reached.value, error="")


def _fail(message: Message, why: str) -> None:
    failed = Message.objects.filter(pk=message.pk, state=State.QUEUED)
    failed.update(state=State.FAILED, error=one_line(why, 200), sending_since=None)


def _wait(message: Message, trouble: Unreachable) -> None:
    """Back to the queue, unless that has gone on for too long."""
    if (timezone.now() - message.at).total_seconds() > PATIENCE_SECONDS:
        _fail(message, str(trouble))
        return
    Message.objects.filter(pk=message.pk, state=State.QUEUED).update(sending_since=None)
    raise Later(max(TRY_AGAIN_SECONDS, trouble.retry_after or 0.0), str(trouble))


def _uncertain() -> str:
    return _("The connection to the carrier broke, so it is uncertain whether this text was sent. Retry by hand.")
