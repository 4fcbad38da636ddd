"""Signing in and out, and choosing the company."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from callspring.accounts.actions import use_sign_in_link
from callspring.console.address import client_address
from callspring.console.attempts import WINDOW, forget, may_try
from callspring.console.forms import SignInForm
from callspring.console.guard import member
from callspring.console.middleware import SESSION_KEY
from callspring.console.request import CompanyRequest


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password."""
    if request.user.is_authenticated:
        return _onwards(request)
    if request.method == "POST":
        return _try(request, SignInForm(request.POST))
    return _sign_in_page(request, SignInForm())


def _try(request: HttpRequest, form: SignInForm) -> HttpResponse:
    """Sign the person in, or say why not."""
    if not form.is_valid():
        return _sign_in_page(request, form)
    email, address = form.cleaned_data["email"], client_address(request)
    if not may_try(email, address):
        minutes = WINDOW // 60
        form.add_error(None, _("Too many tries. Wait %(minutes)d minutes, then try again.") % {"minutes": minutes})
        return _sign_in_page(request, form, status=429)
    user = authenticate(request, username=email.lower(), password=form.cleaned_data["password"])
    if user is None:
        form.add_error(None, _("E-mail and password do not match. Check both and try again."))
        return _sign_in_page(request, form)
    forget(email, address)
    login(request, user)
    return _onwards(request)


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    return render(request, "console/sign_in.html", {"form": form, "next": _next(request)}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, POST uses the link up: programs that only read mail cannot."""
    if request.method == "GET":
        return render(request, "console/sign_in_link.html")
    user = use_sign_in_link(token)
    if user is None:
        return render(request, "console/sign_in_link.html", {"problem": True}, status=410)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("console:dashboard")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    then = _next(request)
    logout(request)
    return HttpResponseRedirect(then) if then else redirect("console:sign_in")


@require_POST
@member
def switch_company(request: CompanyRequest) -> HttpResponse:
    """Look at another company of this person's from now on. Any other id changes nothing."""
    wanted = request.POST.get("company", "")
    if wanted in {str(membership.company_id) for membership in request.memberships}:
        request.session[SESSION_KEY] = int(wanted)
    return redirect("console:dashboard")


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is on this console."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here else ""


def _onwards(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_next(request)) if _next(request) else redirect("console:dashboard")
