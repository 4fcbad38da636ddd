"""What comes from outside finds its thread. Called by the ingester inside its transaction.

Each of these may be called again with the same, and in any order: once and in order is what remains.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from callspring.accounts.models import Company
from callspring.calls.models import Call, Flag, Recording
from callspring.carriers.contract import TextState
from callspring.ids import derived_id
from callspring.inbox import finding, missed
from callspring.inbox.forms import read_form
from callspring.inbox.models import Message, Thread
from callspring.inbox.replying import CannotReply, sender, texts_reach
from callspring.inbox.writing import one_line, written
from callspring.jobs.actions import enqueue
from callspring.numbers.models import Number
from callspring.records import TextBecame, TextOwed, TextSaid, VisitorDid
from callspring.visits.private import FORM_EVENT

LONGEST_TEXT = 1_600
MOST_MEDIA = 10
LONGEST_ADDRESS = 500
# What is older when it comes in (a demo's history, a recovered spool) is put into its thread, but nobody needs a mail.
NEWS = timedelta(days=1)
# "Sorry we missed you" hours later, or after each of three tries, is worse than nothing.
TEXT_BACK_LATEST = timedelta(minutes=30)
TEXT_BACK_REST = timedelta(hours=1)

log = logging.getLogger(__name__)


def call_arrived(call: Call) -> None:
    """A call came in, or changed: one message per call, in the caller's thread.

    A flagged thread flags its new call; a test or spam call that begins a thread flags the thread. Writes the call's
    flag.
    """
    thread, new = finding.of_call(call.company_id, call.pk, call.caller, call.started_at)
    if new and call.flag and not thread.flag:
        finding.put_apart(thread, call.flag)
    about = {"call": call.pk, "number_id": call.number_id}
    message, first = _message(thread, "call", str(call.pk), Message.Kind.CALL, call.started_at, **about)
    finding.happened(thread, call.started_at)
    if first:  # who flags the thread now waits for us and finds the call; who just did has not found it
        thread.refresh_from_db(fields=["flag"])
    if first and thread.flag and not call.flag:
        call.flag = thread.flag
        Call.objects.filter(pk=call.pk).update(flag=call.flag)
    if message.thread_id != thread.pk or message.at != call.started_at:
        Message.objects.filter(pk=message.pk).update(thread=thread, at=call.started_at)
    if call.number_id:
        Message.objects.filter(company=call.company_id, call=call.pk, number=None).update(number=call.number_id)
    finding.call_it(thread, one_line(call.caller_name, 80))
    missed.call_ended(call)


def text_arrived(record: TextSaid) -> None:
    """A text message came in. Without a sender that can be told, it has a thread of its own."""
    at = _moment(record.received_at)
    names = (str(record.connection), record.carrier_text_id)
    # Such a thread is named by the message, as a withheld call's is by the call.
    alone = UUID(derived_id("message", "text", *names))
    thread, _ = finding.of_call(record.company, alone, record.caller[:40], at)
    number = Number.objects.filter(company=record.company, pk=record.number).first()
    media = [one_line(one, LONGEST_ADDRESS) for one in record.media[:MOST_MEDIA] if one.startswith("https://")]
    about = {"body": written(record.body, LONGEST_TEXT), "number": number, "data": {"media": media} if media else {}}
    _message(thread, "text", "\x1f".join(names), Message.Kind.TEXT_IN, at, carrier_text_id=names[1][:100], **about)
    finding.happened(thread, at)


def text_became(record: TextBecame) -> None:
    """Something became of a text message of ours. Its state only moves forward (`TextState.rank`).

    The carrier may be quicker than our own note of its name for the text: then a job tries again for a while.
    """
    if not _became(record.company, record.connection, record.carrier_text_id, record.state, record.error):
        enqueue(
            "inbox.text_became",
            {
                "company": record.company,
                "connection": record.connection,
                "text": record.carrier_text_id,
                "state": record.state,
                "error": record.error,
                "at": record.received_at,
            },
            key=_key("text_became", str(record.connection), record.carrier_text_id, record.state),
        )


def text_owed(record: TextOwed) -> None:
    """A missed caller is to get a text: as a reply that nobody wrote, once per call.

    Not where it comes too late to be one, where it cannot reach them, to spam, and not twice within `TEXT_BACK_REST`.
    """
    at, now = _moment(record.received_at), timezone.now()
    if now - at > TEXT_BACK_LATEST or not record.caller:
        return
    thread, _ = finding.of_contact(record.company, record.caller[:40], at)
    number = Number.objects.filter(company=record.company, pk=record.number).select_related("connection").first()
    lately = Message.objects.filter(thread=thread, kind=Message.Kind.TEXT_OUT, author=None, at__gt=at - TEXT_BACK_REST)
    if thread.flag == Flag.SPAM or lately.exists():
        return
    try:
        texts_reach(thread.contact)
        sender_number, instead_of = sender(thread, number)
    except CannotReply as why:
        log.info("the missed caller of call %s gets no text: %s", record.call, why)
        return
    about = {
        "kind": Message.Kind.TEXT_OUT,
        "at": at,
        "body": written(record.body, LONGEST_TEXT),
        "number": sender_number,
    }
    data = {"instead_of": instead_of} if instead_of else {}
    message, new = Message.objects.get_or_create(
        pk=UUID(record.id),
        defaults={**about, "company_id": record.company, "thread": thread, "state": Message.State.QUEUED, "data": data},
    )
    if new:
        finding.happened(thread, at, inbound=False)
        enqueue("inbox.send_text", {"message": str(message.pk)})


def voicemail_left(recording: Recording) -> None:
    """A caller left a voicemail; maybe its call is not in the record yet. Other recordings are no messages."""
    if recording.kind != Recording.Kind.VOICEMAIL or recording.state == Recording.State.ABSENT:
        return
    call = Call.objects.filter(company=recording.company_id, pk=recording.call).first()
    at = recording.recorded_at
    thread, _ = finding.of_call(recording.company_id, recording.call, call.caller if call else "", at)
    about = {"call": recording.call, "recording": recording.pk, "number_id": call.number_id if call else None}
    _message(thread, "voicemail", str(recording.pk), Message.Kind.VOICEMAIL, at, **about)
    finding.happened(thread, at)


def form_sent(record: VisitorDid) -> None:
    """A visitor sent a form (an event named `form`); without a readable phone number in it nothing happens."""
    company = Company.objects.filter(pk=record.company).first() if record.name == FORM_EVENT else None
    form = read_form(record.data, company.country) if company and record.kind == "custom" else None
    if company is None or form is None:
        return
    at = _moment(record.at)
    thread, _ = finding.of_contact(company.pk, form.phone, at)
    about = {"body": form.body, "visit": UUID(record.visit), "data": {"fields": form.fields}}
    _message(thread, "form", record.id, Message.Kind.FORM, at, **about)
    finding.happened(thread, at)
    finding.call_it(thread, form.name)


def became(payload: dict[str, Any]) -> bool:
    """What `text_became` could not place: whether it can now."""
    return _became(payload["company"], payload["connection"], payload["text"], payload["state"], payload["error"])


def _became(company: int, connection: int, text: str, state: str, error: str) -> bool:
    """Move the text's state forward; False when no text of ours has this name."""
    found = Message.objects.filter(
        company=company, number__connection=connection, carrier_text_id=text, kind=Message.Kind.TEXT_OUT
    )
    message = found.first() if text else None
    if message is None:
        return False
    reached = TextState(state)
    before = [earlier.value for earlier in TextState if earlier.rank < reached.rank]
    said = one_line(error, 200) if reached is TextState.FAILED else ""
    Message.objects.filter(pk=message.pk, state__in=before).update(state=reached.value, error=said)
    return True


def _message(
    thread: Thread, origin: str, name: str, kind: Message.Kind, at: datetime, **about: Any
) -> tuple[Message, bool]:
    """The message of something outside, by our name for that; True the first time. A copy is asked for then."""
    made = {"company_id": thread.company_id, "thread": thread, "kind": kind, "at": at, **about}
    message, new = Message.objects.get_or_create(pk=UUID(derived_id("message", origin, name)), defaults=made)
    if new and timezone.now() - at < NEWS:
        asked = timezone.now().isoformat()
        enqueue("inbox.mail_copy", {"message": str(message.pk), "asked": asked}, key=_key("mail_copy", str(message.pk)))
    return message, new


def _key(*names: str) -> str:
    return f"inbox:{derived_id(*names)}"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
