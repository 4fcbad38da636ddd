"""Making a password anew, for those who forgot it or never had one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from callspring.accounts.people import who_resets
from callspring.console.address import client_address
from callspring.console.attempts import WINDOW, forget, may_try
from callspring.console.jobs import ask_for_reset
from callspring.console.people_forms import ForgotForm, NewPassword


@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail. The answer is the same for every address."""
    if request.method != "POST":
        return _forgot_page(request, ForgotForm())
    form = ForgotForm(request.POST)
    if not form.is_valid():
        return _forgot_page(request, form)
    email = form.cleaned_data["email"].lower()
    if not may_try(email, client_address(request), "reset"):
        minutes = WINDOW // 60
        form.add_error(None, _("Too many tries. Wait %(minutes)d minutes, then try again.") % {"minutes": minutes})
        return _forgot_page(request, form, status=429)
    ask_for_reset(email)
    return render(request, "console/forgot.html", {"asked": email})


def _forgot_page(request: HttpRequest, form: ForgotForm, status: int = 200) -> HttpResponse:
    return render(request, "console/forgot.html", {"form": form}, status=status)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """Where the link leads. Afterwards the person is signed out everywhere and signs in with the new password."""
    user = who_resets(who, token)
    if user is None:
        return render(request, "console/new_password.html", {"problem": True}, status=410)
    form = NewPassword(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "console/new_password.html", {"form": form, "email": user.email})
    user.set_password(form.cleaned_data["password"])
    user.save(update_fields=["password"])
    forget(user.email, client_address(request))
    messages.success(request, _("Your password is changed. Sign in with it."))
    return redirect("console:sign_in")
