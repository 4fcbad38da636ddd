"""Top-ups through Stripe Checkout: asked for, and put on the account once Stripe says that they are paid.

Stripe tells us by webhook; whoever cannot be reached by it asks, every minute, about what is open. Both end in
`settle`, which compares what was paid with what we had asked for and writes one ledger entry, however often.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.billing import reversals
from callspring.billing.ledger import Fact, lock, write
from callspring.billing.models import LedgerEntry, StripeEvent, TopUp

log = logging.getLogger(__name__)

LEAST, MOST = 5, 5000  # whole units of the currency: below, Stripe's fee eats it
OPEN_FOR = timedelta(hours=1)  # a checkout that nobody finishes; Stripe's least is 30 minutes
ASK_FOR = timedelta(days=14)  # a bank transfer takes days
SECONDS = 20
SETTLES = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
ENDS = ("checkout.session.expired", "checkout.session.async_payment_failed")
State = TopUp.State


class CannotPay(Exception):
    """Stripe cannot be asked now; the message is for people."""


class Forged(ValueError):
    """What came is not from Stripe, or is too old."""


def offered() -> bool:
    """Whether this installation takes payments."""
    return settings.CONFIG.stripe is not None


def begin(company: Company, amount: int, actor: User, back: str) -> str:
    """Ask for a payment of `amount` minor units; the address where it is made. `back` is our page to come back to.

    Raises `CannotPay`.
    """
    account = company.account
    top_up = TopUp.objects.create(
        account=account, company=company, actor=actor, amount=amount, currency=account.currency
    )
    try:
        session = _client().v1.checkout.sessions.create(
            _wanted(top_up, back), {"idempotency_key": f"callspring-top-up-{top_up.pk}-{company.key}"}
        )
    except stripe.StripeError as problem:
        log.warning("Stripe refuses top-up %s: %s", top_up.pk, type(problem).__name__)
        TopUp.objects.filter(pk=top_up.pk, state=State.OPEN).update(state=State.ENDED, settled_at=timezone.now())
        raise CannotPay(_("Stripe cannot be reached or refuses. Nothing was paid; try again in a minute.")) from None
    TopUp.objects.filter(pk=top_up.pk, session="").update(session=session.id)
    return session.url or back


def take_event(body: bytes, signature: str) -> None:
    """Deal with one of Stripe's events, once. Raises `Forged` unless Stripe signed it within the last minutes."""
    config = settings.CONFIG.stripe
    if config is None:
        raise Forged("Stripe is not set up")
    try:
        event = stripe.Webhook.construct_event(body, signature, config.webhook_secret)
    except (ValueError, stripe.SignatureVerificationError) as problem:
        raise Forged(str(problem)) from None
    with transaction.atomic():
        _made, fresh = StripeEvent.objects.get_or_create(id=event.id, defaults={"kind": event.type[:100]})
        if fresh:
            _take(event.type, event.data.object.to_dict())


def ask_about_open(now: datetime) -> None:
    """Find out what became of the payments under way: webhooks get lost, or cannot reach us."""
    if not offered():
        return
    waiting = TopUp.objects.filter(state=State.OPEN, created_at__gt=now - ASK_FOR).exclude(session="")
    for top_up in waiting.order_by("pk"):
        try:
            session = _client().v1.checkout.sessions.retrieve(top_up.session).to_dict()
        except stripe.StripeError as problem:
            log.warning("Stripe does not say what became of top-up %s: %s", top_up.pk, type(problem).__name__)
            continue
        if session.get("status") == "expired":
            _end(session)
        else:
            settle(session)


@transaction.atomic
def settle(session: Mapping[str, Any]) -> LedgerEntry | None:
    """Put a paid checkout on its account, once; None where it is not paid, not ours, or not what we had asked for."""
    top_up = _ours(session)
    if top_up is None or session.get("payment_status") != "paid":
        return None
    account = lock(top_up.account)
    top_up.refresh_from_db()
    if top_up.state == State.PAID:
        return LedgerEntry.objects.get(key=_key(top_up))
    if problem := _differs(top_up, session):
        log.error("top-up %s is not put on the account: %s", top_up.pk, problem)
        TopUp.objects.filter(pk=top_up.pk).update(state=State.WRONG, problem=problem, settled_at=timezone.now())
        return None
    payment = str(session.get("payment_intent") or "")
    TopUp.objects.filter(pk=top_up.pk).update(
        state=State.PAID, session=session["id"], payment=payment, problem="", settled_at=timezone.now()
    )
    fact = Fact(LedgerEntry.Kind.TOP_UP, _key(top_up), top_up.amount, "Stripe", top_up.company_id)
    entry = write(account, [fact], actor=top_up.actor)[0]
    reversals.bring_about(payment)
    return entry


def _take(kind: str, about: Mapping[str, Any]) -> None:
    if kind in SETTLES:
        settle(about)
    elif kind in ENDS:
        _end(about)
    elif kind == reversals.REFUNDED:
        reversals.refunded(about)
    elif kind in reversals.DISPUTED:
        reversals.disputed(about)


def _end(session: Mapping[str, Any]) -> None:
    top_up = _ours(session)
    if top_up is not None:
        TopUp.objects.filter(pk=top_up.pk, state=State.OPEN).update(state=State.ENDED, settled_at=timezone.now())


def _ours(session: Mapping[str, Any]) -> TopUp | None:
    """By our own number in it: the event may be quicker than the answer that names the session."""
    reference = str(session.get("client_reference_id") or "")
    number = reference.removeprefix("top-up-")
    if reference == number or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    return TopUp.objects.filter(pk=int(number), session__in=("", session.get("id") or "")).first()


def _differs(top_up: TopUp, session: Mapping[str, Any]) -> str:
    """What is not as we had asked, "" when all is."""
    paid = (session.get("amount_total"), str(session.get("currency", "")).upper())
    if paid != (top_up.amount, top_up.currency):
        return f"paid {paid[0]} {paid[1]}, asked for {top_up.amount} {top_up.currency}"[:300]
    return "" if session.get("mode") == "payment" else "no single payment"


def _key(top_up: TopUp) -> str:
    return f"top-up:{top_up.pk}"


def _wanted(top_up: TopUp, back: str) -> Any:
    """What we ask of Stripe. The sum is in the account's currency, whatever the payer's is."""
    price = {
        "currency": top_up.currency.lower(),
        "unit_amount": top_up.amount,
        "product_data": {"name": _("Callspring: top-up of %(account)s") % {"account": top_up.account.name}},
    }
    ends = int((timezone.now() + OPEN_FOR).timestamp())
    return {
        "mode": "payment",
        "client_reference_id": f"top-up-{top_up.pk}",
        "line_items": [{"price_data": price, "quantity": 1}],
        "adaptive_pricing": {"enabled": False},
        "success_url": back,
        "cancel_url": back,
        "expires_at": ends,
    }


def _client() -> stripe.StripeClient:
    config = settings.CONFIG.stripe
    if config is None:
        raise CannotPay(_("This installation takes no payments."))
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        config.key,
        base_addresses={"api": config.api} if config.api else {},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=SECONDS),
    )
