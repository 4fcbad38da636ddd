"""Settings → Staff: the addresses and numbers of the company's own people, which count as nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.accounts.staff import (
    Network,
    add_staff_number,
    is_wide,
    own_network,
    parse_network,
    remove_staff_number,
    staff_networks,
    staff_numbers,
)
from callspring.console.address import client_address
from callspring.console.guard import manager, may
from callspring.console.people_forms import StaffNetworkForm, StaffNumberForm
from callspring.console.request import CompanyRequest
from callspring.scenarios.staff import add_staff_network, remove_staff_network


@require_safe
@may(Verb.SEE_SETUP)
def staff(request: CompanyRequest) -> HttpResponse:
    """Both lists."""
    return _page(request)


@require_POST
@manager
def new_staff_network(request: CompanyRequest) -> HttpResponse:
    """List an address or a network."""
    form = StaffNetworkForm(request.POST)

    def add(data: dict[str, Any]) -> None:
        add_staff_network(request.company, data["network"], data["label"])

    if not _done(form, add):
        return _page(request, network_form=form)
    network: Network = form.cleaned_data["network"]
    messages.success(request, _("%(network)s is listed: visits from there count as nothing.") % {"network": network})
    if is_wide(network):
        said = _(
            "%(network)s is very wide: %(count)s addresses. Customers probably come from some of them, and "
            "would count as nothing too. Remove it unless the whole network is yours."
        )
        messages.warning(request, said % {"network": network, "count": _count(network)})
    return redirect("console:staff")


@require_POST
@manager
def drop_staff_network(request: CompanyRequest, network_id: int) -> HttpResponse:
    """Count visits from there again."""
    found = staff_networks(request.company.pk).filter(pk=network_id).first()
    if found is None:
        raise Http404
    remove_staff_network(found)
    messages.success(request, _("Visits from %(network)s count again.") % {"network": found.network})
    return redirect("console:staff")


@require_POST
@manager
def new_staff_number(request: CompanyRequest) -> HttpResponse:
    """List a phone number."""
    form = StaffNumberForm(request.company.country, request.POST)
    if not _done(form, lambda data: add_staff_number(request.company, data["e164"], data["label"])):
        return _page(request, number_form=form)
    messages.success(request, _("The number is listed: its calls are test calls from now on."))
    return redirect("console:staff")


@require_POST
@manager
def drop_staff_number(request: CompanyRequest, number_id: int) -> HttpResponse:
    """Count calls from it again."""
    found = staff_numbers(request.company.pk).filter(pk=number_id).first()
    if found is None:
        raise Http404
    remove_staff_number(found)
    messages.success(request, _("Calls from this number count again from now on."))
    return redirect("console:staff")


def _done(form: forms.Form, act: Callable[[dict[str, Any]], None]) -> bool:
    """Whether the form was right and the domain did what it asks; else its errors stand in it."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValueError as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _count(network: Network) -> str:
    """How many addresses: in full for IPv4, as a power of two for IPv6, where it would have 30 digits."""
    return f"{network.num_addresses:,}" if network.version == 4 else f"2^{128 - network.prefixlen}"


def _page(
    request: CompanyRequest,
    *,
    network_form: StaffNetworkForm | None = None,
    number_form: StaffNumberForm | None = None,
) -> HttpResponse:
    """The page; with a form that was sent it shows that one's errors."""
    networks = list(staff_networks(request.company.pk))
    own = own_network(client_address(request))
    context = {
        "networks": networks,
        "numbers": staff_numbers(request.company.pk),
        "own": own,
        "own_listed": own and str(parse_network(own)) in {one.network for one in networks},
        "network_form": network_form or StaffNetworkForm(),
        "number_form": number_form or StaffNumberForm(request.company.country),
    }
    return render(request, "console/staff.html", context)
