"""Who uses Callspring: accounts (billing boundary), companies (tenants), people and programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class Account(models.Model):
    """The billing boundary. Its balance is the sum of its ledger entries (`callspring.billing`).

    Sums are minor units of `currency`, which stays once money has been written down. `prepaid_since` is when charging
    by use began (None: with the account). `plan` names one of the price list, paid until `plan_paid_until`; then
    `plan_next` follows unless that is "". `monthly_cap` is the most that is spent in a month before buying stops (None:
    as this installation says, 0: none). `low_balance` is the sum below which the owners are told (None: a tenth of the
    last 30 days' spending, 0: never), `told` what they were told last. `arrears_since` until `reminded_at` say
    where the account stands while it owes money (`callspring.billing.arrears`). All of these change under a lock
    (`callspring.billing.ledger`), so no page may save an account whole.
    """

    class Mode(models.TextChoices):
        OWN_CARRIER = "own_carrier", _("Own carrier account")
        PREPAID = "prepaid", _("Prepaid")

    class Told(models.TextChoices):
        NOTHING = "", _("Nothing")
        LOW = "low", _("The balance is low")
        EMPTY = "empty", _("Nothing is left")

    name = models.CharField(max_length=120)
    mode = models.CharField(max_length=16, choices=Mode, default=Mode.OWN_CARRIER)
    currency = models.CharField(max_length=3, default="USD")
    prepaid_since = models.DateTimeField(null=True)
    plan = models.CharField(max_length=20, default="pay_as_you_go")
    plan_next = models.CharField(max_length=20, blank=True)
    plan_paid_until = models.DateTimeField(null=True)
    monthly_cap = models.BigIntegerField(null=True)
    low_balance = models.BigIntegerField(null=True)
    told = models.CharField(max_length=8, choices=Told, default=Told.NOTHING, blank=True)
    arrears_since = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    swapping_stopped_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """A tenant: owns sites, numbers, calls and people's data. `key` stands in the snippet's address and is public."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="companies")
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=40, unique=True)
    zone = models.CharField(max_length=64, default="UTC", help_text=_("IANA time zone of every page and report"))
    country = models.CharField(
        max_length=2, default="US", help_text=_("Numbers without a country code are read as this country's")
    )
    cookie_days = models.PositiveSmallIntegerField(default=180)
    newest_source = models.BooleanField(
        default=False, help_text=_("A visitor's newest source that is not direct decides, instead of the first")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people who sign in with their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Store a person. Without a password only a sign-in link lets them in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do in a company stands in their `Membership`."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A person's role in a company (`callspring.accounts.roles` says what it allows).

    `email_copies`: the inbox's news go to them by e-mail too. `seen_at` is exact to the hour.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MANAGER = "manager", _("Manager")
        ANALYST = "analyst", _("Analyst")
        AGENT = "agent", _("Agent")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    email_copies = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "company"], name="one_role_per_company")]

    def __str__(self) -> str:
        return f"{self.user} · {self.company} · {self.role}"


class Invitation(models.Model):
    """Somebody is asked to join a company, by a link that is good once. Only its digest is stored.

    Open while neither accepted nor revoked; an open one that is too old can be sent again. `email` is lower case.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Membership.Role)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.company}"


class StaffNetwork(models.Model):
    """Addresses from which the company's own people look at its sites: their visits count as nothing.

    `network` is written as `ipaddress` writes it: `192.0.2.7/32`, `2001:db8::/48`.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="staff_networks")
    network = models.CharField(max_length=43)
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "network"], name="staff_network_once")]

    def __str__(self) -> str:
        return self.network


class StaffNumber(models.Model):
    """A number (E.164) of the company's own people: calls from it are test calls."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="staff_numbers")
    e164 = models.CharField(max_length=16)
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "e164"], name="staff_number_once")]

    def __str__(self) -> str:
        return self.e164


class SpamSettings(models.Model):
    """How a company's calls are screened; a company without a row has the defaults (`callspring.flows.screening`).

    `repeat_calls` 0 switches repeat dialling off. `words` is what callers are asked who have to press a key.
    """

    class Ask(models.TextChoices):
        NOBODY = "nobody", _("Nobody")
        SUSPICIOUS = "suspicious", _("Suspicious callers")
        EVERYBODY = "everybody", _("Everybody")

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="spam_settings", primary_key=True)
    ask = models.CharField(max_length=12, choices=Ask, default=Ask.NOBODY)
    weak_attestation = models.BooleanField(default=False)
    repeat_calls = models.PositiveSmallIntegerField(default=8)
    repeat_numbers = models.PositiveSmallIntegerField(default=5)
    repeat_minutes = models.PositiveSmallIntegerField(default=20)
    short_seconds = models.PositiveSmallIntegerField(default=10)
    words = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=35, default="en-US")

    class Meta:
        verbose_name_plural = "spam settings"

    def __str__(self) -> str:
        return f"{self.company}: {self.ask}"


class BlockedCaller(models.Model):
    """An entry of a company's block list. `pattern` is E.164, the beginning of numbers (`+1900*`), or `withheld`.

    With `reject` such callers hear a sentence and nobody is rung; without, their calls ring and count as spam.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="blocked_callers")
    pattern = models.CharField(max_length=20)
    reject = models.BooleanField(default=True)
    label = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "pattern"], name="blocked_caller_once")]

    def __str__(self) -> str:
        return self.pattern


class SignInLink(models.Model):
    """A link that signs a person in once. Only its digest is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link for {self.user}"


class ApiKey(models.Model):
    """A program's key. Only its digest is stored; `prefix` lets people tell keys apart."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="api_keys")
    label = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"
