"""Who may see and who may change: `member` lets people of a company look, `manager` lets owners and managers act."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from callspring.console.request import CompanyRequest, may_change

P = ParamSpec("P")
View = Callable[Concatenate[CompanyRequest, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member(view: View[P]) -> Guarded[P]:
    """Demand a signed-in person with a company. Strangers are sent to sign in and come back afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        if vars(request).get("membership") is None:
            return render(request, "console/no_company.html", status=403)
        return view(cast(CompanyRequest, request), *args, **kwargs)

    return guarded


def manager(view: View[P]) -> Guarded[P]:
    """As `member`, and the role has to be owner or manager. Raises `PermissionDenied` (a 403 page)."""

    @wraps(view)
    def allowed(request: CompanyRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_change(request.membership):
            raise PermissionDenied(_("Only owners and managers of this company may change this."))
        return view(request, *args, **kwargs)

    return member(allowed)


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """A page goes to the sign-in form; a fragment tells htmx to take the whole page there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("console:sign_in")})
    return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("console:dashboard"))


def fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page."""
    return bool(request.headers.get("HX-Request"))
