"""The people in every story: Alice owns a plumber's company, Bob works there, Charlie owns another and tries his luck.

Both companies have money, a site, a connection to the sandbox carrier and an API key. What browsers and carriers
would have brought is put into the record by `visit`, `show` and `call`.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.test import TestCase

from callspring.accounts.actions import create_api_key, create_company
from callspring.accounts.models import Account, Company, Membership, User
from callspring.billing.actions import open_balance
from callspring.calls.models import Basis, Call, Credit, Grade
from callspring.carriers.sandbox.inventory import Inventory
from callspring.ids import new_id
from callspring.maintenance.hours import mark
from callspring.numbers.actions import buy, offer
from callspring.numbers.models import Connection, Number
from callspring.scenarios.actions import track_campaign, track_users
from callspring.scenarios.models import Scenario
from callspring.sites.models import Site
from callspring.visits.models import Show, Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TARGET = "+18005550199"


class Story(TestCase):
    """Two companies and their people, in a transaction that is rolled back; empty sandbox books."""

    alice: User
    bob: User
    charlie: User
    company: Company
    elsewhere: Company  # Charlie's

    @classmethod
    def setUpTestData(cls) -> None:
        cls.alice, cls.bob, cls.charlie = (
            User.objects.create_user(f"{name}@example.com", name=name.title()) for name in ("alice", "bob", "charlie")
        )
        cls.company = make_company("Harbor & Pine", cls.alice)
        cls.elsewhere = make_company("Elsewhere Roofing", cls.charlie)
        Membership.objects.create(user=cls.bob, company=cls.company, role=Membership.Role.ANALYST)

    def setUp(self) -> None:
        self.empty_books()
        for connection in Connection.objects.all():
            self.books().open_account(connection.account, secret=connection.secret, voice_url="http://127.0.0.1:9")
        self.visit_numbers = 0

    def empty_books(self) -> None:
        shutil.rmtree(settings.CONFIG.sandbox_books.parent, ignore_errors=True)

    def books(self) -> Inventory:
        return Inventory(settings.CONFIG.sandbox_books)

    def site(self, company: Company | None = None) -> Site:
        return Site.objects.get(company=company or self.company)

    def numbers(self, count: int, company: Company | None = None, kind: str = "local") -> list[Number]:
        """Buy numbers as a person would."""
        company = company or self.company
        return buy(company, [number.e164 for number in offer(company, kind, "312", count)], TARGET).numbers

    def campaign(self, company: Company | None = None, **changes: Any) -> Scenario:
        company = company or self.company
        settled: dict[str, Any] = {
            "site": self.site(company),
            "title": "Google search",
            "target": TARGET,
            "strategy": "web_search",
            "destination": TARGET,
        }
        if "number" not in changes:
            settled["number"] = self.numbers(1, company)[0]
        return track_campaign(company, **(settled | changes))

    def pool(self, size: int, company: Company | None = None, **changes: Any) -> Scenario:
        company = company or self.company
        settled: dict[str, Any] = {
            "site": self.site(company),
            "title": "Everyone",
            "target": TARGET,
            "peak": 4 * size,
            "destination": TARGET,
        }
        if "numbers" not in changes:
            settled["numbers"] = self.numbers(size, company)
        return track_users(company, **(settled | changes))

    def visit(self, company: Company | None = None, at: datetime = NOON, **changes: Any) -> Visit:
        company = company or self.company
        self.visit_numbers += 1
        settled: dict[str, Any] = {
            "id": UUID(new_id()),
            "number": self.visit_numbers,
            "visitor": uuid4(),
            "is_first": True,
            "started_at": at,
            "last_active_at": at,
            "landing_url": "https://shop.example/",
            "source": "newsletter",
            "channel": "email",
        }
        return Visit.objects.create(company=company, site=self.site(company), **(settled | changes))

    def show(self, visit: Visit, number: Number, seconds: int = 60, **changes: Any) -> Show:
        """The visitor sees the number from the visit's start, for so many seconds."""
        settled: dict[str, Any] = {
            "id": UUID(new_id()),
            "dynamic": True,
            "reason": "pool",
            "hold_seconds": 150,
            "granted_at": visit.started_at,
            "shown_at": visit.started_at,
            "last_active_at": visit.started_at,
            "until": visit.started_at + timedelta(seconds=seconds),
            "places": 3,
        }
        assert number.scenario_id is not None
        shown = Show.objects.create(
            company=visit.company,
            scenario_id=number.scenario_id,
            number=number.pk,
            visit=visit.pk,
            visitor=visit.visitor,
            **(settled | changes),
        )
        mark([shown])
        return shown

    def call(self, number: Number, at: datetime = NOON, **changes: Any) -> Call:
        settled: dict[str, Any] = {
            "id": UUID(new_id()),
            "carrier_call_id": uuid4().hex,
            "caller": "+13125550177",
            "dialled": number.e164,
            "number": number,
            "scenario": number.scenario,
            "status": "completed",
            "started_at": at,
            "duration": 61,
        }
        return Call.objects.create(company=number.company, connection=number.connection, **(settled | changes))

    def credit(self, call: Call, visit: Visit | None = None, **changes: Any) -> Credit:
        settled: dict[str, Any] = {
            "version": 1,
            "stage": Credit.Stage.PROVISIONAL,
            "basis": Basis.HOLDER if visit else Basis.NOBODY,
            "grade": Grade.CERTAIN if visit else Grade.UNKNOWN,
        }
        if visit:
            settled |= {"visit": visit.pk, "visit_number": visit.number, "probability": 0.95}
            settled |= {"source": visit.source, "channel": visit.channel}
        return Credit.objects.create(call=call, company=call.company, **(settled | changes))

    def key(self, company: Company | None = None) -> str:
        """The plain text of a fresh API key."""
        return create_api_key(company or self.company, "Story")[1]


def make_company(name: str, owner: User) -> Company:
    """A company with 50 dollars, a site and a sandbox connection."""
    account = Account.objects.create(name=name, mode=Account.Mode.PREPAID)
    open_balance(account, 50_00, f"opening:{account.pk}")
    company = create_company(account, name, zone="America/Chicago", owner=owner)
    Site.objects.create(company=company, name=name, hosts=["shop.example"])
    Connection.objects.create(
        company=company, carrier="sandbox", label="Sandbox", account=f"sandbox_{company.key}", secret="s" * 32
    )
    return company
