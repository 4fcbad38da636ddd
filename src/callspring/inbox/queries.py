"""Reads of the inbox, always of one company."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from callspring.accounts.models import Company, User
from callspring.calls.models import Call, Flag
from callspring.inbox.models import Message, ReadMark, Thread
from callspring.inbox.writing import one_line
from callspring.numbers.e164 import parse_number

OPEN, UNREAD, MINE, TEST, SPAM = FOLDERS = ("open", "unread", "mine", "test", "spam")
LONGEST_SEARCH = 200
LIKE_A_NUMBER = re.compile(r"[+(]?[ ]?[0-9][0-9 ()./-]{2,30}")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many threads each folder holds for one person; `open`, `unread` and `mine` are without flagged ones."""

    open: int
    unread: int
    mine: int
    test: int
    spam: int


def threads(company: Company, user: User, folder: str = OPEN, search: str = "") -> QuerySet[Thread]:
    """The company's threads in a folder, the one where something happened last first.

    Each has `unread` (bool, for `user`) and its latest message as `latest_kind`, `latest_body`, `latest_at`,
    `latest_state` and, where that is a call, `latest_status` (a `CallStatus`) and `latest_call` (its id). A folder
    that does not exist is the open one. `search` looks in names, numbers and everything written.
    """
    found = _with_unread(Thread.objects.filter(company=company), user).filter(_in_folder(folder, user))
    if text := one_line(search, LONGEST_SEARCH):
        found = found.filter(_matches(company, text))
    return _with_latest(found).select_related("assigned_to").order_by("-last_at", "-id")


def all_threads(company: Company) -> QuerySet[Thread]:
    """The company's threads, flagged ones too, the one where something happened last first."""
    return Thread.objects.filter(company=company).select_related("assigned_to").order_by("-last_at", "-id")


def counts(company: Company, user: User) -> Counts:
    """How many threads each folder holds, in one query."""
    all_of_them = _with_unread(Thread.objects.filter(company=company), user)
    # By other names than the annotation `unread`, which they would stand in for.
    tallies = {f"in_{name}": Count("id", filter=_in_folder(name, user)) for name in FOLDERS}
    found: dict[str, int] = all_of_them.aggregate(**tallies)
    return Counts(*(found[f"in_{name}"] for name in FOLDERS))


def thread(company: Company, thread_id: int) -> Thread | None:
    """One thread; None for an outsider's."""
    return Thread.objects.filter(company=company, pk=thread_id).select_related("assigned_to", "company").first()


def thread_of_call(company: Company, call: Call) -> Thread | None:
    """The thread in which a call stands; None while it has none."""
    return Thread.objects.filter(company=company, messages__call=call.pk, messages__kind=Message.Kind.CALL).first()


def messages(of: Thread) -> QuerySet[Message]:
    """Everything in a thread, oldest first."""
    return Message.objects.filter(thread=of).select_related("number", "author").order_by("at", "id")


def people(company: Company) -> QuerySet[User]:
    """Who can be assigned: the company's people who can sign in, by name."""
    members = User.objects.filter(memberships__company=company, is_active=True)
    return members.order_by("name", "email")


def _in_folder(folder: str, user: User) -> Q:
    if folder in (TEST, SPAM):
        return Q(flag=folder)
    also = {UNREAD: Q(unread=True), MINE: Q(assigned_to=user)}
    return Q(flag=Flag.NONE) & also.get(folder, Q())


def _with_unread(found: QuerySet[Thread], user: User) -> QuerySet[Thread]:
    """Unread while the caller did something after the person's read mark; without one, since the person is here.

    So nobody who is invited meets years of calls as unread.
    """
    mark = ReadMark.objects.filter(thread=OuterRef("pk"), user=user).values("read_at")[:1]
    here: datetime = user.created_at
    read_at = Coalesce(Subquery(mark), Value(here), output_field=DateTimeField())
    unread = Case(When(last_inbound_at__gt=F("read_at"), then=True), default=False, output_field=BooleanField())
    return found.annotate(read_at=read_at).annotate(unread=unread)


def _with_latest(found: QuerySet[Thread]) -> QuerySet[Thread]:
    latest = Message.objects.filter(thread=OuterRef("pk")).order_by("-at", "-id")
    fields = {f"latest_{name}": Subquery(latest.values(name)[:1]) for name in ("kind", "body", "at", "state", "call")}
    status = Call.objects.filter(pk=OuterRef("latest_call"), company=OuterRef("company")).values("status")[:1]
    return found.annotate(**fields).annotate(latest_status=Subquery(status))


def _matches(company: Company, text: str) -> Q:
    """By what people typed: a name, words of a message, or a number, however it is written."""
    named = Call.objects.filter(company=company, caller_name__icontains=text)
    said = Q(body__icontains=text) | Q(call__in=named.values("pk"))
    wanted = Q(name__icontains=text) | Q(Exists(Message.objects.filter(said, thread=OuterRef("pk"))))
    return wanted | _called(company, text) if LIKE_A_NUMBER.fullmatch(text) else wanted


def _called(company: Company, text: str) -> Q:
    """By some of the digits, or by the whole number as it is written in the company's country."""
    wanted = Q(contact__contains=re.sub(r"\D", "", text))
    with suppress(ValueError):
        wanted |= Q(contact=parse_number(text, company.country))
    return wanted
