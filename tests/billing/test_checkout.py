"""Top-ups through Stripe, against a stand-in on the loopback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from callspring.billing.checkout import CannotPay, Forged, ask_about_open, begin, take_event
from callspring.billing.ledger import balance
from callspring.billing.models import LedgerEntry, StripeEvent, TopUp
from callspring.config import Stripe, load
from tests.billing.stripe_stand_in import SECRET, event, stand_in
from tests.stories import Story

PAID = "checkout.session.completed"
BACK = "http://127.0.0.1:8000/settings/billing/"


class Checkout(Story):
    def setUp(self) -> None:
        super().setUp()
        running = stand_in()
        self.stripe = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)
        config = replace(settings.CONFIG, stripe=Stripe("sk_test_x", SECRET, self.stripe.address))
        told = override_settings(CONFIG=config)
        told.enable()
        self.addCleanup(told.disable)
        self.account = self.company.account

    def begun(self, amount: int = 20_00) -> TopUp:
        begin(self.company, amount, self.alice, BACK)
        return TopUp.objects.latest("id")

    def top_ups(self) -> list[int]:
        entries = LedgerEntry.objects.filter(account=self.account).exclude(kind="opening")
        return [entry.amount for entry in entries.order_by("id")]

    def test_what_is_asked_of_stripe(self) -> None:
        assert begin(self.company, 20_00, self.alice, BACK) == "https://checkout.stripe.example/pay"
        top_up, (form,) = TopUp.objects.get(), self.stripe.asked
        assert form["client_reference_id"] == f"top-up-{top_up.pk}"
        assert form["line_items[0][price_data][currency]"] == "usd"
        assert form["line_items[0][price_data][unit_amount]"] == "2000"
        assert form["adaptive_pricing[enabled]"] == "false"
        assert (top_up.session, top_up.state) == ("cs_test_1", "open")
        assert self.stripe.keys[0].startswith(f"callspring-top-up-{top_up.pk}-")
        assert self.top_ups() == []

    def test_paid_is_on_the_account_once_whatever_comes_how_often(self) -> None:
        paid = self.stripe.pay(self.begun().session)
        later = "checkout.session.async_payment_succeeded"
        for kind, name in ((PAID, "evt_1"), (PAID, "evt_1"), (PAID, "evt_2"), (later, "evt_3")):
            take_event(*event(kind, paid, name))
        ask_about_open(timezone.now())
        take_event(*event("checkout.session.expired", paid, "evt_4"))
        assert self.top_ups() == [20_00]
        top_up, entry = TopUp.objects.get(), LedgerEntry.objects.latest("id")
        assert (top_up.state, top_up.payment) == ("paid", "pi_1")
        assert (entry.kind, entry.actor, entry.company) == ("top_up", self.alice, self.company)
        assert StripeEvent.objects.count() == 4

    def test_a_lost_webhook_is_asked_for(self) -> None:
        self.stripe.pay(self.begun().session)
        ask_about_open(timezone.now())
        assert self.top_ups() == [20_00]

    def test_an_event_may_be_quicker_than_the_answer_that_names_the_session(self) -> None:
        top_up = self.begun()
        TopUp.objects.update(session="")
        take_event(*event(PAID, self.stripe.pay("cs_test_1")))
        assert self.top_ups() == [20_00]
        assert TopUp.objects.get(pk=top_up.pk).session == "cs_test_1"

    def test_unpaid_is_nothing(self) -> None:
        session = self.stripe.sessions[self.begun().session]
        take_event(*event(PAID, session | {"status": "complete"}))  # a bank transfer is under way
        assert (self.top_ups(), TopUp.objects.get().state) == ([], "open")
        take_event(*event("checkout.session.async_payment_failed", session, "evt_2"))
        assert (self.top_ups(), TopUp.objects.get().state) == ([], "ended")

    def test_expired_is_ended(self) -> None:
        self.stripe.sessions[self.begun().session]["status"] = "expired"
        ask_about_open(timezone.now())
        assert TopUp.objects.get().state == "ended"

    def test_another_sum_currency_or_session_is_not_put_on_the_account(self) -> None:
        for wrong in ({"amount_total": 1}, {"amount_total": 200_00}, {"currency": "jpy"}, {"mode": "subscription"}):
            paid = self.stripe.pay(self.begun().session) | wrong
            take_event(*event(PAID, paid, f"evt_{wrong}"))
            assert TopUp.objects.latest("id").state == "wrong", wrong
        paid = self.stripe.pay(self.begun().session)
        for strange in ("cs_test_other", ""):
            take_event(*event(PAID, paid | {"id": strange}, f"evt_{strange}"))
        for reference in ("top-up-999", "999", "", "top-up-", "top-up-1; DROP", f"top-up-{'9' * 30}"):
            take_event(*event(PAID, paid | {"client_reference_id": reference}, f"evt_{reference}"))
        assert self.top_ups() == []

    def test_refunds_at_stripe_come_off_the_account(self) -> None:
        take_event(*event(PAID, self.stripe.pay(self.begun().session)))
        charge: dict[str, Any] = {"id": "ch_1", "payment_intent": "pi_1", "currency": "usd"}
        for number, refunded in enumerate((500, 500, 1200, 500, 2000, 9999)):  # in any order, and more than there was
            take_event(*event("charge.refunded", charge | {"amount_refunded": refunded}, f"evt_r{number}"))
        assert self.top_ups() == [20_00, -5_00, -7_00, -8_00]
        assert balance(self.account) == 50_00
        take_event(*event("charge.refunded", charge | {"payment_intent": "pi_9", "amount_refunded": 5}, "evt_x"))
        assert balance(self.account) == 50_00

    def test_a_refund_that_is_heard_of_before_the_payment_waits_for_it(self) -> None:
        paid = self.stripe.pay(self.begun().session)
        charge = {"id": "ch_1", "payment_intent": "pi_1", "currency": "usd", "amount_refunded": 5_00}
        take_event(*event("charge.refunded", charge, "evt_r"))
        assert self.top_ups() == []
        take_event(*event(PAID, paid))
        ask_about_open(timezone.now())
        assert self.top_ups() == [20_00, -5_00]

    def disputes(self, *statuses: str, amount: int = 20_00) -> list[int]:
        about = {"id": "du_1", "payment_intent": "pi_1", "currency": "usd", "amount": amount}
        for number, status in enumerate(statuses):
            kind = "closed" if status in ("won", "lost", "warning_closed") else "created"
            name = f"evt_{len(statuses)}{number}{status}"
            take_event(*event(f"charge.dispute.{kind}", about | {"status": status}, name))
        return self.top_ups()

    def test_a_chargeback_takes_the_money_once_and_a_won_dispute_gives_it_back(self) -> None:
        take_event(*event(PAID, self.stripe.pay(self.begun().session)))
        assert self.disputes("needs_response", "needs_response", "under_review") == [20_00, -20_00]
        assert self.disputes("won", "won") == [20_00, -20_00, 20_00]
        # An old event that was on its way for long changes nothing.
        assert self.disputes("needs_response", "won", "lost") == [20_00, -20_00, 20_00]
        assert balance(self.account) == 70_00
        assert {entry.kind for entry in LedgerEntry.objects.filter(note="Stripe", reverses__isnull=False)} == {
            "chargeback"
        }

    def test_of_a_lost_dispute_and_refunds_no_more_is_taken_than_was_paid(self) -> None:
        take_event(*event(PAID, self.stripe.pay(self.begun().session)))
        assert self.disputes("needs_response", "lost", amount=15_00) == [20_00, -15_00]
        charge = {"id": "ch_1", "payment_intent": "pi_1", "currency": "usd", "amount_refunded": 20_00}
        take_event(*event("charge.refunded", charge, "evt_r"))
        assert self.top_ups() == [20_00, -15_00, -5_00]
        assert balance(self.account) == 50_00

    def test_an_inquiry_takes_nothing_and_nonsense_is_nothing(self) -> None:
        take_event(*event(PAID, self.stripe.pay(self.begun().session)))
        assert self.disputes("warning_needs_response", "warning_closed") == [20_00]
        for wrong in (
            {"amount": "20"},
            {"amount": -5},
            {"amount": 10**20},
            {"payment_intent": None},
            {"status": 5},
            {"id": ""},
        ):
            about = {"id": "du_2", "payment_intent": "pi_1", "currency": "usd", "amount": 5, "status": "lost"} | wrong
            take_event(*event("charge.dispute.closed", about, f"evt_{wrong}"))
        about = {"id": "du_3", "payment_intent": "pi_1", "currency": "eur", "amount": 5, "status": "lost"}
        take_event(*event("charge.dispute.closed", about, "evt_eur"))
        assert self.top_ups() == [20_00]

    def test_what_stripe_did_not_sign_is_refused(self) -> None:
        paid = self.stripe.pay(self.begun().session)
        body, signature = event(PAID, paid)
        old = signature.replace(signature.split(",")[0], "t=1500000000")
        for forged in ((body + b" ", signature), (body, ""), (body, "t=1,v1=00"), (body, old), (b"\xff", signature)):
            with pytest.raises(Forged):
                take_event(*forged)
        assert self.top_ups() == []
        assert StripeEvent.objects.count() == 0

    def test_the_webhook_needs_no_session_and_tells_strangers_nothing(self) -> None:
        browser = Client(enforce_csrf_checks=True)
        body, signature = event(PAID, self.stripe.pay(self.begun().session))

        def post(signed: str) -> int:
            headers = {"Stripe-Signature": signed}
            return browser.post("/stripe/webhook/", body, "application/json", headers=headers).status_code

        assert post("t=1,v1=x") == 400
        assert self.top_ups() == []
        assert post(signature) == 200
        assert self.top_ups() == [20_00]
        assert browser.get("/stripe/webhook/").status_code == 405

    def test_where_stripe_refuses_nothing_is_left_open(self) -> None:
        self.stripe.broken = True
        with pytest.raises(CannotPay, match="Nothing was paid"):
            self.begun()
        assert TopUp.objects.get().state == "ended"

    def test_an_outsiders_payment_goes_to_the_outsider(self) -> None:
        begin(self.elsewhere, 30_00, self.charlie, BACK)
        take_event(*event(PAID, self.stripe.pay("cs_test_1")))
        assert (balance(self.account), balance(self.elsewhere.account)) == (50_00, 80_00)

    def test_the_console_leads_there_and_shows_the_button_only_here(self) -> None:
        browser = Client()
        browser.force_login(self.alice)
        assert "Pay with Stripe" in browser.get("/settings/billing/").content.decode()
        asked = browser.post("/settings/billing/top-up/", {"amount": "35"})
        assert asked.headers["Refresh"] == "0; url=https://checkout.stripe.example/pay"
        assert TopUp.objects.get().amount == 35_00
        assert "waiting for the payment" in browser.get("/settings/billing/").content.decode()
        for amount in ("1", "999999", "lots", ""):
            browser.post("/settings/billing/top-up/", {"amount": amount})
        assert TopUp.objects.count() == 1
        with override_settings(CONFIG=replace(settings.CONFIG, stripe=None)):
            assert "Pay with Stripe" not in browser.get("/settings/billing/").content.decode()
            browser.post("/settings/billing/top-up/", {"amount": "35"})
        assert TopUp.objects.count() == 1


def test_settings() -> None:
    both = {"CALLSPRING_STRIPE_KEY": "sk_test_x", "CALLSPRING_STRIPE_WEBHOOK_SECRET": "whsec_x"}
    assert load({}).stripe is None
    assert load({}).top_up_by_hand
    assert load(both).stripe == Stripe("sk_test_x", "whsec_x")
    assert not load(both).top_up_by_hand
    assert load(both | {"CALLSPRING_TOP_UP_BY_HAND": "yes"}).top_up_by_hand
    assert "sk_test" not in repr(load(both))
    for wrong in (
        {"CALLSPRING_STRIPE_KEY": "sk_test_x"},
        both | {"CALLSPRING_STRIPE_API": "http://stripe.example"},
        {"CALLSPRING_TOP_UP_BY_HAND": "maybe"},
        {"CALLSPRING_GRACE_DAYS": "-1"},
    ):
        with pytest.raises(ValueError, match=r"CALLSPRING_(STRIPE|TOP_UP|GRACE)"):
            load(wrong)
