"""Settings → Integrations: the script, the hosts it may run on, what was turned away, keys for programs."""

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
from callspring.accounts.queries import api_keys
from callspring.accounts.roles import Verb
from callspring.console.forms import ApiKeyForm, SiteForm
from callspring.console.guard import manager, may
from callspring.console.request import CompanyRequest
from callspring.console.snippet import snippet_line
from callspring.console.views.snippet_test import SnippetTestForm
from callspring.reports.drops import recent_drops
from callspring.scenarios.sites import add_site, change_site
from callspring.sites.models import Site
from callspring.sites.queries import site as find_site
from callspring.sites.queries import sites

DROPS_SINCE = timedelta(days=7)


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
    if _done(form, lambda data: add_site(request.company, data["name"], data["hosts"].splitlines())):
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
    if _done(form, lambda data: change_site(found, data["name"], data["hosts"].splitlines())):
        messages.success(request, _("The allowed hosts are saved."))
        return redirect("console:integrations")
    return _page(request, site_forms={found.pk: form})


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


def _done(form: SiteForm, act: Any) -> bool:
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
    key_form: ApiKeyForm | None = None,
    new_key: str = "",
) -> HttpResponse:
    """The page; with a form that was sent it shows that one's errors."""
    context = {
        "snippet": snippet_line(request.company),
        "sites": [(one, (site_forms or {}).get(one.pk) or _site_form(one)) for one in sites(request.company)],
        "new_site_form": new_site_form or SiteForm(prefix="new"),
        "drops": recent_drops(request.company, timezone.now() - DROPS_SINCE),
        "keys": api_keys(request.company),
        "key_form": key_form or ApiKeyForm(),
        "new_key": new_key,
        "test_form": SnippetTestForm(),
    }
    return render(request, "console/integrations.html", context)


def _site_form(one: Site) -> SiteForm:
    return SiteForm(prefix=f"site-{one.pk}", initial={"name": one.name, "hosts": "\n".join(one.hosts)})
