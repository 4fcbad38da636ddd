"""Where an invitation leads: somebody new makes an account, somebody who has one signs in and joins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from callspring.accounts.invitations import AddressTaken, accept, accept_as_new, in_force
from callspring.accounts.models import Invitation, Membership, User
from callspring.accounts.roles import ABOUT
from callspring.console.address import client_address
from callspring.console.attempts import WINDOW, may_try
from callspring.console.middleware import SESSION_KEY
from callspring.console.people_forms import JoinForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows who invites whom; POST uses the link up: programs that only read mail cannot."""
    invitation = in_force(token)
    if invitation is None:
        return _gone(request)
    if isinstance(request.user, User):
        return _join_signed_in(request, request.user, invitation, token)
    form = JoinForm(User(email=invitation.email), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _join_as_new(request, form, invitation, token)
    return _page(request, invitation, form=form)


def _join_signed_in(request: HttpRequest, user: User, invitation: Invitation, token: str) -> HttpResponse:
    """Whoever is signed in with the invited address needs one press; anybody else has to sign out first."""
    if request.method != "POST" or user.email != invitation.email:
        return _page(request, invitation, right_person=user.email == invitation.email)
    membership = accept(token, user)
    return _welcome(request, membership) if membership else _gone(request)


def _join_as_new(request: HttpRequest, form: JoinForm, invitation: Invitation, token: str) -> HttpResponse:
    """The page says nothing on whether the address is known; that comes out only here, to who has the link."""
    if not may_try(invitation.email, client_address(request), "join"):
        minutes = WINDOW // 60
        form.add_error(None, _("Too many tries. Wait %(minutes)d minutes, then try again.") % {"minutes": minutes})
        return _page(request, invitation, status=429, form=form)
    try:
        membership = accept_as_new(token, form.cleaned_data["name"], form.cleaned_data["password"])
    except AddressTaken:
        form.add_error(None, _("Somebody has an account with this address already. If it is you, sign in first."))
        return _page(request, invitation, form=form)
    if membership is None:
        return _gone(request)
    login(request, membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return _welcome(request, membership)


def _welcome(request: HttpRequest, membership: Membership) -> HttpResponse:
    request.session[SESSION_KEY] = membership.company_id
    messages.success(request, _("Welcome to %(company)s.") % {"company": membership.company})
    return redirect("console:dashboard")


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "console/join.html", {"problem": True}, status=410)


def _page(request: HttpRequest, invitation: Invitation, *, status: int = 200, **more: Any) -> HttpResponse:
    role = Membership.Role(invitation.role)
    context = {"invitation": invitation, "role": role.label, "about": ABOUT[role], **more}
    return render(request, "console/join.html", context, status=status)
