"""Settings → People: who belongs to the company as what, and who is invited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from callspring.accounts.invitations import invite, open_invitations, send_again
from callspring.accounts.invitations import revoke as take_back
from callspring.accounts.members import change_role, members
from callspring.accounts.members import remove as take_out
from callspring.accounts.models import Invitation, Membership
from callspring.accounts.roles import PERMITTED, VERBS, Role, Verb, gives
from callspring.console.address import client_address
from callspring.console.attempts import may_try
from callspring.console.guard import may
from callspring.console.people_forms import InviteForm
from callspring.console.request import CompanyRequest


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation's address, shown once to whoever made it."""

    email: str
    address: str


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.MANAGE_PEOPLE)
def people(request: CompanyRequest) -> HttpResponseBase:
    """The list; POST invites somebody."""
    if request.method == "POST":
        return _invite(request, InviteForm(gives(request.membership.role), request.POST))
    return _page(request)


def _invite(request: CompanyRequest, form: InviteForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form=form)
    email = form.cleaned_data["email"].lower()
    if not _may_mail(request, email):
        form.add_error("email", _too_often())
        return _page(request, form=form)
    try:
        address = invite(request.membership, email, form.cleaned_data["role"], join_address)
    except ValueError as problem:
        form.add_error("email", str(problem))
        return _page(request, form=form)
    return _page(request, link=Link(email, address))


@require_POST
@may(Verb.MANAGE_PEOPLE)
def resend(request: CompanyRequest, invitation_id: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    invitation = _invitation(request, invitation_id)
    if not _may_mail(request, invitation.email):
        messages.error(request, _too_often())
        return redirect("console:people")
    try:
        address = send_again(request.membership, invitation, join_address)
    except ValueError as problem:
        messages.error(request, str(problem))
        return redirect("console:people")
    return _page(request, link=Link(invitation.email, address))


@require_POST
@may(Verb.MANAGE_PEOPLE)
def revoke(request: CompanyRequest, invitation_id: int) -> HttpResponse:
    """Make an invitation's link useless."""
    invitation = _invitation(request, invitation_id)
    said = _("The invitation of %(email)s is revoked: its link works no more.") % {"email": invitation.email}
    return _done(request, lambda: take_back(request.membership, invitation), said)


@require_POST
@may(Verb.MANAGE_PEOPLE)
def role(request: CompanyRequest, member_id: int) -> HttpResponse:
    """Give somebody another role."""
    member = _member(request, member_id)
    wanted = request.POST.get("role", "")
    if wanted not in Role.values:
        raise Http404
    said = _("%(who)s: %(role)s from now on.") % {"who": member.user, "role": Role(wanted).label}
    return _done(request, lambda: change_role(request.membership, member, wanted), said)


@require_POST
@may(Verb.MANAGE_PEOPLE)
def remove(request: CompanyRequest, member_id: int) -> HttpResponse:
    """Take somebody out of the company."""
    member = _member(request, member_id)
    said = _("%(who)s is no longer a member of %(company)s.") % {"who": member.user, "company": request.company}
    return _done(request, lambda: take_out(request.membership, member), said)


def join_address(token: str) -> str:
    """The whole address of an invitation."""
    return f"{settings.CONFIG.console_url}{reverse('console:join', args=[token])}"


def _done(request: CompanyRequest, act: Callable[[], None], said: str) -> HttpResponse:
    """Say what was done, or why not; somebody who may see the people no more goes to the start."""
    try:
        act()
    except ValueError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, said)
    own = Membership.objects.filter(pk=request.membership.pk).first()
    still = own is not None and Verb.MANAGE_PEOPLE in PERMITTED[own.role]
    return redirect("console:people" if still else "console:dashboard")


def _member(request: CompanyRequest, member_id: int) -> Membership:
    found = members(request.company).filter(pk=member_id).first()
    if found is None:
        raise Http404
    return found


def _invitation(request: CompanyRequest, invitation_id: int) -> Invitation:
    found = open_invitations(request.company).filter(pk=invitation_id).first()
    if found is None:
        raise Http404
    return found


def _may_mail(request: CompanyRequest, email: str) -> bool:
    """Nobody's mailbox is to be filled through us."""
    return may_try(email, client_address(request), "invitation")


def _too_often() -> str:
    return _("Too many invitations were sent. Wait a quarter of an hour, then try again.")


def _page(request: CompanyRequest, *, form: InviteForm | None = None, link: Link | None = None) -> HttpResponse:
    may_give = gives(request.membership.role)
    context = {
        "members": [(one, one.role in may_give) for one in members(request.company)],
        "roles": [(one.value, one.label) for one in may_give],
        "invitations": [(one, one.role in may_give) for one in open_invitations(request.company)],
        "now": timezone.now(),
        "form": form or InviteForm(may_give),
        "link": link,
        "all_roles": [one.label for one in Role],
        "verbs": [(said, [verb in PERMITTED[one] for one in Role]) for verb, said in VERBS.items()],
    }
    return render(request, "console/people.html", context)
