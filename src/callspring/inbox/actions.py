"""What people do in the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Membership, User
from callspring.calls.flags import flag_calls
from callspring.calls.leads import note_flag
from callspring.calls.models import Call, Flag
from callspring.flows.screening import Reason
from callspring.ids import new_id
from callspring.inbox import finding
from callspring.inbox.models import Message, ReadMark, Thread
from callspring.inbox.replying import LONGEST_TEXT, CannotReply, sender, texts_reach
from callspring.inbox.writing import one_line, written
from callspring.jobs.actions import enqueue

__all__ = [
    "LONGEST_NAME", "LONGEST_NOTE", "LONGEST_TEXT", "CannotReply", "add_note", "assign", "flag_call", "flag_thread",
    "found_to_be_spam", "mark_read", "mark_unread", "rename", "reply", "retry",
]  # fmt: skip

LONGEST_NAME = 80
LONGEST_NOTE = 5_000


def mark_read(thread: Thread, user: User) -> None:
    """`user` has read everything in the thread as it was loaded; what came since stays unread."""
    _check(thread, user)
    mark, new = ReadMark.objects.get_or_create(user=user, thread=thread, defaults={"read_at": thread.last_inbound_at})
    if not new:
        # Forward only: an older tab of the same person knows of less.
        ReadMark.objects.filter(pk=mark.pk, read_at__lt=thread.last_inbound_at).update(read_at=thread.last_inbound_at)


def mark_unread(thread: Thread, user: User) -> None:
    """The thread is unread for `user` again."""
    _check(thread, user)
    before = thread.last_inbound_at - timedelta(microseconds=1)
    ReadMark.objects.update_or_create(user=user, thread=thread, defaults={"read_at": before})


def assign(thread: Thread, user: User | None) -> None:
    """Give the thread to one of the company's people, or to nobody. Raises `ValueError` for anybody else."""
    if user is not None:
        _check(thread, user)
    thread.assigned_to = user
    thread.save(update_fields=["assigned_to"])


def rename(thread: Thread, name: str) -> None:
    """Call the caller by a name of at most 80 characters; "" takes it away."""
    thread.name = one_line(name, LONGEST_NAME)
    thread.save(update_fields=["name"])


@transaction.atomic
def add_note(thread: Thread, user: User, body: str) -> Message:
    """Write something for colleagues. Raises `ValueError`, a sentence, when it is empty or too long."""
    _check(thread, user)
    text = written(body, LONGEST_NOTE + 1)
    if not text:
        raise ValueError(_("Write something first."))
    if len(text) > LONGEST_NOTE:
        raise ValueError(_("A note has at most %(most)s characters.") % {"most": f"{LONGEST_NOTE:,}"})
    return _write(thread, user, Message.Kind.NOTE, text)


@transaction.atomic
def reply(thread: Thread, user: User, body: str) -> Message:
    """Send a text message to the caller, by a job. Raises `CannotReply`, and `ValueError` for an outsider.

    It goes out through the number that the caller last called or texted. Where that cannot text, another one of the
    company's does, and `data["instead_of"]` has the first (E.164).
    """
    _check(thread, user)
    text = written(body, LONGEST_TEXT + 1)
    if not text:
        raise CannotReply(_("Write something first."))
    if len(text) > LONGEST_TEXT:
        raise CannotReply(_("A text message has at most %(most)s characters.") % {"most": f"{LONGEST_TEXT:,}"})
    texts_reach(thread.contact)
    number, instead_of = sender(thread)
    message = _write(
        thread,
        user,
        Message.Kind.TEXT_OUT,
        text,
        number=number,
        state=Message.State.QUEUED,
        data={"instead_of": instead_of} if instead_of else {},
    )
    enqueue("inbox.send_text", {"message": str(message.pk)})
    return message


@transaction.atomic
def retry(message: Message) -> None:
    """Send a text that was not delivered once more. Raises `CannotReply` for anything else."""
    failed = Message.objects.filter(pk=message.pk, kind=Message.Kind.TEXT_OUT, state=Message.State.FAILED)
    texts_reach(message.thread.contact)
    number, instead_of = sender(message.thread, message.number)
    message.data = {"instead_of": instead_of} if instead_of else {}
    again = failed.update(
        state=Message.State.QUEUED, error="", sending_since=None, carrier_text_id="", number=number, data=message.data
    )
    if not again:
        raise CannotReply(_("This text is not waiting to be sent again."))
    enqueue("inbox.send_text", {"message": str(message.pk)})
    message.refresh_from_db()


@transaction.atomic
def flag_thread(thread: Thread, flag: str) -> None:
    """Put a thread and all its calls apart (`Flag`), or back with `Flag.NONE`. Raises `ValueError`.

    Flagged calls count as nothing: reports leave them out, and no repeat call takes its source from them.
    """
    thread.flag = Flag(flag)
    thread.save(update_fields=["flag"])
    calls = Message.objects.filter(thread=thread, kind=Message.Kind.CALL).values("call")
    _flag(thread.company_id, Call.objects.filter(pk__in=calls), Flag(flag))
    _settle(Call.objects.filter(company=thread.company_id, pk__in=calls))


@transaction.atomic
def flag_call(call: Call, flag: str, by: User | None = None) -> None:
    """Flag one call (`Flag`), or take its flag away with `Flag.NONE`. Raises `ValueError`.

    The thread of a caller who withheld the number is that call's alone and follows; so does one that was put apart
    because the filter took this call for spam, when that is undone.
    """
    before, was_found = call.flag, bool(call.flag_reasons)
    call.flag = Flag(flag)
    one = Call.objects.filter(pk=call.pk)
    _flag(call.company_id, one, Flag(flag))
    _settle(one)
    note_flag([(call.pk, before)], call.company_id, flag, by)
    Thread.objects.filter(company=call.company_id, call=call.pk, contact="").update(flag=call.flag)
    if was_found and not flag and call.caller:
        Thread.objects.filter(company=call.company_id, contact=call.caller, flag=Flag.SPAM).update(flag=Flag.NONE)


def found_to_be_spam(calls: Sequence[Call], reasons: list[Reason]) -> None:
    """Flag calls of one company that the filter found, with why. What people have said of one meanwhile stays."""
    company = calls[0].company_id
    ids = [call.pk for call in calls]
    open_ones = Call.objects.filter(pk__in=ids, company=company, flag=Flag.NONE, flag_settled=False)
    found = list(open_ones.values_list("pk", "flag"))
    open_ones.update(flag_reasons=reasons)
    _flag(company, Call.objects.filter(pk__in=[pk for pk, _ in found], flag_settled=False), Flag.SPAM)
    note_flag(found, company, Flag.SPAM, None)


def _flag(company: int, calls: QuerySet[Call], flag: Flag) -> None:
    """The credits that rest on these calls are judged again by a job: there may be thousands."""
    for caller, dialled in flag_calls(company, calls, flag):
        enqueue("inbox.judge_again", {"company": company, "caller": caller, "dialled": dialled})


def _settle(calls: QuerySet[Call]) -> None:
    """A person has said: no rule says otherwise."""
    calls.update(flag_settled=True, flag_reasons=[])


def _write(thread: Thread, user: User, kind: Message.Kind, body: str, **about: object) -> Message:
    now = timezone.now()
    finding.happened(thread, now, inbound=False)
    return Message.objects.create(
        id=UUID(new_id()),
        company_id=thread.company_id,
        thread=thread,
        kind=kind,
        at=now,
        body=body,
        author=user,
        **about,
    )


def _check(thread: Thread, user: User) -> None:
    if not Membership.objects.filter(user=user, company=thread.company_id).exists():
        raise ValueError(_("%(person)s does not belong to this company.") % {"person": user})
