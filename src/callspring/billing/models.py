"""Money: an append-only ledger per account. Amounts are integer minor units of the account's currency."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Account, Company, User


class LedgerEntry(models.Model):
    """One fact about an account's money. `key` says which fact, so that it cannot be written twice.

    `at` is when it was written, `about` when what it is for took place or began. `units` are started minutes or text
    segments, also those that a plan includes. `subject` is the id of the call or message charged for, `reverses` the
    entry that is given back. `actor` is who did it; None where it was done by itself. `note` is people's words or a
    number (E.164).
    """

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening balance")
        TOP_UP = "top_up", _("Top-up")
        RENT = "rent", _("Number rent, 7 days")
        PLAN = "plan", _("Plan, 7 days")
        MINUTES = "minutes", _("Minutes")
        MESSAGES = "messages", _("Text messages")
        REFUND = "refund", _("Refund")
        CHARGEBACK = "chargeback", _("Chargeback")
        ADJUSTMENT = "adjustment", _("Adjustment")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ledger")
    company = models.ForeignKey(Company, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    amount = models.BigIntegerField(help_text=_("Minor units; negative for a charge"))
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    about = models.DateTimeField(null=True)
    units = models.PositiveIntegerField(default=0)
    subject = models.UUIDField(null=True)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "ledger entries"
        indexes = [
            # With the amount in it the balance is read from the index alone.
            models.Index(fields=["account", "amount"], name="ledger_balance"),
            models.Index(fields=["account", "kind", "at"], name="ledger_by_kind"),
            models.Index(fields=["subject"], name="ledger_by_subject", condition=models.Q(subject__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the entry once. Raises `ValueError` when somebody tries to change history."""
        if not self._state.adding:
            raise ValueError("a ledger entry is never changed; write another one that corrects it")
        super().save(*args, **kwargs)


class TopUp(models.Model):
    """Money that somebody is paying through Stripe Checkout. It is on the account once its ledger entry is.

    `session` and `payment` are Stripe's names for the checkout and for the payment, "" until they are known. `problem`
    says what was not as we had asked; then nothing was put on the account.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the payment")
        PAID = "paid", _("Paid")
        ENDED = "ended", _("Not paid")
        WRONG = "wrong", _("Not what was asked for")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="top_ups")
    company = models.ForeignKey(Company, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    session = models.CharField(max_length=255, blank=True)
    payment = models.CharField(max_length=255, blank=True, db_index=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=~models.Q(session=""), name="one_top_up_per_session")
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.state}"


class Reversal(models.Model):
    """Money of a payment that was taken back at Stripe: all refunds of a charge so far, or a chargeback.

    It may be heard of before the payment itself; it stands in the ledger once that does too
    (`callspring.billing.reversals`). `name` is Stripe's for the charge or dispute, `amount` how much is taken back
    by now. `ended`: a dispute that is decided; what is said of it later is older.
    """

    payment = models.CharField(max_length=255, db_index=True)
    name = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=16, choices=LedgerEntry.Kind)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    ended = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class StripeEvent(models.Model):
    """An event of Stripe's that has been dealt with; the same one may come again."""

    id = models.CharField(max_length=255, primary_key=True)
    kind = models.CharField(max_length=100)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
