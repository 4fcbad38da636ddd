"""Stories in which both companies have an account at Twilio, of their own each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.test import override_settings

from callspring.accounts.models import Account, Company
from callspring.numbers.models import Connection
from tests.carriers.twilio_account import TwilioAccount
from tests.stories import Story

DOORS = "https://calls.example.com"


def configured(account: TwilioAccount, **changes: Any) -> override_settings:
    """The settings under which `account` is all there is of Twilio."""
    apis = {"twilio": account.url}
    return override_settings(CONFIG=replace(settings.CONFIG, carrier_apis=apis, doors_url=DOORS, **changes))


class TwilioStory(Story):
    """`account` is Alice's; hers is the only connection of her company, and its numbers cost what Twilio asks."""

    def setUp(self) -> None:
        super().setUp()
        self.account = TwilioAccount()
        self.account.__enter__()
        self.addCleanup(self.account.__exit__, None, None, None)
        settled = configured(self.account)
        settled.enable()
        self.addCleanup(settled.disable)
        self.account.for_sale = {f"+13125550{line}": ("Chicago", "IL") for line in range(100, 123)}

    def connected(self, company: Company | None = None) -> Connection:
        """The company's connection to `account`, instead of the sandbox."""
        company = company or self.company
        Connection.objects.filter(company=company, carrier="sandbox").delete()
        return Connection.objects.create(
            company=company, carrier="twilio", label="Twilio", account=self.account.sid, secret=self.account.token
        )

    def own_carrier(self) -> None:
        """The company pays its carrier itself."""
        Account.objects.filter(pk=self.company.account_id).update(mode=Account.Mode.OWN_CARRIER)
        self.company.account.refresh_from_db()

    def webhook(self, connection: Connection, part: str) -> str:
        return f"{DOORS}/voice/twilio/{connection.pk}/{part}"
