"""What is done with accounts, companies, people's sign-in links and programs' keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Account, ApiKey, Company, Membership, SignInLink, User

READ = "read"
SCOPES = frozenset({READ})
PREFIX_LENGTH = 10


def digest(secret: str) -> str:
    """What is stored of a key or a link. Both are 256 random bits: one round of SHA-256 (hex) is enough."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def create_company(
    account: Account, name: str, *, zone: str = "UTC", country: str = "US", owner: User | None = None
) -> Company:
    """Make a company with a fresh public key, owned by `owner`.

    `zone` is an IANA name, `country` two capital letters (ISO 3166). Raises `ValueError`.
    """
    if zone not in available_timezones():
        raise ValueError(_("“%(zone)s” is no time zone. Choose one such as Europe/Berlin.") % {"zone": zone})
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise ValueError(_("“%(country)s” is no country. Give its two letters, such as US.") % {"country": country})
    key = f"ck_{secrets.token_hex(16)}"
    company = Company.objects.create(account=account, name=name, zone=zone, country=country, key=key)
    if owner is not None:
        Membership.objects.create(user=owner, company=company, role=Membership.Role.OWNER, email_copies=True)
    return company


def change_company(company: Company, name: str, zone: str) -> None:
    """Give a company another name and time zone (IANA). Raises `ValueError`, a sentence for people."""
    if zone not in available_timezones():
        raise ValueError(_("“%(zone)s” is no time zone. Choose one such as Europe/Berlin.") % {"zone": zone})
    company.name, company.zone = name, zone
    company.save(update_fields=["name", "zone"])


def create_api_key(company: Company, label: str, scopes: Iterable[str] = (READ,)) -> tuple[ApiKey, str]:
    """Make a key for programs; returns it with its plain text (`cs_…`), which is nowhere stored.

    Raises `ValueError` for a scope outside `SCOPES`.
    """
    asked = sorted(set(scopes))
    if unknown := [scope for scope in asked if scope not in SCOPES]:
        raise ValueError(f"There is no scope {unknown[0]!r}. Choose from: {', '.join(sorted(SCOPES))}.")
    plain = f"cs_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        company=company, label=label, prefix=plain[:PREFIX_LENGTH], digest=digest(plain), scopes=asked
    )
    return key, plain


def revoke_api_key(key: ApiKey) -> None:
    """End a key's life at once. Doing it again keeps the first time."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    key.refresh_from_db(fields=["revoked_at"])


def sign_in_link(user: User, minutes: int) -> str:
    """Make a link for `user`, good once and for so many minutes; returns the token for its address."""
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(minutes=minutes)
    SignInLink.objects.create(user=user, digest=digest(token), expires_at=expires_at)
    return token


def use_sign_in_link(token: str) -> User | None:
    """The person whom `token` signs in, or None when it is unknown, used, too old, or the person is barred.

    That it is unused is part of the UPDATE on the one row: of two requests with one token only one gets them.
    """
    now = timezone.now()
    fresh = SignInLink.objects.filter(digest=digest(token), used_at=None, expires_at__gt=now)
    link = fresh.select_related("user").first()
    if link is None or not link.user.is_active or not fresh.update(used_at=now):
        return None
    return link.user
