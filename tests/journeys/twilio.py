"""Twilio as the doors meet it: a connection with numbers of its own, and its signed webhooks.

`python -m tests.journeys.twilio HOST` gives the demo company a Twilio connection whose numbers are the pool of the site
HOST, and prints what a sender of webhooks has to know.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import httpx
import msgspec
from twilio.request_validator import RequestValidator

TARGET = "+18005550199"
NUMBERS = [f"+1312202{index:04d}" for index in range(4)]


class Account(msgspec.Struct, frozen=True):
    """The connection's id and the auth token that signs its webhooks."""

    connection: int
    token: str


def connect(environment: Mapping[str, str], host: str) -> Account:
    """Set the connection up, in a process of its own."""
    command = [sys.executable, "-m", "tests.journeys.twilio", host]
    done = subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.PIPE, timeout=180)
    return msgspec.json.decode(done.stdout, type=Account)


def send(doors: str, account: Account, endpoint: str, form: Mapping[str, str], *, token: str = "") -> httpx.Response:
    """POST one webhook, signed with the account's token, or with another one."""
    url = f"{doors}/voice/twilio/{account.connection}/{endpoint}"
    signature = RequestValidator(token or account.token).compute_signature(url, dict(form))
    return httpx.post(url, data=dict(form), headers={"X-Twilio-Signature": signature}, timeout=30)


def post_to(url: str, account: Account, form: Mapping[str, str]) -> httpx.Response:
    """POST a webhook to an address that our answer named."""
    signature = RequestValidator(account.token).compute_signature(url, dict(form))
    return httpx.post(url, data=dict(form), headers={"X-Twilio-Signature": signature}, timeout=30)


def main(host: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callspring.back.settings")
    import django

    django.setup()
    from callspring.accounts.models import Company
    from callspring.numbers.actions import adopt
    from callspring.numbers.models import Connection
    from callspring.scenarios.actions import track_users
    from callspring.sites.models import Site

    company = Company.objects.get()
    connection = Connection.objects.create(
        company=company, carrier="twilio", label="Twilio", account="AC" + "0" * 32, secret="an auth token of Twilio's"
    )
    site = Site.objects.create(company=company, name="By Twilio", hosts=[host])
    numbers = adopt(connection, NUMBERS)
    track_users(company, site=site, title="By Twilio", target=TARGET, peak=16, numbers=numbers, destination=TARGET)
    print(msgspec.json.encode(Account(connection.pk, connection.secret)).decode())


if __name__ == "__main__":
    main(sys.argv[1])
