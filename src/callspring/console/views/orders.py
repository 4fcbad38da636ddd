"""Orders of numbers: all there were, what came of each number, and what is done about those that could not be had."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.billing.actions import NotEnoughFunds
from callspring.carriers.api import CarrierProblem
from callspring.console.connection_page import title
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest
from callspring.console.saving import too_little
from callspring.numbers import shopping
from callspring.numbers.shopping import Batch
from callspring.scenarios.jobs import order_again
from callspring.scenarios.jobs import order_others as order_instead

PAGE = 30


@require_safe
@may(Verb.SEE_SETUP)
def orders(request: CompanyRequest) -> HttpResponse:
    """All orders, newest first; `?page=` goes back."""
    text = request.GET.get("page", "")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    found = shopping.batches(request.company, page * PAGE, PAGE + 1)
    context = {"orders": found[:PAGE], "newer": page, "older": page + 1 if len(found) > PAGE else None}
    return render(request, "console/orders.html", context)


@require_safe
@may(Verb.SEE_SETUP)
def order(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """What came of an order, while it is under way and afterwards."""
    batch = _find(request, batch_id)
    context = {"batch": batch, "title": title(batch.connection.carrier)}
    piece = "console/parts/order.html" if fragment(request) else "console/order.html"
    return render(request, piece, context)


@require_POST
@manager
def retry_order(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """Order once more what could not be had."""
    batch = _find(request, batch_id)
    try:
        order_again(batch)
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    return redirect("console:order", batch.id)


@require_POST
@manager
def order_others(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """Order other numbers of the same sort in place of what could not be had."""
    batch = _find(request, batch_id)
    try:
        found = order_instead(batch)
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    except CarrierProblem as problem:
        messages.error(request, str(problem))
    else:
        if found < len(batch.failed):
            messages.warning(request, _("No more such numbers are to be had. Choose others under Numbers."))
    return redirect("console:order", batch.id)


@require_POST
@manager
def leave_order(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """What could not be had need not be had."""
    shopping.leave(_find(request, batch_id))
    messages.success(request, _("Left at that."))
    return redirect("console:order", batch_id)


def _find(request: CompanyRequest, batch_id: UUID) -> Batch:
    batch = shopping.find_batch(request.company, batch_id)
    if batch is None:
        raise Http404
    return batch
