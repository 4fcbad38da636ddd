"""Who gets to a view: `may(verb)` asks the table of roles, `member` lets in everybody of the company.

A view that shows or changes anything of the company's carries `may`; `member` is for what is about the person alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.roles import Role, Verb, permits
from callspring.console.request import CompanyRequest

P = ParamSpec("P")
View = Callable[Concatenate[CompanyRequest, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

SEVERAL: dict[Role, Promise] = {
    Role.OWNER: gettext_lazy("owners"),
    Role.MANAGER: gettext_lazy("managers"),
    Role.ANALYST: gettext_lazy("analysts"),
    Role.AGENT: gettext_lazy("agents"),
}


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


def may(verb: Verb, *, instead: str = "") -> Callable[[View[P]], Guarded[P]]:
    """As `member`, and the role has to permit `verb`. Raises `PermissionDenied` (a 403 page) or leads to `instead`."""

    def guard(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def allowed(request: CompanyRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if permits(request.membership.role, verb):
                return view(request, *args, **kwargs)
            if instead:
                return redirect(instead)
            raise PermissionDenied(_refusal(verb))

        return member(allowed)

    return guard


def manager(view: View[P]) -> Guarded[P]:
    """Let owners and managers change the set-up."""
    return may(Verb.CHANGE_SETUP)(view)


def _refusal(verb: Verb) -> str:
    """Who may do that, so that people know whom to ask."""
    who = [str(several) for role, several in SEVERAL.items() if permits(role, verb)]
    return _("Only %(who)s of this company may do this.") % {"who": get_text_list(who, _("and"))}


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """A page goes to the sign-in form; a fragment tells htmx to take the whole page there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("console:sign_in")})
    return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("console:dashboard"))


def fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page."""
    return bool(request.headers.get("HX-Request"))
