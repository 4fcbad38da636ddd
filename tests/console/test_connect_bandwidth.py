"""Bandwidth through the same pages: its webhooks bring what is made of the password; by itself it has no fallback."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.test import override_settings

from callspring.numbers.connecting import importable
from callspring.numbers.models import Connection
from callspring.numbers.queries import connections
from tests.carriers.bandwidth_account import BandwidthAccount
from tests.carriers.bandwidth_requests import pair
from tests.console.carrier_story import FIRST, CarrierPages

NONE = "has no document to go by while Callspring does not answer"


class ConnectBandwidth(CarrierPages):
    def setUp(self) -> None:
        super().setUp()
        self.bandwidth = BandwidthAccount()
        self.bandwidth.looks = 0  # orders are filled by the time that they are first looked at
        self.bandwidth.__enter__()
        self.addCleanup(self.bandwidth.__exit__, None, None, None)
        self.settle()
        self.bandwidth.numbers = {FIRST[2:]: "500001"}

    def settle(self, fallback_url: str = "") -> None:
        served = fallback_url or settings.CONFIG.fallback_url
        config = replace(settings.CONFIG, carrier_apis={"bandwidth": self.bandwidth.url}, fallback_url=served)
        settled = override_settings(CONFIG=config)
        settled.enable()
        self.addCleanup(settled.disable)

    def connect_bandwidth(self) -> Connection:
        account, site = self.bandwidth.credentials.account.split("/")
        parts = {"carrier": "bandwidth", "account": account, "site": site, "label": "", **self.login()}
        assert self.owner.post("/settings/carriers/connect/", parts).status_code == 302
        return connections(self.company).get()

    def login(self) -> dict[str, str]:
        return {"username": self.bandwidth.user, "password": self.bandwidth.password}

    def test_a_replaced_password_points_its_numbers_here_anew(self) -> None:
        connection = self.connect_bandwidth()
        self.brought(connection, FIRST)
        self.bandwidth.password = "another"
        assert self.outsider_of(connection) == 404
        self.owner.post(self.address(connection, "token/"), self.login())
        connection.refresh_from_db()
        assert not importable(connection)[0].points_here
        self.work()
        assert importable(connection)[0].points_here
        users = {one.findtext(".//UserId") for one in self.bandwidth.applications.values()}
        assert users == {pair(connection.secret)[0]}
        self.owner.post(self.address(connection, "disconnect/"))
        self.work()
        assert self.bandwidth.numbers == {FIRST[2:]: "500001"}

    def outsider_of(self, connection: Connection) -> int:
        return int(self.outsider.post(self.address(connection, "token/"), self.login()).status_code)

    def test_that_nobody_is_rung_while_we_are_silent_is_said(self) -> None:
        connection = self.connect_bandwidth()
        self.brought(connection, FIRST)
        assert self.told(connection) == (True, True, True)
        assert NONE not in self.page("connect_carrier", query="?carrier=twilio")
        self.settle("https://static.example/{number}.xml")
        assert self.told(connection) == (False, False, False)

    def told(self, connection: Connection) -> tuple[bool, bool, bool]:
        before, after = self.page("connect_carrier", query="?carrier=bandwidth"), self.page("connection", connection.pk)
        return NONE in before, NONE in after, "no fallback" in after
