"""Which thread something belongs to. Made by constraints, so that two who ask at once find the same one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Greatest

from callspring.calls.models import Flag
from callspring.inbox.models import Message, Thread


def of_contact(company: int, contact: str, at: datetime) -> tuple[Thread, bool]:
    """The thread of a caller (E.164), and whether it is new. `at` is when the caller did something."""
    times = {"last_at": at, "last_inbound_at": at}
    return Thread.objects.get_or_create(company_id=company, contact=contact, defaults=times)


def of_call(company: int, call: UUID, caller: str, at: datetime) -> tuple[Thread, bool]:
    """The thread of a call, and whether it is new.

    Without a caller the call has a thread of its own: the number is withheld, or nobody has said it yet. Once it is
    said, what gathered there joins the caller's thread.
    """
    if not caller:
        times = {"last_at": at, "last_inbound_at": at}
        return Thread.objects.get_or_create(company_id=company, call=call, defaults={**times, "contact": ""})
    thread, new = of_contact(company, caller, at)
    for alone in Thread.objects.filter(company=company, call=call):
        _join(alone, thread)
    return thread, new


def _join(alone: Thread, thread: Thread) -> None:
    Message.objects.filter(thread=alone).update(thread=thread)
    thread.name = thread.name or alone.name
    thread.assigned_to_id = thread.assigned_to_id or alone.assigned_to_id
    thread.flag = thread.flag or alone.flag
    thread.save(update_fields=["name", "assigned_to", "flag"])
    happened(thread, alone.last_at, inbound=False)
    happened(thread, alone.last_inbound_at)
    alone.delete()


def happened(thread: Thread, at: datetime, *, inbound: bool = True) -> None:
    """Something happened in the thread; `inbound` when the caller did it. Earlier than what is known is no news."""
    names = ("last_at", "last_inbound_at") if inbound else ("last_at",)
    Thread.objects.filter(pk=thread.pk).update(**{name: Greatest(name, Value(at)) for name in names})


def call_it(thread: Thread, name: str) -> None:
    """What somebody says they are called, while nobody has named them."""
    if name:
        Thread.objects.filter(pk=thread.pk, name="").update(name=name)


def put_apart(thread: Thread, flag: str) -> None:
    """Flag a new thread."""
    thread.flag = Flag(flag)
    thread.save(update_fields=["flag"])
