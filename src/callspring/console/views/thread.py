"""What people do with a thread. Each answers htmx with the piece that changed, and a plain form with the whole page."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from callspring.accounts.roles import Verb
from callspring.calls.models import Flag
from callspring.calls.queries import calls
from callspring.console import inbox_list
from callspring.console.guard import fragment, may
from callspring.console.inbox_composer import NOTE, REPLY, composer
from callspring.console.inbox_thread import conversation
from callspring.console.request import CompanyRequest
from callspring.console.views.inbox import CHANGED, find, listed, opened
from callspring.inbox import actions, queries
from callspring.inbox.models import Thread


@require_POST
@may(Verb.ACT_IN_INBOX)
def reply(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """Send a text to the caller; what stands in the way is said at the field, and the text stays in it."""
    found, body = thread_or_404(request, thread_id), request.POST.get("body", "")
    try:
        actions.reply(found, request.user, body)
    except actions.CannotReply as problem:
        return _composer(request, found, REPLY, text=body, problem=str(problem))
    return _composer(request, found, REPLY)


@require_POST
@may(Verb.ACT_IN_INBOX)
def note(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """Write something for colleagues."""
    found, body = thread_or_404(request, thread_id), request.POST.get("body", "")
    try:
        actions.add_note(found, request.user, body)
    except ValueError as problem:
        return _composer(request, found, NOTE, text=body, problem=str(problem))
    return _composer(request, found, NOTE)


@require_POST
@may(Verb.ACT_IN_INBOX)
def retry(request: CompanyRequest, thread_id: int, message_id: UUID) -> HttpResponse:
    """Send a text that was not delivered once more."""
    found = thread_or_404(request, thread_id)
    message = queries.messages(found).filter(pk=message_id).first()
    if message is None:
        raise Http404
    try:
        actions.retry(message)
    except actions.CannotReply as problem:
        return _composer(request, found, REPLY, problem=str(problem))
    return _changed(HttpResponse(status=204)) if fragment(request) else _back(request, found)


@require_POST
@may(Verb.ACT_IN_INBOX)
def name(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """Name the caller; nothing takes the name away."""
    found = thread_or_404(request, thread_id)
    actions.rename(found, request.POST.get("name", ""))
    return _head(request, found)


@require_POST
@may(Verb.ACT_IN_INBOX)
def assign(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """Give the thread to one of the company's people (`person`, an id), or to nobody. Anybody else changes nothing."""
    found, wanted = thread_or_404(request, thread_id), request.POST.get("person", "")
    people = {str(person.pk): person for person in queries.people(request.company)}
    if not wanted or wanted in people:
        actions.assign(found, people.get(wanted))
    return _head(request, found)


@require_POST
@may(Verb.ACT_IN_INBOX)
def flag(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """Put a thread apart as `spam` or `test`, or back with "". Any other word changes nothing."""
    found, wanted = thread_or_404(request, thread_id), request.POST.get("flag")
    if wanted in Flag:
        actions.flag_thread(found, str(wanted))
    return _head(request, found)


@require_POST
@may(Verb.SEE_CALLS)
def unread(request: CompanyRequest, thread_id: int) -> HttpResponse:
    """Put the thread among this person's unread ones, and close it: an open one is being read."""
    actions.mark_unread(thread_or_404(request, thread_id), request.user)
    address = reverse("console:inbox") + inbox_list.asked(request.GET).query
    if not fragment(request):
        return redirect(address)
    response = render(request, "console/parts/inbox_nothing.html")
    response.headers["HX-Push-Url"] = address
    return _changed(response)


@require_POST
@may(Verb.ACT_IN_INBOX)
def flag_call(request: CompanyRequest, call_id: UUID) -> HttpResponse:
    """Say that one call is `spam` or a `test`, or with "" that it counts after all. Any other word changes nothing."""
    call, wanted = calls(request.company).filter(pk=call_id).first(), request.POST.get("flag")
    if call is None:
        raise Http404
    if wanted in Flag:
        actions.flag_call(call, str(wanted), request.user)
    if fragment(request):
        return HttpResponse(status=204, headers={"HX-Trigger": "call-changed"})
    return redirect("console:call", call_id)


def thread_or_404(request: CompanyRequest, thread_id: int) -> Thread:
    """The company's thread. Raises `Http404` for an outsider's."""
    found = find(request, thread_id)
    if found is None:
        raise Http404
    return found


def _composer(request: CompanyRequest, found: Thread, mode: str, *, text: str = "", problem: str = "") -> HttpResponse:
    """The composer again: empty when all went well, else with what was written and what is wrong with it."""
    if not fragment(request) and not problem:
        return _back(request, found)
    below = composer(found, mode, sent="" if problem else mode, text=text, problem=problem)
    told = conversation(found, request.user)
    context = opened(request, told, below)
    if not fragment(request):
        return render(request, "console/inbox.html", {**listed(request, found.pk), **context})
    return _changed(render(request, "console/parts/inbox_composer.html", context))


def _head(request: CompanyRequest, found: Thread) -> HttpResponse:
    """The thread's head again."""
    if not fragment(request):
        return _back(request, found)
    context = opened(request, conversation(found, request.user))
    return _changed(render(request, "console/parts/inbox_head.html", context))


def _back(request: CompanyRequest, found: Thread) -> HttpResponse:
    return redirect(reverse("console:thread", args=[found.pk]) + inbox_list.asked(request.GET).query)


def _changed(response: HttpResponse) -> HttpResponse:
    """Let the list, the messages and the menu ask at once what is new."""
    response.headers["HX-Trigger-After-Settle" if response.content else "HX-Trigger"] = CHANGED
    return response
