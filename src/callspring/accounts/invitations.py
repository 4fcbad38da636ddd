"""Asking people to join a company: invite, send again, revoke, accept.

Whoever has the link may join with the invited address, so only a digest of it is stored, and it is good once: that it
is unused is part of the UPDATE that uses it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.actions import digest
from callspring.accounts.models import Company, Invitation, Membership, User
from callspring.accounts.roles import ABOUT, gives
from callspring.mail.actions import send

DAYS = 7
Link = Callable[[str], str]  # the whole address (https://…) that a token belongs into


class AddressTaken(Exception):
    """Somebody signs in with the invited address already; they have to do that first."""


def open_invitations(company: Company) -> QuerySet[Invitation]:
    """A company's invitations that were neither accepted nor revoked, newest first; some may be too old."""
    found = Invitation.objects.filter(company=company, accepted_at=None, revoked_at=None)
    return found.select_related("invited_by").order_by("-id")


@transaction.atomic
def invite(by: Membership, email: str, role: str, link: Link) -> str:
    """Ask the owner of an address to join the company of `by`; returns the link, which is nowhere stored.

    An invitation that is open for this address is replaced: its old link works no more. Raises `ValueError`, a
    sentence for people, when the address is a member's or `by` may not give this role.
    """
    email = email.strip().lower()
    by = _in_turn(by)
    _may_give(by, role)
    # Replaced means taken back, so it has to be one that they could revoke.
    for invitation in open_invitations(by.company).filter(email=email):
        _may_give(by, invitation.role)
    if Membership.objects.filter(company=by.company, user__email=email).exists():
        raise ValueError(_("%(email)s is a member of this company already.") % {"email": email})
    token = secrets.token_urlsafe(32)
    invitation, _made = Invitation.objects.update_or_create(
        company=by.company, email=email, accepted_at=None, revoked_at=None, defaults={"role": role, **_fresh(by, token)}
    )
    return _mail(invitation, link(token))


@transaction.atomic
def send_again(by: Membership, invitation: Invitation, link: Link) -> str:
    """Send an open invitation with a new link for another 7 days; the old link works no more. Raises `ValueError`."""
    by = _in_turn(by)
    _may_give(by, invitation.role)
    token = secrets.token_urlsafe(32)
    if not open_invitations(by.company).filter(pk=invitation.pk).update(**_fresh(by, token)):
        raise ValueError(_("This invitation was accepted or revoked meanwhile."))
    invitation.refresh_from_db()
    return _mail(invitation, link(token))


def take_back(company: Company, user: User, *, keeps: Collection[str] = ()) -> None:
    """Revoke what this person has invited to the company, apart from invitations as one of the roles `keeps`."""
    open_invitations(company).filter(invited_by=user).exclude(role__in=keeps).update(revoked_at=timezone.now())


def revoke(by: Membership, invitation: Invitation) -> None:
    """Make an open invitation's link useless. Raises `ValueError`."""
    _may_give(by, invitation.role)
    if not open_invitations(by.company).filter(pk=invitation.pk).update(revoked_at=timezone.now()):
        raise ValueError(_("This invitation was accepted or revoked meanwhile."))


def in_force(token: str) -> Invitation | None:
    """The invitation behind a link; None for an unknown, used, revoked or too old one."""
    fresh = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return fresh.filter(digest=digest(token)).select_related("company", "invited_by").first()


@transaction.atomic
def accept(token: str, user: User) -> Membership | None:
    """`user` joins; None when the link is not (any more) in force or is for another address.

    Somebody who has become a member meanwhile keeps the role they have.
    """
    invitation = in_force(token)
    if invitation is None or invitation.email != user.email:
        return None
    still = Invitation.objects.filter(pk=invitation.pk, digest=digest(token), accepted_at=None, revoked_at=None)
    if not still.update(accepted_at=timezone.now()):
        return None
    copies = invitation.role == Membership.Role.OWNER
    membership, _made = Membership.objects.get_or_create(
        user=user, company=invitation.company, defaults={"role": invitation.role, "email_copies": copies}
    )
    return membership


def accept_as_new(token: str, name: str, password: str) -> Membership | None:
    """Make a person of the invited address, who joins; None when the link is not (any more) in force.

    Raises `AddressTaken` when there is such a person; the link stays good for them.
    """
    invitation = in_force(token)
    if invitation is None:
        return None
    user = User(email=invitation.email, name=name)
    user.set_password(password)  # slow by design, so not within the transaction
    try:
        with transaction.atomic():
            user.save()
            membership = accept(token, user)
            if membership is None:
                transaction.set_rollback(True)
            return membership
    except IntegrityError:
        raise AddressTaken from None


def _in_turn(by: Membership) -> Membership:
    """`by` as it is while nobody changes the company's people: whoever is being removed leaves no invitation behind.

    Raises `ValueError`, a sentence for people.
    """
    company = Company.objects.select_for_update().get(pk=by.company_id)
    found = Membership.objects.filter(company=company, pk=by.pk).select_related("company", "user").first()
    if found is None:
        raise ValueError(_("You are not a member of this company any more."))
    return found


def _may_give(by: Membership, role: str) -> None:
    if role not in gives(by.role):
        raise ValueError(_("Your role does not let you give or take away this one. Ask an owner."))


def _fresh(by: Membership, token: str) -> dict[str, object]:
    return {"digest": digest(token), "invited_by": by.user, "expires_at": timezone.now() + timedelta(days=DAYS)}


def _mail(invitation: Invitation, address: str) -> str:
    """Send the link; the inviter gets it too, for where no mail is set up."""
    context = {
        "company": invitation.company,
        "by": invitation.invited_by,
        "role": Membership.Role(invitation.role).label,
        "about": ABOUT[invitation.role],
        "link": address,
        "days": DAYS,
        "why": _("You get this mail because somebody entered your address. If that was a mistake, do nothing."),
    }
    send(invitation.email, "accounts/mail/invitation", context, key=f"invitation:{invitation.digest}")
    return address
