"""The person's own profile: name, e-mail copies, password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from callspring.accounts.people import change_profile
from callspring.console.address import client_address
from callspring.console.attempts import WINDOW, forget, may_try
from callspring.console.guard import member
from callspring.console.people_forms import ChangePassword, ProfileForm
from callspring.console.request import CompanyRequest

PURPOSE = "password"


@require_http_methods(["GET", "HEAD", "POST"])
@member
def profile(request: CompanyRequest) -> HttpResponseBase:
    """Name and copies; POST saves them."""
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.memberships, request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    change_profile(request.user, form.cleaned_data["name"], form.wanted())
    messages.success(request, _("Saved."))
    return redirect("console:profile")


@sensitive_post_parameters("current", "password")
@require_POST
@member
def change_password(request: CompanyRequest) -> HttpResponse:
    """Another password: every other browser in which this person is signed in is signed out."""
    form = ChangePassword(request.user, request.POST)
    if not form.is_valid() or not _knows_password(request, form):
        return _page(request, password_form=form)
    request.user.set_password(form.cleaned_data["password"])
    request.user.save(update_fields=["password"])
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Your password is changed. Everywhere else you are signed out now."))
    return redirect("console:profile")


def _knows_password(request: CompanyRequest, form: ChangePassword) -> bool:
    """Whether it is the person who sits there; else the form says why not."""
    if "current" not in form.fields:
        return True
    email, address = request.user.email, client_address(request)
    if not may_try(email, address, PURPOSE):
        said = _("Too many tries. Wait %(minutes)d minutes, then try again.") % {"minutes": WINDOW // 60}
        form.add_error("current", said)
        return False
    if not request.user.check_password(form.cleaned_data["current"]):
        form.add_error("current", _("This is not your password."))
        return False
    forget(email, address, PURPOSE)
    return True


def _page(
    request: CompanyRequest, *, form: ProfileForm | None = None, password_form: ChangePassword | None = None
) -> HttpResponse:
    """The page; with a form that was sent it shows that one's errors."""
    context = {
        "form": form or ProfileForm(request.memberships, initial={"name": request.user.name}),
        "companies": request.memberships,
        "password_form": password_form or ChangePassword(request.user),
    }
    return render(request, "console/profile.html", context)
