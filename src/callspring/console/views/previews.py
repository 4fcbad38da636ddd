"""What a visitor would see and why: of a draft, of a visit that was; and whether a target number is on the site."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from callspring.accounts.roles import Verb
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest
from callspring.console.visit_why import visit_why
from callspring.console.wizard import drafts
from callspring.console.wizard.drafts import DraftGone
from callspring.console.wizard.previewing import PreviewForm, see
from callspring.numbers.e164 import parse_number
from callspring.scenarios.tagging import MOST_TARGETS
from callspring.scenarios.target_check import Looked, TooMany, look
from callspring.sites.queries import site as find_site


@require_safe
@manager
def preview(request: CompanyRequest, draft_id: int) -> HttpResponse:
    """A visitor from … on page … in … would see …, because …"""
    try:
        draft = drafts.find(request, draft_id)
    except DraftGone:
        return redirect("console:tracking_numbers")
    form = PreviewForm(request.GET or None, initial=PreviewForm.usual())
    seen = see(draft, form.cleaned_data) if form.is_bound and form.is_valid() else None
    context = {"draft": draft, "preview_form": form, "seen": seen}
    return render(request, "console/parts/preview.html" if fragment(request) else "console/preview.html", context)


@require_safe
@manager
def target_check(request: CompanyRequest) -> HttpResponse:
    """Whether the numbers (`target`, one or several) stand on the site's home page; takes some seconds at most."""
    wanted = request.GET.get("site", "")
    site = (
        find_site(request.company, int(wanted))
        if wanted.isascii() and wanted.isdecimal() and len(wanted) < 16
        else None
    )
    looked: list[Looked] = []
    problem = ""
    if site is not None:
        try:
            given = cast("list[str]", request.GET.getlist("target"))[:MOST_TARGETS] or [""]
            looked = look(request.company, site, [parse_number(one[:40], request.company.country) for one in given])
        except ValueError as error:
            problem = str(error)
        except TooMany:
            problem = _("This was looked up often in the last minute. Try again in a minute.")
    context = {"site": site, "looked": looked, "problem": problem, "several": len(looked) > 1}
    return render(request, "console/parts/target_check.html", context)


@require_safe
@may(Verb.SEE_CALLS)
def why(request: CompanyRequest, visit_number: int) -> HttpResponse:
    """Why a visit was shown the numbers it was, and what each scenario would say to it now."""
    found = visit_why(request.company, visit_number)
    if found is None:
        raise Http404
    return render(request, "console/visit_why.html", {"why": found})
