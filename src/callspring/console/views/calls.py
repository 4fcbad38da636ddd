"""The call log and a call's page. Both ask themselves every two seconds whether anything changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from callspring.calls.models import Call
from callspring.console import call_log as log
from callspring.console.call_story import story
from callspring.console.guard import fragment, member
from callspring.console.request import CompanyRequest

QUIET_AFTER = timedelta(minutes=30)  # a visitor may still look around after the call


@require_safe
@vary_on_headers("HX-Request")
@member
def call_log(request: CompanyRequest) -> HttpResponse:
    """The page, or for htmx its list of calls: 204 while that looks as in `seen`."""
    page = log.page(request.company, request.GET)
    if fragment(request):
        if request.GET.get("seen") == page.stamp:
            return HttpResponse(status=204)
        return render(request, "console/parts/call_rows.html", {"page": page, **_filters(request)})
    return render(request, "console/calls.html", {"page": page, **_filters(request)})


def _filters(request: CompanyRequest) -> dict[str, object]:
    filters = log.filters(request.company, request.GET)
    caller = request.GET.get("caller", "").strip()[:40]
    chosen = [one for one in filters if one.chosen]
    return {"filters": filters, "chosen": chosen, "caller": caller, "narrowed": bool(chosen or caller)}


@require_safe
@vary_on_headers("HX-Request")
@member
def call_page(request: CompanyRequest, call_id: UUID) -> HttpResponse:
    """Who called, how it went, whom it is credited to and why, and what the visitor did."""
    told = story(request.company, call_id)
    if told is None:
        raise Http404
    if fragment(request) and request.GET.get("seen") == told.stamp:
        return HttpResponse(status=204)
    template = "console/parts/call.html" if fragment(request) else "console/call.html"
    return render(request, template, {"told": told, "live": _may_change_still(told.call)})


def _may_change_still(call: Call) -> bool:
    return call.ended_at is None or timezone.now() - call.ended_at < QUIET_AFTER
