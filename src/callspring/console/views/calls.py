"""The call log, as a page and as a file, and a call's page. The pages ask themselves every two seconds whether anything
changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from callspring.accounts.roles import Verb
from callspring.calls import correcting
from callspring.calls.correcting import CannotCorrect
from callspring.calls.leads import tags_of
from callspring.calls.models import Call
from callspring.calls.queries import calls
from callspring.console import call_csv, log_columns, log_filters, saved_views, spam_words
from callspring.console import call_log as log
from callspring.console.call_story import Story, story
from callspring.console.guard import fragment, may
from callspring.console.lead_form import lead_context
from callspring.console.log_query import LogQuery, kept, log_query
from callspring.console.request import CompanyRequest
from callspring.console.views.saved_views import UNDO
from callspring.flows.screening import blocked_by
from callspring.scenarios.screening_rules import screening_of

QUIET_AFTER = timedelta(minutes=30)  # a visitor may still look around after the call
PAGE = log_columns.PAGE


@require_safe
@vary_on_headers("HX-Request", "HX-Boosted", "HX-History-Restore-Request")
@may(Verb.SEE_CALLS)
def call_log(request: CompanyRequest) -> HttpResponseBase:
    """The page, or for htmx its list of calls: 204 while that looks as in `seen`. Without any parameter it opens with
    the view that the person has chosen for that."""
    asked = asked_for(request)
    choice = saved_views.choice_of(request, PAGE)
    columns = log_columns.chosen(choice)
    if _is_piece(request):
        page = _page(request, asked)
        if request.GET.get("seen") == page.stamp:
            return HttpResponse(status=204)
        return render(request, "console/parts/call_rows.html", {"page": page, "asked": asked, "columns": columns})
    views = saved_views.views(request, choice, PAGE)
    if not request.GET and views.first:
        first = kept(views.first.query, timezone.now(), request.zone).opened(views.first.pk)
        return redirect(f"{request.path}{first.address}")
    return render(request, "console/calls.html", {**_whole(request, asked, views), "columns": columns})


@require_safe
@may(Verb.SEE_REPORTS)
def export(request: CompanyRequest) -> HttpResponseBase:
    """Every call that the filters let through, as CSV, sent while it is read. `?for=excel` puts a mark in front."""
    asked = asked_for(request)
    pieces = log.each(request.company, asked)
    lines = call_csv.lines(pieces, request.zone, excel=request.GET.get("for") == "excel")
    name = call_csv.file_name(request.company, asked, timezone.localtime())
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def asked_for(request: CompanyRequest) -> LogQuery:
    """What the address says."""
    return log_query(request.GET, timezone.now(), request.zone)


def _whole(request: CompanyRequest, asked: LogQuery, views: saved_views.Views) -> dict[str, Any]:
    filters = log_filters.panel(request.company, asked)
    view = views.find(asked.view)
    return {
        "page": _page(request, asked),
        "asked": asked,
        "filters": filters,
        "chips": log_filters.chips(asked, filters),
        "periods": log_filters.periods(),
        "sorts": log_filters.sorts(),
        "all_columns": log_columns.COLUMNS,
        "views": views,
        "view": view,
        "known_tags": [tag.name for tag in tags_of(request.company)[:200]],
        "view_changed": view and view.query != asked.text,
        "may_edit_view": view and saved_views.may_edit(request, view),
        "undo": request.session.pop(UNDO, None),
    }


def _page(request: CompanyRequest, asked: LogQuery) -> log.Page:
    return log.page(request.company, asked, request.GET.get("before", ""), request.GET.get("after", ""))


def _is_piece(request: CompanyRequest) -> bool:
    """Links and forms that htmx follows, and its way back, want the whole page."""
    whole = request.headers.get("HX-Boosted") or request.headers.get("HX-History-Restore-Request")
    return fragment(request) and not whole


@require_safe
@vary_on_headers("HX-Request")
@may(Verb.SEE_CALLS)
def call_page(request: CompanyRequest, call_id: UUID) -> HttpResponse:
    """Who called, how it went, whom it is credited to and why, and what the visitor did."""
    told = story(request.company, call_id)
    if told is None:
        raise Http404
    if fragment(request) and request.GET.get("seen") == told.stamp:
        return HttpResponse(status=204)
    template = "console/parts/call.html" if fragment(request) else "console/call.html"
    return render(request, template, _told(request, told))


def _told(request: CompanyRequest, told: Story) -> dict[str, Any]:
    call = told.call
    return {
        "told": told,
        "live": _may_change_still(call),
        "recordings": told.recordings,
        "spam_why": spam_words.why(call.flag_reasons),
        "is_blocked": blocked_by(screening_of(request.company.pk), call.caller) is not None,
        **lead_context(call),
    }


@require_POST
@may(Verb.ACT_IN_INBOX)
def call_credit(request: CompanyRequest, call_id: UUID) -> HttpResponse:
    """Say whose call it was: `say` is visit (with its id), nobody or undo. Any other word changes nothing."""
    call = calls(request.company).filter(pk=call_id).first()
    if call is None:
        raise Http404
    try:
        _say(call, request)
    except CannotCorrect as problem:
        messages.error(request, str(problem))
        return _reload() if fragment(request) else redirect("console:call", call_id)
    if fragment(request):
        return HttpResponse(status=204, headers={"HX-Trigger": "call-changed"})
    return redirect("console:call", call_id)


def _say(call: Call, request: CompanyRequest) -> None:
    person = request.user
    match request.POST.get("say"):
        case "visit":
            correcting.say(call, person, _visit(request.POST.get("visit", "")))
        case "nobody":
            correcting.say(call, person, None)
        case "undo":
            correcting.undo(call, person)


def _visit(text: str) -> UUID:
    """Raises `CannotCorrect` for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise CannotCorrect(_("Choose one of the visits.")) from None


def _reload() -> HttpResponse:
    return HttpResponse(headers={"HX-Refresh": "true"})


def _may_change_still(call: Call) -> bool:
    return call.ended_at is None or timezone.now() - call.ended_at < QUIET_AFTER
