"""Minutes and messages: each call and each text once, when it is over, at the price of its day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import TransactionTestCase

from callspring.accounts.models import Account, User
from callspring.billing.ledger import balance
from callspring.billing.models import LedgerEntry
from callspring.billing.plans import choose
from callspring.calls.models import Call, CallEvent
from callspring.ids import new_id
from callspring.inbox.models import Message, Thread
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection, Number
from callspring.usage.charging import ALL, LATEST, SETTLED, charge_all, started
from tests.races import at_once
from tests.stories import NOON, Story, make_company
from tests.usage.test_renewing import rent_a_number

LATER = NOON + timedelta(hours=1)


def ended_call(number: Number, seconds: int | None, at: datetime = NOON, **changes: Any) -> Call:
    settled: dict[str, Any] = {
        "id": UUID(new_id()), "carrier_call_id": new_id(), "caller": "+13125550177", "dialled": number.e164,
        "number": number, "status": "completed" if seconds else "no-answer", "started_at": at, "duration": seconds,
        "ended_at": at + timedelta(seconds=seconds or 20), "destination": "+18005550199",
    }  # fmt: skip
    return Call.objects.create(company=number.company, connection=number.connection, **(settled | changes))


class Charging(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account
        self.number = rent_a_number(self.company, NOON + timedelta(days=30))

    def charges(self, kind: str = "minutes") -> list[tuple[int, int]]:
        found = LedgerEntry.objects.filter(account=self.account, kind=kind).order_by("about", "id")
        return [(entry.units, entry.amount) for entry in found]

    def text(self, body: str, state: str = "sent", number: Number | None = None, **changes: Any) -> Message:
        thread, _ = Thread.objects.get_or_create(
            company=self.company, contact="+13125550177", defaults={"last_at": NOON, "last_inbound_at": NOON}
        )
        settled = {"kind": "text_out", "at": NOON, "body": body, "state": state, "number": number or self.number}
        return Message.objects.create(id=new_id(), company=self.company, thread=thread, **(settled | changes))

    def test_started_minutes(self) -> None:
        assert [started(seconds) for seconds in (0, 1, 60, 61, 3600)] == [0, 1, 1, 2, 60]

    def test_a_call_costs_both_legs_once(self) -> None:
        call = ended_call(self.number, 61)
        for within in (LATEST, LATEST, ALL):
            charge_all(LATER, within)
        assert self.charges() == [(2, -(2 * 1 + 2 * 2))]
        entry = LedgerEntry.objects.get(kind="minutes")
        assert (entry.subject, entry.note, entry.about) == (call.pk, self.number.e164, NOON)

    def test_a_call_that_goes_on_or_just_ended_waits(self) -> None:
        call = ended_call(self.number, 60, ended_at=None)
        charge_all(LATER, LATEST)
        ended = NOON + timedelta(seconds=60)
        Call.objects.filter(pk=call.pk).update(ended_at=ended)
        charge_all(ended + SETTLED - timedelta(seconds=1), LATEST)
        assert self.charges() == []
        charge_all(ended + SETTLED, LATEST)
        assert len(self.charges()) == 1

    def test_missed_is_free_and_a_voicemail_is_the_callers_leg(self) -> None:
        ended_call(self.number, None)
        message = ended_call(self.number, None, NOON + timedelta(minutes=5))
        CallEvent.objects.create(
            id=new_id(), call=message.pk, company=self.company, leg="caller", leg_id="x", status="completed",
            at=NOON, received_at=NOON, duration=95,
        )  # fmt: skip
        charge_all(LATER, LATEST)
        assert self.charges() == [(2, -2 * 1)]

    def test_a_sip_destination_has_its_own_price(self) -> None:
        ended_call(self.number, 600, destination="sip:desk@example.com")
        charge_all(LATER, LATEST)
        assert self.charges() == [(10, -(10 * 1 + 5))]

    def test_a_late_recovered_call_is_found_by_the_long_look(self) -> None:
        ended_call(self.number, 30, NOON - timedelta(days=20))
        charge_all(LATER, LATEST)
        assert self.charges() == []
        charge_all(LATER, ALL)
        assert len(self.charges()) == 1

    def test_what_was_before_the_account_was_prepaid_is_free(self) -> None:
        Account.objects.filter(pk=self.account.pk).update(prepaid_since=NOON)
        ended_call(self.number, 30, NOON - timedelta(minutes=10))
        ended_call(self.number, 30, NOON)
        charge_all(LATER, ALL)
        assert len(self.charges()) == 1

    def test_numbers_of_ones_own_and_own_carrier_accounts_are_free(self) -> None:
        brought = adopt(Connection.objects.get(company=self.company), ["+13125550143"])[0]
        ended_call(brought, 30)
        self.text("Hello", number=brought)
        charge_all(LATER, ALL)
        ended_call(self.number, 30)
        Account.objects.filter(pk=self.account.pk).update(mode=Account.Mode.OWN_CARRIER)
        charge_all(LATER, ALL)
        assert self.charges() + self.charges("messages") == []

    def test_a_call_always_costs_also_without_money(self) -> None:
        ended_call(self.number, 60 * 60 * 20)
        charge_all(NOON + timedelta(days=2), ALL)
        assert balance(self.account) == 50_00 - 1200 * 3
        ended_call(self.number, 60 * 60 * 20, NOON + timedelta(minutes=1))
        charge_all(NOON + timedelta(days=2), ALL)
        assert balance(self.account) < 0

    def test_a_plan_pays_until_it_is_used_up(self) -> None:
        choose(self.account, "personal", NOON)
        for number in range(3):
            ended_call(self.number, 50 * 60, NOON + timedelta(minutes=number))
        charge_all(LATER + timedelta(hours=1), LATEST)
        assert self.charges() == [(50, 0), (50, 0), (50, -30 * 3)]

    def test_unlimited_pays_all(self) -> None:
        choose(self.account, "unlimited", NOON)
        ended_call(self.number, 50 * 60)
        self.text("Hello")
        charge_all(LATER, LATEST)
        assert (self.charges(), self.charges("messages")) == ([(50, 0)], [(1, 0)])

    def test_texts_by_segment_and_only_those_that_left(self) -> None:
        self.text("x" * 161, "delivered")
        self.text("Hello", "sent")
        self.text("Hello", "failed")
        self.text("Hello", "queued")
        self.text("Hello", "", kind="note")
        for _ in range(2):
            charge_all(LATER, LATEST)
        assert sorted(self.charges("messages")) == [(1, -2), (2, -4)]

    def test_the_outsider_pays_for_nothing_of_ours(self) -> None:
        ended_call(self.number, 61)
        charge_all(LATER, LATEST)
        assert balance(self.elsewhere.account) == 50_00


class Race(TransactionTestCase):
    def test_several_runners_charge_each_call_once_and_the_plan_once(self) -> None:
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        choose(company.account, "personal", NOON)
        number = rent_a_number(company, NOON + timedelta(days=30))
        for minute in range(30):
            ended_call(number, 8 * 60, NOON + timedelta(minutes=minute))
        at_once([lambda: charge_all(LATER, LATEST)] * 4)
        entries = LedgerEntry.objects.filter(kind="minutes")
        assert entries.count() == 30
        assert sum(entry.units for entry in entries) == 240
        assert sum(-entry.amount for entry in entries) == (240 - 120) * 3
