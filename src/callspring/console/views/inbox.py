"""The inbox: the list of threads beside one of them. Both ask themselves every two seconds whether anything changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from callspring.accounts.roles import Verb
from callspring.calls.queries import calls
from callspring.console import inbox_list, inbox_thread
from callspring.console.guard import fragment, may
from callspring.console.inbox_composer import Composer, composer
from callspring.console.inbox_thread import Conversation, conversation
from callspring.console.request import CompanyRequest
from callspring.inbox import queries
from callspring.inbox.actions import mark_read
from callspring.inbox.models import Message, Thread
from callspring.numbers.models import Connection

CHANGED = "inbox-changed"  # the event on which all pieces of the inbox ask again at once


@require_safe
@vary_on_headers("HX-Request", "HX-Target", "HX-History-Restore-Request")
@may(Verb.SEE_CALLS)
def inbox(request: CompanyRequest) -> HttpResponse:
    """The page with no thread open, or for htmx its list: 204 while that looks as in `seen`."""
    if not piece(request):
        return render(request, "console/inbox.html", listed(request))
    context = listed(request)
    if request.GET.get("seen") == context["listing"].stamp:
        return HttpResponse(status=204)
    response = render(request, "console/parts/inbox_threads.html", context)
    if request.headers.get("HX-Trigger") != "threads":  # somebody searched or asked for more: the address says so too
        response.headers["HX-Replace-Url"] = _open_path(request) + context["listing"].asked.query
    return response


@require_safe
@vary_on_headers("HX-Request", "HX-Target", "HX-History-Restore-Request")
@may(Verb.SEE_CALLS)
def thread(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """The page with a thread, or for htmx the thread, or its messages: 204 while those look as in `seen`.

    A call whose number is said late joins its caller's thread, and its own is gone: then a piece leads to the list.
    """
    found = find(request, thread_id)
    if found is None and piece(request):
        return HttpResponse(status=404, headers={"HX-Redirect": reverse("console:inbox")})
    if found is None:
        raise Http404
    told = conversation(found, request.user, inbox_thread.shown(request.GET))
    if piece(request) and request.headers.get("HX-Target") == "messages":
        return _messages(request, told)
    newly_read = _read(request, found)
    context = opened(request, told, composer(found))
    if not piece(request):
        return render(request, "console/inbox.html", {**listed(request, found.pk), **context})
    response = render(request, "console/parts/inbox_thread.html", {**context, "piece": True})
    if newly_read:
        response.headers["HX-Trigger-After-Swap"] = CHANGED
    return response


def _messages(request: CompanyRequest, told: Conversation) -> HttpResponse:
    """The head comes along where a colleague has changed it."""
    head_too = request.GET.get("head") not in (None, told.head_stamp)
    if request.GET.get("seen") == told.stamp and not head_too:
        return HttpResponse(status=204)
    _read(request, told.thread)
    context = opened(request, told) | {"head_too": head_too}
    return render(request, "console/parts/inbox_messages.html", context)


def _read(request: CompanyRequest, found: Thread) -> bool:
    """Seeing a thread reads it. A browser that only fetches ahead has not seen it."""
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    mark_read(found, request.user)
    return True


@require_safe
@may(Verb.SEE_CALLS)
def unread(request: CompanyRequest) -> HttpResponse:
    """How many threads this person has yet to read, for the menu: 204 while it is as `seen`."""
    count = inbox_list.unread_count(request.company, request.user)
    if request.GET.get("seen") == str(count):
        return HttpResponse(status=204)
    return render(request, "console/parts/inbox_unread.html", {"unread": count})


@require_safe
@may(Verb.SEE_CALLS)
def call_thread(request: CompanyRequest, call_id: UUID) -> HttpResponse:
    """Lead to a call's message in its thread."""
    call = calls(request.company).filter(pk=call_id).first()
    if call is None:
        raise Http404
    found = queries.thread_of_call(request.company, call)
    if found is None:
        messages.info(request, _("This call has no thread in the inbox."))
        return redirect("console:call", call_id)
    message = Message.objects.filter(thread=found, call=call_id, kind=Message.Kind.CALL).first()
    anchor = f"#m-{message.pk}" if message else ""
    return redirect(reverse("console:thread", args=[found.pk]) + anchor)


def piece(request: CompanyRequest) -> bool:
    """Whether htmx asks for a piece of the page: on its way back in the browser's history it wants all of it."""
    return fragment(request) and not request.headers.get("HX-History-Restore-Request")


def find(request: CompanyRequest, thread_id: int) -> Thread | None:
    """The company's thread; None for an outsider's."""
    return queries.thread(request.company, thread_id) if thread_id < 2**63 else None


def listed(request: CompanyRequest, opened_id: int | None = None) -> dict[str, Any]:
    """What the list needs. `opened_id` is the thread beside it; the list's own asking says it as `opened`."""
    asked = inbox_list.asked(request.GET)
    beside = request.GET.get("opened", "")
    if opened_id is None and beside.isdecimal() and len(beside) < 16:
        opened_id = int(beside)
    listing = inbox_list.listing(request.company, request.user, asked, opened_id)
    length = asked.shown if asked.shown != inbox_list.PAGE else ""
    return {
        "listing": listing,
        "asked": asked,
        "here_again": asked.with_query(shown=length, seen=listing.stamp),
        "sandbox_phone": _sandbox_phone(request) if listing.first_time else "",
    }


def opened(request: CompanyRequest, told: Conversation, below: Composer | None = None) -> dict[str, Any]:
    """What the open thread needs."""
    asked = inbox_list.asked(request.GET)
    length = told.shown if told.shown != inbox_thread.PAGE else ""
    return {
        "told": told,
        "title": inbox_thread.title(told.thread),
        "asked": asked,
        "again": asked.with_query(messages=length, seen=told.stamp),
        "earlier": asked.with_query(messages=told.earlier),
        "people": queries.people(request.company),
        "composer": below,
    }


def _open_path(request: CompanyRequest) -> str:
    """The page that a piece is asked from: the inbox itself, or a thread."""
    path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    start = reverse("console:inbox")
    return path if path.startswith(start) and path[len(start) :].strip("/").isdecimal() else start


def _sandbox_phone(request: CompanyRequest) -> str:
    """Where a company of the demo finds a telephone."""
    has_one = Connection.objects.filter(company=request.company, carrier="sandbox").exists()
    return f"{settings.CONFIG.shop_url}/phone" if has_one else ""
