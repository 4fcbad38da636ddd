"""Changing people's roles and removing them. A company always keeps an owner.

Two owners who remove each other in the same moment each see the other still there, and no constraint can say "at least
one", so these verbs take turns: each locks the company's row first and looks again.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from callspring.accounts.invitations import take_back
from callspring.accounts.models import Company, Membership
from callspring.accounts.roles import Role, gives

_RANK = Case(*(When(role=role, then=Value(rank)) for rank, role in enumerate(Role)), output_field=IntegerField())


def members(company: Company) -> QuerySet[Membership]:
    """A company's people, owners first."""
    found = Membership.objects.filter(company=company).select_related("user")
    return found.annotate(rank=_RANK).order_by("rank", "user__name", "user__email")


@transaction.atomic
def change_role(by: Membership, member: Membership, role: str) -> None:
    """Give a member another role. Raises `ValueError`, a sentence for people."""
    by, member = _in_turn(by, member)
    if role not in gives(by.role):
        raise ValueError(_("Only an owner can make somebody an owner."))
    if role != Role.OWNER:
        _keep_an_owner(member)
    member.role = role
    member.save(update_fields=["role"])
    # With one that they could not make now they would make themselves more again.
    take_back(member.company, member.user, keeps=gives(role))


@transaction.atomic
def remove(by: Membership, member: Membership) -> None:
    """Take a person out of the company, with the invitations they made: no way back in is left behind.

    Their sessions see nothing of the company from the next request on. Raises `ValueError`, a sentence for people.
    """
    by, member = _in_turn(by, member)
    _keep_an_owner(member)
    take_back(member.company, member.user)
    member.delete()


def _in_turn(by: Membership, member: Membership) -> tuple[Membership, Membership]:
    """Both as they are now that nobody else changes the company's people; they may no longer be there."""
    company = Company.objects.select_for_update().get(pk=by.company_id)
    found = {one.pk: one for one in Membership.objects.filter(company=company, pk__in=(by.pk, member.pk))}
    if by.pk not in found or member.pk not in found:
        raise ValueError(_("This person is not a member of the company any more."))
    if found[member.pk].role not in gives(found[by.pk].role):
        raise ValueError(_("Only an owner can change or remove an owner."))
    return found[by.pk], found[member.pk]


def _keep_an_owner(member: Membership) -> None:
    others = Membership.objects.filter(company=member.company_id, role=Role.OWNER).exclude(pk=member.pk)
    if member.role == Role.OWNER and not others.exists():
        raise ValueError(_("A company needs an owner. Make somebody else an owner first."))
