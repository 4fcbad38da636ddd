"""What a person changes about themselves, and making their password anew."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from callspring.accounts.models import Membership, User
from callspring.mail.actions import send


@transaction.atomic
def change_profile(user: User, name: str, copies: AbstractSet[int]) -> None:
    """Give the person another name, and copy to them by e-mail the inboxes of their companies in `copies` (ids)."""
    user.name = name
    user.save(update_fields=["name"])
    for membership in Membership.objects.filter(user=user):
        membership.email_copies = membership.company_id in copies
        membership.save(update_fields=["email_copies"])


def reset_path(user: User) -> tuple[str, str]:
    """The two parts of the address where this person can make a password: who, and a token (Django's: signed, with
    its time, void once the password or the last sign-in has changed)."""
    return urlsafe_base64_encode(str(user.pk).encode()), default_token_generator.make_token(user)


def who_resets(who: str, token: str) -> User | None:
    """The person of such an address; None for an invented, used or too old one, and for somebody barred."""
    try:
        user = User.objects.get(pk=int(urlsafe_base64_decode(who)), is_active=True)
    except (ValueError, OverflowError, User.DoesNotExist):
        return None
    return user if default_token_generator.check_token(user, token) else None


def mail_reset(user: User, address: str, minutes: int, *, key: str) -> None:
    """Send the person the address (https://…) where they make a password anew."""
    why = _("If you did not ask for it, do nothing: your password stays as it is.")
    context = {"person": user, "link": address, "minutes": minutes, "why": why}
    send(user.email, "accounts/mail/reset", context, key=f"reset:{key}")
