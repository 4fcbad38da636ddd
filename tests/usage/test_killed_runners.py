"""Runners that are really killed while they charge: what one began another finishes, and no fact is charged twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import connection
from django.db.models import Sum
from django.test import TransactionTestCase

from callspring.accounts.models import Account, User
from callspring.billing.ledger import balance
from callspring.billing.models import LedgerEntry
from callspring.usage.charging import ALL, charge_all
from callspring.usage.renewing import renew_all
from tests.stories import NOON, make_company
from tests.usage.test_charging import ended_call
from tests.usage.test_renewing import rent_a_number

WEEK, NOW = timedelta(days=7), NOON + timedelta(days=21, hours=1)
COMPANIES, WEEKS = 40, 4
# Another process on the tests' own database; it says when it begins, and charges what it finds until it is killed.
RUNNER = """
import sys
from datetime import datetime
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from callspring.usage.charging import ALL, charge_all
from callspring.usage.renewing import renew_all
now = datetime.fromisoformat(sys.argv[2])
print("begins", flush=True)
while True:
    renew_all(now)
    charge_all(now, ALL)
"""


class Killed(TransactionTestCase):
    def setUp(self) -> None:
        for place in range(COMPANIES):
            company = make_company(f"Company {place}", User.objects.create_user(f"owner{place}@example.com"))
            number = rent_a_number(company, NOON, f"+131255501{place:02}")
            ended_call(number, 70, NOON + timedelta(days=1))

    def test_what_a_killed_runner_began_is_finished_once(self) -> None:
        with runners(2):
            wait_for(20)
        renew_all(NOW)
        charge_all(NOW, ALL)
        keys = Counter(LedgerEntry.objects.values_list("key", flat=True))
        assert max(keys.values()) == 1
        for account in Account.objects.all():
            entries = LedgerEntry.objects.filter(account=account)
            rents = entries.filter(kind="rent").order_by("about").values_list("about", flat=True)
            assert list(rents) == [NOON + WEEK * week for week in range(WEEKS)]
            assert entries.filter(kind="minutes").count() == 1
            total = entries.aggregate(total=Sum("amount"))["total"]
            assert balance(account) == total == 50_00 - WEEKS * 75 - 2 * (1 + 2)  # 2 minutes of both legs


@contextmanager
def runners(count: int) -> Iterator[None]:
    """So many of them, killed at the end."""
    words = [sys.executable, "-c", RUNNER, str(connection.settings_dict["NAME"]), NOW.isoformat()]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "callspring.back.settings"}
    begun = [subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) for _ in range(count)]
    try:
        for one in begun:
            assert one.stdout is not None
            assert one.stdout.readline() == b"begins\n"
        yield
    finally:
        for one in begun:
            with suppress(ProcessLookupError):
                one.kill()
            one.communicate()


def wait_for(charges: int) -> None:
    """Until the ledger has so many."""
    until = time.monotonic() + 60
    while LedgerEntry.objects.exclude(kind="opening").count() < charges:
        assert time.monotonic() < until, "the runners charge nothing"
        time.sleep(0.005)
