"""The demo company as a newcomer's: no scenario, no number, and as much money as a test says."""

from __future__ import annotations

import subprocess
import sys
from uuid import uuid4

from tests.journeys.running import Running

_BEGIN = """
import django; django.setup()
from callspring.accounts.models import Company, User
from callspring.billing.actions import adjust
from callspring.billing.queries import balance
company, person = Company.objects.get(), User.objects.first()
"""
_EMPTY = """
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_all
Number.objects.update(scenario=None, rule=None, state=Number.State.RELEASED)
Scenario.objects.all().delete()
publish_all()
"""


def empty(running: Running) -> None:
    """Take all scenarios and numbers away, and all money."""
    spend = f'left and adjust(company, -left, "Begin anew", person, "{uuid4()}")'
    _do(running, f"{_BEGIN}{_EMPTY}left = balance(company.account)\n{spend}")


def pay(running: Running, amount: int) -> None:
    """Put money (minor units) on the account."""
    _do(running, _BEGIN + f'adjust(company, {amount}, "Paid", person, "{uuid4()}")')


def _do(running: Running, code: str) -> None:
    there = {**running.environment, "DJANGO_SETTINGS_MODULE": "callspring.back.settings"}
    done = subprocess.run([sys.executable, "-c", code], check=False, env=there, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr.decode()
