"""Settings → Integrations: the script, where it may run, what it remembers, what was turned away, keys for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.actions import create_api_key, revoke_api_key
from callspring.accounts.models import Company
from callspring.accounts.queries import api_keys
from callspring.accounts.roles import Verb
from callspring.console.forms import ApiKeyForm, SiteForm, VisitorsForm
from callspring.console.guard import manager, may
from callspring.console.request import CompanyRequest
from callspring.console.snippet import map_source, pinned_lines, snippet_line
from callspring.console.views.sites import UNDO
from callspring.console.views.snippet_test import SnippetTestForm
from callspring.reports.drops import recent_drops
from callspring.scenarios.sites import add_site, change_site
from callspring.scenarios.try_links import try_links
from callspring.scenarios.visitors import remember_visitors
from callspring.sites.international import to_unicode
from callspring.sites.models import Site
from callspring.sites.queries import removed_sites, sites
from callspring.sites.queries import site as find_site

DROPS_SINCE = timedelta(days=7)
MOST_REMOVED = 50


@require_safe
@may(Verb.SEE_SETUP)
def integrations(request: CompanyRequest) -> HttpResponse:
    """Everybody may look."""
    return _page(request)


@require_POST
@manager
def new_site(request: CompanyRequest) -> HttpResponse:
    """Add a site."""
    form = SiteForm(request.POST, prefix="new")
    if _done(form, lambda data: _add(request.company, data)):
        messages.success(request, _("The site is added. The script shows numbers on it from now on."))
        return redirect("console:integrations")
    return _page(request, new_site_form=form)


@require_POST
@manager
def site(request: CompanyRequest, site_id: int) -> HttpResponse:
    """Change a site's name and allowed hosts."""
    found = find_site(request.company, site_id)
    if found is None:
        raise Http404
    form = SiteForm(request.POST, prefix=f"site-{found.pk}")
    if _done(form, lambda data: _change(found, data)):
        messages.success(request, _("The site is saved."))
        return redirect("console:integrations")
    return _page(request, site_forms={found.pk: form})


@require_POST
@manager
def visitor_settings(request: CompanyRequest) -> HttpResponse:
    """Say how long visitors are remembered, and which source decides."""
    form = VisitorsForm(request.POST)
    if _done(form, lambda data: _remember(request.company, data)):
        messages.success(request, _("Saved. It counts from each visitor's next page on."))
        return redirect("console:integrations")
    return _page(request, visitors_form=form)


@require_POST
@manager
def new_api_key(request: CompanyRequest) -> HttpResponse:
    """Make a key and show it, this once."""
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return _page(request, key_form=form)
    _key, plain = create_api_key(request.company, form.cleaned_data["label"])
    return _page(request, new_key=plain)


@require_POST
@manager
def revoke(request: CompanyRequest, key_id: int) -> HttpResponse:
    """End a key's life."""
    key = api_keys(request.company).filter(pk=key_id).first()
    if key is None:
        raise Http404
    revoke_api_key(key)
    messages.success(
        request, _("The key “%(label)s” is revoked: programs that use it are refused.") % {"label": key.label}
    )
    return redirect("console:integrations")


def _add(company: Company, data: dict[str, Any]) -> None:
    add_site(company, data["name"], data["hosts"].splitlines(), **_choices(data))


def _change(found: Site, data: dict[str, Any]) -> None:
    change_site(found, data["name"], data["hosts"].splitlines(), **_choices(data))


def _choices(data: dict[str, Any]) -> dict[str, bool]:
    return {"needs_consent": data["consent"] == "yes", "takes_forms": data["forms"] == "yes"}


def _remember(company: Company, data: dict[str, Any]) -> None:
    remember_visitors(company, cookie_days=data["cookie_days"], newest_source=data["newest_source"] == "yes")


def _done(form: SiteForm | VisitorsForm, act: Any) -> bool:
    """Whether the form was right and the domain did what it asks; else its errors stand at the fields."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValidationError as problem:
        form.add_error(None, problem)
        return False
    return True


def _page(
    request: CompanyRequest,
    *,
    new_site_form: SiteForm | None = None,
    site_forms: dict[int, SiteForm] | None = None,
    visitors_form: VisitorsForm | None = None,
    key_form: ApiKeyForm | None = None,
    new_key: str = "",
) -> HttpResponse:
    """The page; with a form that was sent it shows that one's errors."""
    found, removed = list(sites(request.company)), list(removed_sites(request.company)[:MOST_REMOVED])
    undo = request.session.pop(UNDO, None)
    context = {
        "snippet": snippet_line(request.company),
        "pinned": pinned_lines(request.company),
        "map_source": map_source(),
        "sites": [(one, (site_forms or {}).get(one.pk) or _site_form(one), _otherwise(one)) for one in found],
        "removed": removed,
        "undo": next((one for one in removed if one.pk == undo), None),
        "try_links": [(one, links) for one in found if (links := try_links(one))],
        "visitors_form": visitors_form or _visitors_form(request.company),
        "new_site_form": new_site_form or SiteForm(prefix="new"),
        "drops": recent_drops(request.company, timezone.now() - DROPS_SINCE),
        "keys": api_keys(request.company),
        "key_form": key_form or ApiKeyForm(),
        "new_key": new_key,
        "test_form": SnippetTestForm(),
    }
    return render(request, "console/integrations.html", context)


def _otherwise(one: Site) -> list[str]:
    """The hosts that people write otherwise than browsers, as browsers write them."""
    return [host for host in one.hosts if to_unicode(host) != host]


def _site_form(one: Site) -> SiteForm:
    consent, taken = "yes" if one.needs_consent else "", "yes" if one.takes_forms else ""
    initial = {"name": one.name, "hosts": "\n".join(map(to_unicode, one.hosts)), "consent": consent, "forms": taken}
    return SiteForm(prefix=f"site-{one.pk}", initial=initial)


def _visitors_form(company: Company) -> VisitorsForm:
    newest = "yes" if company.newest_source else ""
    return VisitorsForm(initial={"cookie_days": company.cookie_days, "newest_source": newest})
