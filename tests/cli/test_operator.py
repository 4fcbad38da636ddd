"""`callspring connect`, `callspring sign-in` and the list of settings."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from callspring.carriers.registry import connectable, description
from callspring.cli.main import main
from callspring.config import load
from callspring.jobs.models import Job
from callspring.numbers.models import Connection
from callspring.settings import SETTINGS
from callspring.stores.snapshot.files import company_file
from tests.carriers.telnyx_account import TelnyxAccount
from tests.carriers.twilio_account import TwilioAccount
from tests.numbers.at_twilio import configured
from tests.stories import Story

ROOT = Path(__file__).parents[2]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Operator(Story):
    @pytest.fixture(autouse=True)
    def _console(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def connect(
        self, *words: str, secret: str = "an auth token\n", carrier: str = "twilio", account: str = "AC1"
    ) -> tuple[int, str]:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(secret))
        code = main(["connect", "--company", self.company.key, "--carrier", carrier, "--account", account, *words])
        said = self.capsys.readouterr()
        return code, said.out + said.err

    def test_failed_jobs_are_listed_and_tried_again(self) -> None:
        now = timezone.now()
        job = Job.objects.create(
            kind="mail.send", payload={"to": "x"}, state="failed", run_at=now, finished_at=now, error="refused"
        )
        assert main(["jobs"]) == 0
        assert "mail.send  refused" in self.capsys.readouterr().out
        assert main(["jobs", "--again", str(job.pk)]) == 0
        assert main(["jobs", "--again", str(job.pk)]) == 2
        job.refresh_from_db()
        assert job.state == "queued"
        self.capsys.readouterr()
        main(["jobs"])
        assert "No job has failed." in self.capsys.readouterr().out

    def test_a_connected_account_has_its_numbers_and_the_doors_know_its_secret(self) -> None:
        code, said = self.connect("--keep-webhooks", "+13122020000", "(312) 202-0001")
        connection = Connection.objects.get(carrier="twilio")
        assert code == 0
        assert f"/voice/twilio/{connection.pk}/call" in said
        assert sorted(number.e164 for number in connection.numbers.all()) == ["+13122020000", "+13122020001"]
        published = company_file(load().snapshots, self.company.pk).read_text()
        assert "an auth token" in published

    def test_what_is_wrong_is_said_and_nothing_is_stored(self) -> None:
        for words, changes, complaint in (
            (("+13122020000",), {"carrier": "pigeon"}, "there is no carrier 'pigeon'"),
            (("+13122020000",), {"secret": ""}, "secret was expected"),
            (("12",), {}, "12"),
            (("--keep-webhooks",), {}, "have to be given"),
            ((), {}, "account SID is AC"),
        ):
            code, said = self.connect(*words, **changes)
            assert code == 2
            assert complaint in said
        assert not Connection.objects.filter(carrier="twilio").exists()

    def test_without_an_account_it_says_what_the_carrier_calls_its_credentials(self) -> None:
        for carrier in connectable():
            assert main(["connect", "--company", self.company.key, "--carrier", carrier]) == 2
            said, told = self.capsys.readouterr().err, description(carrier)
            assert f"{told.title} needs --account" in said
            assert all(f"{field.label}. {field.help}" in said for field in told.fields)
        assert main(["connect", "--company", self.company.key, "--carrier", "sandbox"]) == 2
        assert "Sandbox carrier is not connected from here" in self.capsys.readouterr().err

    def test_at_a_terminal_each_secret_is_asked_for_and_not_shown(self) -> None:
        with TelnyxAccount() as account:
            settled = override_settings(CONFIG=replace(load(), carrier_apis={"telnyx": account.url}))
            settled.enable()
            self.addCleanup(settled.disable)
            account.own("+13122020000")
            typed = {"API key: ": account.key, "Public key: ": account.secret.partition(":")[2]}
            self.monkeypatch.setattr("callspring.cli.connect.getpass", typed.__getitem__)
            self.monkeypatch.setattr("sys.stdin", Terminal())
            words = ["--company", self.company.key, "--carrier", "telnyx", "--account", account.account]
            assert main(["connect", *words]) == 0
            connection = Connection.objects.get(carrier="telnyx")
            assert (connection.account, connection.secret) == (account.account, account.secret)
            (application,) = account.applications.values()
            assert application["voice_url"].endswith(f"/voice/telnyx/{connection.pk}/call")
            typed["API key: "] = "not a key"
            assert main(["connect", *words]) == 2
            assert "An API key begins with KEY" in self.capsys.readouterr().err

    def test_all_numbers_of_an_account_are_added_and_pointed_here(self) -> None:
        with TwilioAccount("Ours") as account, configured(account):
            account.own("+13122020000", voice_url="https://old.example/")
            account.own("+13122020001")
            account.own("+13122020002", voice=False)
            code, said = self.connect(secret=f"{account.token}\n", account=account.sid)
            assert code == 1
            assert "Connected Ours. 2 of 3 numbers are here and point here." in said
            assert "+13122020002  This number cannot receive calls." in said
            connection = Connection.objects.get(carrier="twilio")
            assert account.number("+13122020000")["voice_url"].endswith(f"/voice/twilio/{connection.pk}/call")
            assert account.token in company_file(load().snapshots, self.company.pk).read_text()

    def test_a_wrong_secret_is_said_and_nothing_is_stored(self) -> None:
        with TwilioAccount() as account, configured(account):
            code, said = self.connect("+13122020000", secret="wrong\n", account=account.sid)
        assert (code, "auth token" in said, "wrong" in said) == (2, True, False)
        assert not Connection.objects.filter(carrier="twilio").exists()

    def test_a_sign_in_link_works_once(self) -> None:
        assert main(["sign-in", self.alice.email]) == 0
        path = re.sub(r"^https?://[^/]+", "", self.capsys.readouterr().out.strip())
        browser = Client()
        assert browser.post(path).status_code == 302
        assert browser.get("/").status_code == 200
        assert Client().post(path).status_code != 302

    def test_nobody_gets_a_link_for_nobody(self) -> None:
        assert main(["sign-in", "nobody@example.com"]) == 2
        assert "nobody here has the address" in self.capsys.readouterr().err


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [f"| `{one.name}` | {f'`{one.default}`' if one.default else '–'} | {one.help} |" for one in SETTINGS]
    assert [row for row in rows if row not in text] == []


def test_a_wrong_setting_is_named() -> None:
    for variable, value in (
        ("PORT", "eighty"),
        ("CALLSPRING_TRUSTED_PROXIES", "everybody"),
        ("CALLSPRING_CARRIER_APIS", "twilio"),
        ("CALLSPRING_CARRIER_APIS", "twilio=http://api.example.com:80"),
        ("CALLSPRING_CARRIER_APIS", "twilio=https://api.example.com/path"),
        ("CALLSPRING_LEASES", "postgresql://127.0.0.1/leases"),
        ("CALLSPRING_LEASES", "redis:///0"),
        ("CALLSPRING_FALLBACK_URL", "forward me"),
        ("CALLSPRING_FALLBACK_URL", "https://example.com/{nobody}"),
    ):
        with pytest.raises(ValueError, match=variable):
            load({variable: value})
