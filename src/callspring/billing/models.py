"""Money: an append-only ledger per account. Amounts are integer minor units of the account's currency."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Account


class LedgerEntry(models.Model):
    """One fact about an account's money. `key` says which fact, so that it cannot be written twice."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening balance")
        RENT = "rent", _("Number rent, 7 days")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ledger")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    amount = models.BigIntegerField(help_text=_("Minor units; negative for a charge"))
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the entry once. Raises `ValueError` when somebody tries to change history."""
        if not self._state.adding:
            raise ValueError("a ledger entry is never changed; write another one that corrects it")
        super().save(*args, **kwargs)
