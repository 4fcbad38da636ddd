"""Settings → Carriers: the company's accounts at telephone companies, connecting one, and what its numbers do."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.carriers.api import CarrierProblem, Denied, Refused
from callspring.carriers.description import Description
from callspring.carriers.registry import connectable, description
from callspring.console.carrier_forms import ConnectForm, CredentialsForm
from callspring.console.connection_page import ConnectionPage, connection_rows, is_own, title
from callspring.console.guard import fragment, manager, may
from callspring.console.public_address import PublicAddress, public_address
from callspring.console.request import CompanyRequest
from callspring.numbers.connecting import StillInUse, can_fall_back, check_again, refuse_if_in_use
from callspring.numbers.connecting import connect as connect_account
from callspring.numbers.models import Connection
from callspring.numbers.queries import connections
from callspring.scenarios import jobs
from callspring.scenarios.publishing import publish_surely

PAGE = 200  # numbers


@require_safe
@may(Verb.SEE_SETUP)
def carriers(request: CompanyRequest) -> HttpResponse:
    """All connections."""
    context = {"rows": connection_rows(request.company), "address": doors_address()}
    return render(request, "console/carriers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def connect(request: CompanyRequest) -> HttpResponse:
    """Connect a carrier: which one, then its account, which is tested before anything is stored."""
    carrier = (request.POST if request.method == "POST" else request.GET).get("carrier", "")
    if carrier not in connectable():
        return render(request, "console/choose_carrier.html", {"carriers": _described(), "unknown": bool(carrier)})
    form = ConnectForm(carrier, request.POST) if request.method == "POST" else ConnectForm(carrier)
    if request.method == "POST" and form.is_valid():
        connection = _tested(request, form, form.cleaned_data["label"])
        if connection is not None:
            said = _("%(carrier)s accepts this account: “%(name)s”. Now choose which of its numbers come here.")
            messages.success(request, said % {"carrier": form.described.title, "name": connection.label})
            return redirect("console:import_numbers", connection.pk)
    context = {
        "form": form,
        "described": form.described,
        "address": doors_address(),
        "falls_back": can_fall_back(carrier),
        "step": "account",
    }
    return render(request, "console/connect_carrier.html", context)


@require_safe
@may(Verb.SEE_SETUP)
def connection(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """One connection, its numbers, and what is being done with them."""
    found = Connection.objects.filter(company=request.company, pk=connection_id).first()
    if found is None:
        raise Http404
    if found.disconnected_at is not None:
        return _gone(request, found)
    return connection_page(request, found)


@require_POST
@manager
def test_connection(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """Ask the carrier whether it still accepts the account."""
    found = find_connection(request, connection_id)
    if problem := check_again(found):
        messages.error(request, problem)
    else:
        messages.success(request, _("%(carrier)s accepts this account.") % {"carrier": title(found.carrier)})
    return redirect("console:connection", found.pk)


@require_POST
@manager
def replace_token(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """Store another token once the carrier has accepted it."""
    found = _own(request, connection_id)
    if found is None:
        return redirect("console:connection", connection_id)
    form = CredentialsForm(found.carrier, request.POST, account=found.account)
    if not form.is_valid() or _tested(request, form, "") is None:
        return connection_page(request, found, secret_form=form)
    messages.success(request, _("%(carrier)s accepts this, and it is stored.") % {"carrier": title(found.carrier)})
    return redirect("console:connection", found.pk)


@require_POST
@manager
def retry(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """Try once more what failed."""
    found = find_connection(request, connection_id)
    if not jobs.try_again(found):
        messages.info(request, _("Nothing has failed."))
    return redirect("console:connection", found.pk)


@require_POST
@manager
def put_back(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """Bring back what the carrier had set for one number, or for all."""
    found = find_connection(request, connection_id)
    chosen = request.POST.getlist("number")
    e164s = [row.e164 for row in ConnectionPage(found).to_put_back if "all" in request.POST or row.e164 in chosen]
    if e164s:
        jobs.put_back(found, e164s)
    else:
        messages.info(request, _("There is nothing to put back."))
    return redirect("console:connection", found.pk)


@require_POST
@manager
def bring(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """Point a number here that is in the record already."""
    found = find_connection(request, connection_id)
    wanted = request.POST.get("number", "")
    if any(row.e164 == wanted and row.can_be_brought for row in ConnectionPage(found).rows):
        jobs.bring_here(found, [wanted], None)
    return redirect("console:connection", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def disconnect(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """End a connection: what that means is said first."""
    found = _own(request, connection_id)
    if found is None:
        return redirect("console:connection", connection_id)
    problem = ""
    if request.method == "POST":
        try:
            jobs.disconnect(found, force="force" in request.POST)
            return redirect("console:connection", found.pk)
        except StillInUse as refusal:
            problem = str(refusal)
    context = {"page": ConnectionPage(found), "problem": problem, "uses": _uses(found), "step": "disconnect"}
    return render(request, "console/disconnect.html", context)


def find_connection(request: CompanyRequest, connection_id: int) -> Connection:
    """A connection of the company that is not ended. Raises `Http404`."""
    found = connections(request.company).filter(pk=connection_id).first()
    if found is None:
        raise Http404
    return found


def doors_address() -> PublicAddress:
    """Where carriers call this installation."""
    return public_address(settings.CONFIG.doors_url)


def connection_page(
    request: CompanyRequest, found: Connection, *, secret_form: CredentialsForm | None = None
) -> HttpResponse:
    """The page, or while something is under way the piece of it that is asked for again."""
    page = ConnectionPage(found)
    if secret_form is None and page.own:
        secret_form = CredentialsForm(found.carrier, account=found.account)
    context = {
        "page": page,
        "numbers": Paginator(page.rows, PAGE).get_page(request.GET.get("page")),
        "secret_form": secret_form,
        "address": doors_address(),
    }
    piece = "console/parts/connection_numbers.html"
    return render(request, piece if fragment(request) else "console/connection.html", context)


def _own(request: CompanyRequest, connection_id: int) -> Connection | None:
    """One with credentials of the company's own; the sandbox is part of the installation, which is said."""
    found = find_connection(request, connection_id)
    if is_own(found.carrier):
        return found
    said = _("%(carrier)s is part of this installation: it has no secret and cannot be ended.")
    messages.error(request, said % {"carrier": title(found.carrier)})
    return None


def _described() -> list[tuple[str, Description]]:
    """The carriers that can be connected."""
    return [(name, description(name)) for name in connectable()]


def _tested(request: CompanyRequest, form: CredentialsForm, label: str) -> Connection | None:
    """The connection once the carrier has accepted it and the doors know its secret; else the form has the reason."""
    given = form.credentials
    try:
        made = connect_account(request.company, form.carrier, given.account, given.secret, label)
    except Denied as problem:
        form.denied(str(problem))
    except Refused as problem:
        form.refused(str(problem))
    except (CarrierProblem, ValueError) as problem:
        form.add_error(None, _("%(problem)s Nothing was stored.") % {"problem": problem})
    else:
        publish_surely(request.company.pk)
        jobs.point_again(made)
        return made
    return None


def _uses(found: Connection) -> str:
    """Why the connection cannot be ended now; "" when it can."""
    try:
        refuse_if_in_use(found)
    except StillInUse as refusal:
        return str(refusal)
    return ""


def _gone(request: CompanyRequest, found: Connection) -> HttpResponse:
    said = _("“%(name)s” is disconnected. Its numbers are as they were, and its calls stay in the log.")
    messages.success(request, said % {"name": found.label})
    if fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("console:carriers")})
    return redirect("console:carriers")
