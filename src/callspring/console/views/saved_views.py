"""What people set up on the call log for themselves: saved views and columns. Each form sends `on`, the address it
stood on, and leads back there."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callspring.accounts.roles import Verb
from callspring.console import log_columns, saved_views
from callspring.console.guard import may
from callspring.console.log_query import LONGEST_QUERY, LogQuery, kept
from callspring.console.models import SavedView
from callspring.console.request import CompanyRequest

PAGE = log_columns.PAGE
UNDO = "undo_view"  # in the session, for the next page


@require_POST
@may(Verb.SEE_CALLS)
def new(request: CompanyRequest) -> HttpResponse:
    """Keep the filters of the page under a name; `shared` with the company, `first` to open the page with."""
    asked = _stood_on(request)
    if len(asked.text) > LONGEST_QUERY:
        return _refused(request, _("These are too many filters for a view. Take some out."), asked)
    try:
        shared = bool(request.POST.get("shared"))
        view = saved_views.save(request, PAGE, request.POST.get("name", ""), asked.text, shared=shared)
    except ValidationError as problem:
        return _refused(request, str(problem.message), asked)
    if request.POST.get("first"):
        saved_views.open_with(request, PAGE, view)
    messages.success(request, _("“%(name)s” is saved. You find it under Views.") % {"name": view.name})
    return _back(asked.opened(view.pk))


@require_POST
@may(Verb.SEE_CALLS)
def change(request: CompanyRequest, view_id: int) -> HttpResponse:
    """Do one of `DEEDS` to a view, or open the page with it (`first`) or with all calls again (`all`)."""
    view = saved_views.find(request, view_id)
    if view is None:
        raise Http404
    asked, deed = _stood_on(request), request.POST.get("do", "")
    if deed in ("first", "all"):
        saved_views.open_with(request, PAGE, view if deed == "first" else None)
        return _back(asked)
    if deed not in DEEDS:
        raise Http404
    if not saved_views.may_edit(request, view):
        raise PermissionDenied(_("Only the person who saved this view, owners and managers may change it."))
    try:
        return _back(DEEDS[deed](request, view, asked))
    except ValidationError as problem:
        return _refused(request, str(problem.message), asked)


@require_POST
@may(Verb.SEE_CALLS)
def columns(request: CompanyRequest) -> HttpResponse:
    """Remember which columns this person wants to see; none is the page's own."""
    log_columns.choose(request, request.POST.getlist("column")[: len(log_columns.COLUMNS)])
    return _back(_stood_on(request))


def _rename(request: CompanyRequest, view: SavedView, asked: LogQuery) -> LogQuery:
    before = view.name
    saved_views.rename(view, request.POST.get("name", ""))
    if view.name != before:
        said = _("“%(before)s” is now called “%(name)s”.") % {"before": before, "name": view.name}
        request.session[UNDO] = {"view": view.pk, "do": "rename", "name": before, "said": said}
    return asked


def _delete(request: CompanyRequest, view: SavedView, asked: LogQuery) -> LogQuery:
    saved_views.delete(view)
    said = _("The view “%(name)s” is deleted.") % {"name": view.name}
    request.session[UNDO] = {"view": view.pk, "do": "restore", "name": view.name, "said": said}
    return asked.opened(None)


def _restore(_request: CompanyRequest, view: SavedView, asked: LogQuery) -> LogQuery:
    return asked.opened(saved_views.restore(view).pk)


def _update(request: CompanyRequest, view: SavedView, asked: LogQuery) -> LogQuery:
    view.query = asked.text[:LONGEST_QUERY]
    view.save(update_fields=["query"])
    messages.success(request, _("“%(name)s” has these filters now.") % {"name": view.name})
    return asked.opened(view.pk)


def _share(_request: CompanyRequest, view: SavedView, asked: LogQuery) -> LogQuery:
    view.shared = not view.shared
    view.save(update_fields=["shared"])
    return asked


DEEDS: dict[str, Callable[[CompanyRequest, SavedView, LogQuery], LogQuery]] = {
    "rename": _rename,
    "delete": _delete,
    "restore": _restore,
    "update": _update,
    "share": _share,
}


def _stood_on(request: CompanyRequest) -> LogQuery:
    return kept(request.POST.get("on", "").removeprefix("?"), timezone.now(), request.zone)


def _refused(request: CompanyRequest, sentence: str, asked: LogQuery) -> HttpResponse:
    messages.error(request, sentence)
    return _back(asked)


def _back(asked: LogQuery) -> HttpResponse:
    return redirect(reverse("console:calls") + asked.address)
