"""Refunds and chargebacks at Stripe come off the account, each fact once, in whatever order it is heard of.

What Stripe says is written down first (`Reversal`), then the ledger is brought to it: at once where the payment stands
there, else together with the payment. A dispute that is won gives the money back.

Source: docs.stripe.com/api/disputes/object (`status`) and docs.stripe.com/api/charges/object (`amount_refunded`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum

from callspring.billing.actions import refund
from callspring.billing.ledger import Fact, lock, write
from callspring.billing.models import LedgerEntry, Reversal, TopUp

log = logging.getLogger(__name__)

REFUNDED = "charge.refunded"
DISPUTED = ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
# An inquiry takes no money, and a dispute that was won or prevented gives it back.
_KEPT = frozenset({"won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"})
_ENDED = frozenset({"won", "lost", "warning_closed", "prevented"})
_MOST = 10**12
Kind = LedgerEntry.Kind


def refunded(charge: Mapping[str, Any]) -> None:
    """Somebody was paid back. The sum in a charge is that of all its refunds so far: an older event says less."""
    noted = _noted(charge, Kind.REFUND, charge.get("amount_refunded"))
    if noted is not None:
        Reversal.objects.filter(pk=noted.pk, amount__lt=charge["amount_refunded"]).update(
            amount=charge["amount_refunded"]
        )
        bring_about(noted.payment)


def disputed(dispute: Mapping[str, Any]) -> None:
    """The payer's bank took the money back, or gave it back."""
    noted = _noted(dispute, Kind.CHARGEBACK, dispute.get("amount"))
    status = dispute.get("status")
    if noted is not None and isinstance(status, str):
        taken = 0 if status in _KEPT else dispute["amount"]
        said = Reversal.objects.filter(pk=noted.pk, ended=False)
        said.update(amount=taken, ended=status in _ENDED)
        bring_about(noted.payment)


@transaction.atomic
def bring_about(payment: str) -> None:
    """Bring the ledger to what is known of this payment's reversals; nothing while the payment is not in it."""
    top_up = TopUp.objects.filter(payment=payment, state=TopUp.State.PAID).first() if payment else None
    if top_up is None:
        return
    lock(top_up.account)
    entry = LedgerEntry.objects.filter(key=f"top-up:{top_up.pk}").first()
    for one in Reversal.objects.filter(payment=payment, currency=top_up.currency).order_by("pk"):
        if entry is not None and one.kind == Kind.REFUND:
            _refund(entry, top_up, one)
        elif entry is not None:
            _charge_back(entry, one)


def _noted(about: Mapping[str, Any], kind: str, amount: object) -> Reversal | None:
    """The row of this charge or dispute; None where what came makes no sense."""
    payment, name, currency = (about.get(part) for part in ("payment_intent", "id", "currency"))
    if not all(isinstance(part, str) and 0 < len(part) <= 255 for part in (payment, name, currency)):
        return None
    if not isinstance(amount, int) or not 0 <= amount <= _MOST:
        return None
    known = {"payment": payment, "kind": kind, "currency": str(currency).upper()[:3], "amount": 0}
    return Reversal.objects.get_or_create(name=name, defaults=known)[0]


def _refund(entry: LedgerEntry, top_up: TopUp, one: Reversal) -> None:
    before = -(entry.reversed_by.filter(kind=Kind.REFUND).aggregate(total=Sum("amount"))["total"] or 0)
    if one.amount > before:
        refund(entry, one.amount - before, f"stripe-refund:{top_up.pk}:{one.amount}", "Stripe")


def _charge_back(entry: LedgerEntry, one: Reversal) -> None:
    """Taken at most once, and given back at most once."""
    taken = LedgerEntry.objects.filter(key=f"stripe-dispute:{one.name}:taken").first()
    if one.amount:
        refund(entry, one.amount, f"stripe-dispute:{one.name}:taken", "Stripe", kind=Kind.CHARGEBACK)
    elif taken is not None:
        fact = Fact(
            Kind.CHARGEBACK,
            f"stripe-dispute:{one.name}:back",
            -taken.amount,
            "Stripe",
            entry.company_id,
            reverses=entry,
        )
        write(entry.account, [fact])
