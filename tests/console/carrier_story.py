"""A story whose company has an account at Twilio, and whose people use the console."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.conf import settings
from django.utils import timezone

from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.models import Connection, Number
from callspring.numbers.queries import numbers
from callspring.stores.snapshot.files import company_file
from callspring.stores.snapshot.published import PublishedCompany, company_decoder
from tests.console.pages import Pages
from tests.numbers.at_twilio import TwilioStory

OLD: dict[str, Any] = {
    "voice_url": "https://old.example/voice",
    "voice_method": "GET",
    "voice_fallback_url": "https://old.example/fallback",
    "status_callback": "https://old.example/status",
    "sms_url": "https://old.example/sms",
}
FIRST, SECOND, THIRD = "+13122020001", "+13122020002", "+13122020003"
DESK = "+13122020777"
RINGS = {"destination": DESK, "ring_seconds": "20", "voicemail": "on", "greeting": "Leave word, please."}


class CarrierPages(Pages, TwilioStory):
    """Alice's company has no connection until a test makes one."""

    def setUp(self) -> None:
        super().setUp()
        Connection.objects.filter(company=self.company).delete()

    def work(self) -> None:
        """Do all jobs, also those that wanted to be done later."""
        for _ in range(30):
            Job.objects.filter(state=Job.State.QUEUED).update(run_at=timezone.now())
            if not run_due(1):
                return

    def connect(self, **changes: str) -> Any:
        said = {"carrier": "twilio", "account": self.account.sid, "secret": self.account.token, "label": ""}
        return self.owner.post("/settings/carriers/connect/", said | changes)

    def address(self, connection: Connection, part: str = "") -> str:
        return f"/settings/carriers/{connection.pk}/{part}"

    def bring(self, connection: Connection, *e164s: str, **changes: str) -> Any:
        """Choose numbers and say yes to what will change."""
        data = {"number": list(e164s), "go": "import", **RINGS, **changes}
        return self.owner.post(self.address(connection, "numbers/"), data)

    def brought(self, connection: Connection, *e164s: str) -> list[Number]:
        """The numbers, once they are here."""
        assert self.bring(connection, *e164s).status_code == 302
        self.work()
        return [numbers(self.company).get(e164=e164) for e164 in e164s]

    def published(self) -> PublishedCompany:
        return company_decoder.decode(company_file(settings.CONFIG.snapshots, self.company.pk).read_bytes())

    def changed(self) -> int:
        """How often something was changed at Twilio."""
        return sum(asked.method != "GET" for asked in self.account.requests)


def error_at(response: Any, field: str) -> str:
    """What stands below a field as its error."""
    html = response.content.decode()
    found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</p>', html, re.DOTALL)
    return unescape(found[1]) if found else ""
