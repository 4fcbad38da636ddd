"""A number that stands on no page, from nothing to a credited call: made by the wizard, bought, ringing, counted."""

from __future__ import annotations

from django.conf import settings

from callspring.calls.crediting import credit_call
from callspring.flows.flow import Forward
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.stores.snapshot.files import site_file
from tests.console.pages import text
from tests.console.test_wizard import Wizard
from tests.numbers.routes import routes


class Billboard(Wizard):
    def test_from_the_first_step_to_a_credited_call(self) -> None:
        numbers = self.numbers_step("offline")
        e164 = self.offered(numbers)[0]
        with self.captureOnCommitCallbacks(execute=True):
            self.approved(self.saved(self.go(numbers, title="Billboard", number=e164), "enable"))
        self.work()
        made, number = Scenario.objects.get(), Number.objects.get(e164=e164)
        assert (made.enabled, made.site, number.scenario) == (True, None, made)

        flow = routes(self.company)[e164].flow
        assert isinstance(flow, Forward)
        assert flow.destination == "+18005550199"
        assert e164.encode() not in site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes()

        call = self.call(number)
        credit_call(call, final=True)
        credit = call.credits.get(current=True)
        assert (credit.source, credit.grade, credit.visit) == ("billboard main street", "certain", None)
        table = self.page("tracking_numbers")
        assert "Offline, on no website" in table
        assert "billboard main street" in self.page("call", call.pk).lower()
        assert self.outsider.get(f"/calls/{call.pk}/").status_code == 404
        assert "Billboard" not in text(self.outsider.get("/tracking-numbers/"))
