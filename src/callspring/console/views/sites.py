"""Settings → Integrations: a site is removed, and brought back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from callspring.accounts.models import Account
from callspring.console.guard import manager
from callspring.console.request import CompanyRequest
from callspring.numbers.models import Number
from callspring.scenarios.queries import scenarios
from callspring.scenarios.sites import bring_back_site, remove_site
from callspring.sites.models import Site
from callspring.sites.queries import removed_sites, sites
from callspring.sites.queries import site as find_site

UNDO = "removed_site"  # in the session, for the next page


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def remove(request: CompanyRequest, site_id: int) -> HttpResponse:
    """Remove a site; asks first, and names the scenarios that act on it. Pressed twice is fine."""
    found = _find(request, site_id)
    if request.method == "POST":
        remove_site(found)
        request.session[UNDO] = found.pk
        messages.success(request, _("“%(name)s” is removed: its pages show your own number.") % {"name": found.name})
        return redirect("console:integrations")
    if found.removed_at is not None:
        return redirect("console:integrations")
    owned = Count("numbers", filter=~Q(numbers__state=Number.State.RELEASED))
    acting = list(scenarios(request.company).filter(site=found).annotate(owned=owned))
    context = {
        "site": found,
        "acting": acting,
        "owned": sum(one.owned for one in acting),
        "last": sites(request.company).count() == 1,
        "prepaid": request.company.account.mode == Account.Mode.PREPAID,
    }
    return render(request, "console/remove_site.html", context)


@require_POST
@manager
def restore(request: CompanyRequest, site_id: int) -> HttpResponse:
    """Bring a removed site back, as it was; pressed twice is fine."""
    found = _find(request, site_id)
    try:
        bring_back_site(found)
    except ValidationError as problem:
        stays = _("“%(name)s” stays removed: give it another host there first, or take the host out.")
        messages.error(request, " ".join([*problem.messages, stays % {"name": found.name}]))
        return redirect("console:integrations")
    messages.success(request, _("“%(name)s” is there again, as it was.") % {"name": found.name})
    return redirect("console:integrations")


def _find(request: CompanyRequest, site_id: int) -> Site:
    """One of the company's, removed or not."""
    found = find_site(request.company, site_id) or removed_sites(request.company).filter(pk=site_id).first()
    if found is None:
        raise Http404
    return found
