"""What people write about calls: the card on a call's page, and tags for several calls of the log at once."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callspring.accounts.roles import Verb
from callspring.calls.leads import MOST_AT_ONCE, set_lead, tag_calls
from callspring.calls.models import Call
from callspring.calls.queries import calls
from callspring.console.guard import fragment, may
from callspring.console.lead_form import LeadForm, lead_context
from callspring.console.request import CompanyRequest

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@require_POST
@may(Verb.ACT_IN_INBOX)
def call_lead(request: CompanyRequest, call_id: UUID) -> HttpResponse:
    """Write tags, note, value and qualification; the card again, with what is wrong if anything is."""
    call = _call(request, call_id)
    form = LeadForm(call.currency or call.company.account.currency, request.POST)
    saved = False
    if form.is_valid():
        try:
            set_lead(call, request.user, form.wanted())
            saved = True
        except ValueError as problem:
            form.add_error(None, str(problem))
    if not fragment(request):
        if not saved:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("console:call", call_id)
    context = lead_context(_call(request, call_id), None if saved else form)
    return render(request, "console/parts/lead_form.html", {**context, "saved": saved})


@require_POST
@may(Verb.ACT_IN_INBOX)
def tag_several(request: CompanyRequest) -> HttpResponse:
    """Put tags on the calls that are ticked (`call`), or with `do` = remove take them off; back to the list."""
    ids = [UUID(text) for text in request.POST.getlist("call")[:MOST_AT_ONCE] if _ID.fullmatch(text)]
    remove = request.POST.get("do") == "remove"
    if not ids:
        messages.warning(request, _("Tick some calls first."))
        return redirect(_back(request))
    try:
        changed = tag_calls(request.company, ids, request.POST.get("tags", ""), request.user, remove=remove)
    except ValueError as problem:
        messages.warning(request, str(problem))
        return redirect(_back(request))
    said = ngettext("%(n)s call changed.", "%(n)s calls changed.", changed)
    messages.success(request, said % {"n": changed})
    return redirect(_back(request))


def _back(request: CompanyRequest) -> str:
    """The list as it was: its query is checked by the list itself."""
    query = request.POST.get("on", "")[:2_000]
    return reverse("console:calls") + (query if query.startswith("?") else "?view=all")


def _call(request: CompanyRequest, call_id: UUID) -> Call:
    """Raises `Http404` for an outsider's."""
    found = calls(request.company).filter(pk=call_id).select_related("company__account").first()
    if found is None:
        raise Http404
    return found
