"""Settings → Billing."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from callspring.accounts.models import Account
from callspring.billing.actions import adjust
from callspring.billing.ledger import Fact, balance, write
from callspring.billing.models import LedgerEntry
from tests.console.pages import Pages, text


class Billing(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account

    def hand(self, **changes: str) -> str:
        form = {"kind": "top_up", "amount": "20", "note": "Cash", "token": str(uuid4())}
        return text(self.owner.post("/settings/billing/by-hand/", form | changes, follow=True))

    def csv(self, query: str = "") -> list[dict[str, str]]:
        content = b"".join(self.owner.get(f"/settings/billing/statement.csv{query}")).decode()
        return list(csv.DictReader(io.StringIO(content)))

    def test_balance_and_what_moved_it(self) -> None:
        self.numbers(2)
        page = self.page("billing")
        assert "Balance $48.50" in page
        assert "2 × local Sandbox · US $1.50 $0.75 each" in page
        assert "Opening balance $50.00 $50.00" in page
        assert page.count("Number rent, 7 days") == 2

    def test_an_account_without_anything(self) -> None:
        assert "No numbers are rented here." in self.page("billing")
        LedgerEntry.objects.filter(account=self.account).delete()
        assert "Nothing has been paid or charged yet." in self.page("statement")
        assert self.csv() == []

    def test_money_by_hand_with_the_owners_name(self) -> None:
        assert "$20.00 is written down." in self.hand(note="Bank transfer")
        assert balance(self.account) == 70_00
        assert "Bank transfer · by Alice" in self.page("billing")

    def test_two_clicks_are_one_entry(self) -> None:
        token = str(uuid4())
        self.hand(token=token)
        self.hand(token=token)
        assert balance(self.account) == 70_00

    def test_a_correction_may_take_something_off(self) -> None:
        self.hand(kind="adjustment", amount="-1.25", note="Sorry")
        assert balance(self.account) == 48_75

    def test_what_is_wrong_stands_at_its_field(self) -> None:
        for changes, said in (
            ({"amount": "lots"}, "Give a sum like 20.50."),
            ({"amount": "-5"}, "A top-up is more than nothing."),
            ({"amount": "5000000"}, "too much for one entry"),
            ({"note": " "}, "This field is required."),
            ({"token": "mine"}, "Enter a valid UUID."),
        ):
            page = self.hand(**changes)
            assert said in page or "token" in changes, changes
        assert balance(self.account) == 50_00

    def test_by_hand_can_be_forbidden(self) -> None:
        with override_settings(CONFIG=replace(settings.CONFIG, top_up_by_hand=False)):
            self.hand()
            assert "Write it down by hand" not in self.page("billing")
        assert balance(self.account) == 50_00

    def test_when_the_balance_is_low(self) -> None:
        def save(**form: str) -> int | None:
            self.owner.post("/settings/billing/notice/", form)
            return Account.objects.get(pk=self.account.pk).low_balance

        assert save(when="sum", amount="12.5") == 12_50
        assert save(when="sum", amount="0") == 12_50
        assert save(when="never") == 0
        assert save(when="share") is None
        assert save(when="whenever") is None

    def test_the_statement_as_the_address_asks_for_it(self) -> None:
        self.numbers(1)
        adjust(self.company, -1_00, "Sorry", self.alice, "k")
        rents = self.page("statement", query="?kind=rent")
        assert "Number rent" in rents
        assert "Sorry" not in rents
        assert "$0.00 in, $0.75 out" in rents
        assert "No entry is like that." in self.page("statement", query="?kind=refund")
        assert "Sorry" in self.page("statement", query="?kind=nonsense&before=x&period=9&from=never")
        assert "No entry is like that." in self.page("statement", query="?period=last-month")

    def test_older_entries_are_a_page_further(self) -> None:
        write(self.account, [Fact("adjustment", f"k{number}", -1, f"entry {number}") for number in range(60)])
        first = self.page("statement")
        assert "entry 59" in first
        assert "entry 9 " not in first
        cut = LedgerEntry.objects.get(key="k10").pk
        assert "entry 9 " in self.page("statement", query=f"?before={cut}")

    def test_the_file_has_the_same_entries_and_no_formulas(self) -> None:
        adjust(self.company, -1_00, "=HYPERLINK(1)", self.alice, "k")
        rows = self.csv()
        assert [(row["amount"], row["balance"]) for row in rows] == [("50.00", "50.00"), ("-1.00", "49.00")]
        assert (rows[1]["note"], rows[1]["by"], rows[1]["kind"]) == ("'=HYPERLINK(1)", "Alice", "Adjustment")
        assert rows[1]["time (America/Chicago)"].endswith(("-05:00", "-06:00"))
        assert [row["amount"] for row in self.csv("?kind=opening&for=excel")] == ["50.00"]

    def test_owing_is_said_where_owners_look(self) -> None:
        write(self.account, [Fact("minutes", "minutes:x", -60_00)], now=timezone.now() - timedelta(days=1))
        page = self.page("billing")
        assert "The account owes money." in page
        assert "−$10.00" in page
        Account.objects.filter(pk=self.account.pk).update(swapping_stopped_at=timezone.now())
        assert "Your websites show your own numbers since today" in self.page("billing")
        assert "for money is owed" in self.page("dashboard", client=self.analyst)

    def test_changing_over_and_back(self) -> None:
        assert "stays there" in self.page("billing_mode")
        self.owner.post("/settings/billing/mode/", {"mode": "own_carrier"})
        assert "your carrier sends the bill" in self.page("billing")
        self.numbers(1)
        adjust(self.company, -49_50, "spent", self.alice, "spent")
        refused = self.owner.post("/settings/billing/mode/", {"mode": "prepaid"})
        assert "$0.75 are needed, and the balance is $0.50." in text(refused)
        self.hand(amount="1")
        self.owner.post("/settings/billing/mode/", {"mode": "prepaid"})
        account = Account.objects.get(pk=self.account.pk)
        assert account.mode == "prepaid"
        assert account.prepaid_since is not None

    def test_who_owes_cannot_leave(self) -> None:
        write(self.account, [Fact("minutes", "minutes:x", -60_00)])
        assert "owes money" in text(self.owner.post("/settings/billing/mode/", {"mode": "own_carrier"}))
        assert Account.objects.get(pk=self.account.pk).mode == "prepaid"

    def test_plans_are_chosen(self) -> None:
        self.owner.post("/settings/billing/plans/choose/", {"plan": "personal"})
        assert balance(self.account) == 47_00
        assert "Your plan; renews on" in self.page("plans")
        self.owner.post("/settings/billing/plans/choose/", {"plan": "unlimited"})
        assert "Yours from" in self.page("plans")
        for wrong in ("gold", ""):
            answer = self.owner.post("/settings/billing/plans/choose/", {"plan": wrong}, follow=True)
            assert "Choose one of the plans." in text(answer)
        assert balance(self.account) == 47_00

    def test_everybody_with_settings_reads_the_prices_and_only_owners_choose(self) -> None:
        page = self.page("plans", client=self.analyst)
        assert "Local Twilio · United States $0.75 $1.15" in page
        assert "Forwarded to a SIP address $0.005 a minute" in page
        assert "Choose" not in page
        Account.objects.filter(pk=self.account.pk).update(currency="CHF")
        assert "no prices in CHF" in self.page("plans")
        assert self.owner.get("/settings/billing/").status_code == 200

    def test_the_outsider_sees_and_moves_their_own(self) -> None:
        adjust(self.company, -1_00, "Secret deal", self.alice, "k")
        for address in ("/settings/billing/", "/settings/billing/statement/", "/settings/billing/plans/"):
            page = text(self.outsider.get(address))
            assert "Secret deal" not in page
            assert "49.00" not in page
        assert "Secret" not in b"".join(self.outsider.get("/settings/billing/statement.csv")).decode()
        form = {"kind": "top_up", "amount": "1", "note": "x", "token": str(uuid4())}
        self.outsider.post("/settings/billing/by-hand/", form)
        assert (balance(self.account), balance(self.elsewhere.account)) == (49_00, 51_00)

    def test_two_companies_of_one_account_share_the_balance_and_not_each_others_calls(self) -> None:
        from callspring.accounts.actions import create_company

        second = create_company(self.account, "Harbor Roofs", owner=self.charlie)
        call = self.call(self.numbers(1)[0])
        about = [Fact("minutes", f"minutes:{call.pk}", -3, "+13125550142", self.company.pk, units=1, subject=call.pk)]
        write(self.account, about)
        assert f"/calls/{call.pk}/" in self.owner.get("/settings/billing/").content.decode()
        self.outsider.post("/company/", {"company": str(second.pk)})
        theirs = self.outsider.get("/settings/billing/").content.decode()
        assert "1 minute to" in theirs
        assert f"/calls/{call.pk}/" not in theirs
