"""A story in which Alice's company has something of everything that an address of the console can name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import override_settings

from callspring.accounts.actions import create_api_key
from callspring.accounts.invitations import invite
from callspring.accounts.models import BlockedCaller, Invitation, Membership, StaffNetwork, StaffNumber, User
from callspring.accounts.roles import Role
from callspring.calls.models import SettingsChange
from callspring.console.models import Draft, SavedView
from callspring.inbox.models import MissedCallAlert
from callspring.numbers.models import Connection, NumberOrder, PortIn
from callspring.scenarios.importing.carrying_out import begin
from callspring.scenarios.sounds import keep
from callspring.sites.models import SnippetTest
from tests.console.inbox_story import TEXTER, InboxPages
from tests.console.sounds import a_wave


class Everything(InboxPages):
    """`ids` are by the parameter's name in the console's addresses; `by_role` are browsers of Alice's people."""

    def setUp(self) -> None:
        super().setUp()
        self.manager = self.browser(User.objects.create_user("mike@example.com", name="Mike"))
        Membership.objects.create(user=User.objects.get(name="Mike"), company=self.company, role=Role.MANAGER)
        ids = self.of_calls() | self.of_numbers() | self.of_scenarios() | self.of_settings()
        self.ids = {name: str(value) for name, value in ids.items()}
        self.by_role = {
            Role.OWNER: self.owner,
            Role.MANAGER: self.manager,
            Role.ANALYST: self.analyst,
            Role.AGENT: self.agent,
        }

    def of_calls(self) -> dict[str, Any]:
        """A call with its voicemail, a thread, a visit, a view of the log."""
        call = self.dials()
        thread = self.texts("Evil is not here yet", TEXTER)
        view = SavedView.objects.create(
            company=self.company, user=self.alice, shared=True, page="calls", name="Harbor’s"
        )
        return {
            "call_id": call.pk,
            "thread_id": thread.pk,
            "message_id": self.last(thread).pk,
            "view_id": view.pk,
            "recording_id": self.leaves_voicemail(call).pk,
            "visit_number": self.visit(landing_url="https://shop.example/Harbor").number,
        }

    def of_numbers(self) -> dict[str, Any]:
        """A number, an order that failed, a connection whose carrier does not answer, a port-in."""
        bought = self.numbers(1)[0]
        failed = NumberOrder.objects.get(e164=bought.e164)
        failed.pk, failed.e164, failed.state, failed.batch = None, "+13125550156", NumberOrder.State.FAILED, uuid4()
        failed.save()
        connection = Connection.objects.create(
            company=self.company, carrier="twilio", label="Harbor's Twilio", account="AC" + "0" * 32, secret="s" * 32
        )
        nobody = override_settings(CONFIG=replace(settings.CONFIG, carrier_apis={"twilio": "http://127.0.0.1:9"}))
        nobody.enable()
        self.addCleanup(nobody.disable)
        flow = {"type": "forward", "destination": "+18005550199"}
        port_in = PortIn.objects.create(
            company=self.company, connection=connection, e164="+13125550154", losing_carrier="Harbor Bell", flow=flow
        )
        return {
            "own_number_id": bought.pk,
            "batch_id": failed.batch,
            "connection_id": connection.pk,
            "port_in_id": port_in.pk,
        }

    def of_scenarios(self) -> dict[str, Any]:
        """Scenarios, a draft, a sound, an import."""
        draft = Draft.objects.create(
            company=self.company, user=self.alice, way="scenario", title="Harbor's draft", touched=True
        )
        table = b"number,type,target\n+13122021999,dynamic,+18005550199"
        return {
            "scenario_id": self.scenario.pk,
            "pool_id": self.pool(2).pk,
            "draft_id": draft.pk,
            "step": "numbers",
            "sound_id": keep(self.company, a_wave(), "Harbor's welcome", self.alice).pk,
            "import_id": begin(self.company, self.alice, "Harbor.csv", table).pk,
        }

    def of_settings(self) -> dict[str, Any]:
        """People, staff, a site and its test, a key, a change of how calls are credited, who is blocked and alerted."""
        network = StaffNetwork.objects.create(company=self.company, network="203.0.113.77/32")
        number = StaffNumber.objects.create(company=self.company, e164="+13125550155")
        owner = Membership.objects.get(user=self.alice)
        invite(owner, "eve@example.com", "agent", lambda token: token)
        tested = SnippetTest.objects.create(company=self.company, address="https://Harbor.test/", host="harbor.test")
        change = SettingsChange.objects.create(
            company=self.company, model="last", repeat_rule="first", model_before="first", repeat_rule_before="first",
            state="ready", table=[{"source": "Harbor", "medium": "", "channel": "", "old": 1, "new": 2}],
        )  # fmt: skip
        blocked = BlockedCaller.objects.create(company=self.company, pattern="+1900*", label="Harbor's list")
        return {
            "change_id": change.pk,
            "blocked_id": blocked.pk,
            "alert_id": MissedCallAlert.objects.create(company=self.company, user=self.alice).pk,
            "site_id": self.site().pk,
            "key_id": create_api_key(self.company, "Report")[0].pk,
            "test_id": tested.pk,
            "member_id": Membership.objects.get(user=self.dora).pk,
            "invitation_id": Invitation.objects.get().pk,
            "network_id": network.pk,
            "number_id": number.pk,
        }
