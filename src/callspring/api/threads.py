"""The inbox: threads and their messages."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router
from ninja.errors import HttpError

from callspring.api import represent
from callspring.api.auth import company_of
from callspring.api.paging import PageQuery, page
from callspring.api.schemas import MessagePage, Problem, ThreadOut, ThreadPage
from callspring.api.values import PhoneNumber
from callspring.calls.models import Flag
from callspring.inbox import queries
from callspring.inbox.models import Thread

router = Router(tags=["inbox"])


class ThreadQuery(PageQuery):
    """Which threads."""

    contact: Annotated[PhoneNumber, Field(description="The caller's number")] = ""
    flag: Annotated[Flag | None, Field(description="test, spam, or empty for those that count")] = None


@router.get("/threads", response={200: ThreadPage, 400: Problem}, operation_id="list_threads")
def list_threads(request: HttpRequest, query: Query[ThreadQuery]) -> ThreadPage:
    """Threads, one per caller; the one in which something happened last comes first."""
    found = queries.all_threads(company_of(request))
    if query.contact:
        found = found.filter(contact=query.contact)
    if query.flag is not None:
        found = found.filter(flag=query.flag)
    threads, after = page(found, query, "last_at")
    return ThreadPage(items=[represent.thread_out(one) for one in threads], next=after)


@router.get("/threads/{int:thread_id}", response={200: ThreadOut, 404: Problem}, operation_id="get_thread")
def get_thread(request: HttpRequest, thread_id: int) -> ThreadOut:
    """One thread."""
    return represent.thread_out(_thread(request, thread_id))


@router.get(
    "/threads/{int:thread_id}/messages",
    response={200: MessagePage, 400: Problem, 404: Problem},
    operation_id="list_messages",
)
def list_messages(request: HttpRequest, thread_id: int, query: Query[PageQuery]) -> MessagePage:
    """A thread's messages, newest first. Ask for a call by its id at `/calls`."""
    messages, after = page(queries.messages(_thread(request, thread_id)), query, "at")
    return MessagePage(items=[represent.message_out(one) for one in messages], next=after)


def _thread(request: HttpRequest, thread_id: int) -> Thread:
    found = queries.thread(company_of(request), thread_id) if thread_id < 2**63 else None
    if found is None:
        raise HttpError(404, "There is no such thread.")
    return found
