"""A company in the record, doors that spool for it, and the ingester between them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from callspring.accounts.models import Account, Company
from callspring.calls.models import Call, Credit
from callspring.flows.flow import Forward
from callspring.ids import derived_id, new_id
from callspring.ingest.run import Ingester
from callspring.numbers.models import Connection, Number
from callspring.records import (
    Beat,
    CallSaid,
    NumberGranted,
    PageViewed,
    Record,
    Swapped,
    Tick,
    VisitBegan,
    VisitorDid,
    encode,
)
from callspring.scenarios.models import Rule, Scenario, SwapTarget
from callspring.sites.models import Site
from callspring.stores.spool.writer import SpoolWriter
from callspring.visits.touch import Source

TARGET, BUSINESS, CALLER = "+18005550199", "+18005550100", "+17735550177"
GOOGLE = Source("google", "organic", channel="organic_search")
MAIL = Source("newsletter", "email", "May", channel="email")


@dataclass
class Person:
    """A visitor with a visit and a page, and what a door would spool of them. Times are seconds from the start."""

    world: World
    source: Source = GOOGLE
    visitor: str = field(default_factory=lambda: str(uuid4()))
    visit: str = ""
    page: str = ""
    number: int = 0

    def lands(self, at: float) -> list[Record]:
        """A visit begins with a page."""
        world = self.world
        self.visit = new_id()
        self.number = world.next_visit_number()
        began = VisitBegan(
            self.visit, world.t + at, world.company.pk, world.site.pk, self.number, self.visitor, True,
            "https://shop.example/", "https://www.google.com/", self.source, self.source,
        )  # fmt: skip
        return [began, self.views(at)]

    def views(self, at: float, path: str = "/") -> PageViewed:
        """A page is shown."""
        self.page = new_id()
        url = f"https://shop.example{path}"
        return PageViewed(self.page, self.world.t + at, self.world.company.pk, self.visit, self.visitor, url, "A page")

    def given(self, at: float, number: Number, *, dynamic: bool = True, reason: str = "next_in_line") -> NumberGranted:
        """The edge gives a number."""
        scenario = number.scenario_id or 0
        company = self.world.company.pk
        return NumberGranted(
            new_id(), self.world.t + at, company, scenario, number.pk, self.visit, self.visitor, dynamic, reason, 150
        )

    def swaps(self, at: float, number: Number) -> Swapped:
        """The snippet put it on the page."""
        return Swapped(self.world.t + at, self.visit, self.visitor, self.page, {str(number.scenario_id): 3})

    def arrives(self, at: float, number: Number) -> list[Record]:
        """All of the above at once."""
        return [*self.lands(at), self.given(at, number), self.swaps(at, number)]

    def beats(self, at: float, *, left: bool = False) -> Beat:
        """A sign of life, or leaving."""
        return Beat(self.world.t + at, self.visit, self.visitor, self.page, left=left)

    def clicks(self, at: float, number: Number) -> VisitorDid:
        """The `tel:` link is pressed."""
        company = self.world.company.pk
        did = VisitorDid(new_id(), self.world.t + at, company, self.visit, self.page, "tel_click", number.e164)
        return msgspec.structs.replace(did, visitor=self.visitor)


class World:
    """A company with a pool of three numbers and a static number, as they would have been set up."""

    def __init__(self, folder: Path) -> None:
        self.t = float(int(time.time()))
        self.folder = folder / "spool"
        self.folder.mkdir()
        account = Account.objects.create(name="Harbor & Pine")
        self.company = Company.objects.create(account=account, name="Harbor & Pine", key=f"ck_{uuid4().hex}")
        self.site = Site.objects.create(company=self.company, name="Shop", hosts=["shop.example"])
        self.connection = Connection.objects.create(
            company=self.company, carrier="sandbox", label="Sandbox", account=uuid4().hex, secret="s" * 32
        )
        self.pool = [self.number(rule) for rule in [self.rule("always", dynamic=True)] for _ in range(3)]
        self.static = self.number(self.rule("url_parameter", name="promo", value="leaflet"))
        self.ingester = Ingester(self.folder)
        self._writers: dict[str, SpoolWriter] = {}
        self._visits = 0

    def rule(self, strategy: str, **fields: Any) -> Rule:
        """A scenario with one rule."""
        flow = {"type": "forward", **msgspec.structs.asdict(Forward(BUSINESS))}
        scenario = Scenario.objects.create(
            company=self.company, site=self.site, name=f"The {strategy} one", enabled=True, flow=flow
        )
        SwapTarget.objects.create(scenario=scenario, value=TARGET)
        return Rule.objects.create(scenario=scenario, strategy=strategy, **fields)

    def number(self, rule: Rule) -> Number:
        """One more number of the rule's scenario."""
        now = datetime.now(UTC)
        count = Number.objects.count()
        return Number.objects.create(
            company=self.company, connection=self.connection, e164=f"+1312555{count:04d}", kind="local",
            scenario=rule.scenario, rule=rule, bought_at=now, paid_until=now + timedelta(days=7),
        )  # fmt: skip

    def next_visit_number(self) -> int:
        """As the door's store would count."""
        self._visits += 1
        return self._visits

    def said(self, at: float, called: Number, call: str = "sb_1", caller: str = CALLER, **changes: Any) -> CallSaid:
        """The carrier asks: a call came in."""
        fields: dict[str, Any] = {
            "id": "",
            "received_at": self.t + at,
            "at": self.t + at,
            "company": self.company.pk,
            "connection": self.connection.pk,
            "call": derived_id("call", call),
            "carrier_call_id": call,
            "leg": "caller",
            "leg_id": call,
            "status": "asked",
            "caller": caller,
            "dialled": called.e164,
            "number": called.pk,
            "scenario": called.scenario_id or 0,
            "destination": BUSINESS,
            **changes,
        }
        fields["id"] = derived_id("said", call, fields["leg"], fields["status"], str(fields["at"]))
        return CallSaid(**fields)

    def business(self, at: float, status: str, call: str = "sb_1", **changes: Any) -> CallSaid:
        """An event of the leg that rings the business: its own two ends are not the call's."""
        about = {"leg": "business", "leg_id": f"{call}-b", "status": status, "dialled": "", "number": 0, "scenario": 0}
        return self.said(at, self.static, call, "", **{**about, "destination": "", **changes})

    def tick(self, at: float) -> Tick:
        """A door is alive."""
        return Tick(self.t + at)

    def spool(self, *records: Record, door: str = "doors-1") -> None:
        """A door writes."""
        if door not in self._writers:
            self._writers[door] = SpoolWriter(self.folder / door)
        self._writers[door].append(*map(encode, records))

    def step(self, at: float) -> None:
        """The ingester works until it has nothing to do."""
        while self.ingester.step(self.t + at):
            pass

    def ingest(self, *records: Record, at: float, door: str = "doors-1") -> None:
        """A door writes, the ingester works."""
        self.spool(*records, door=door)
        self.step(at)

    def close(self) -> None:
        """Let go of the spools."""
        for writer in self._writers.values():
            writer.close()

    def credit(self, call: str = "sb_1") -> Credit:
        """The credit in force."""
        return Credit.objects.get(call__carrier_call_id=call, current=True)

    def call(self, call: str = "sb_1") -> Call:
        """The call as it is in the record."""
        return Call.objects.get(pk=derived_id("call", call))
