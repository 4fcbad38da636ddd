"""`callspring connect` and `callspring sign-in`: what an operator does from a shell until the console can."""

from __future__ import annotations

import argparse
import sys


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands. The parsed arguments get `run(args) -> int`, an exit code."""
    connect = commands.add_parser(
        "connect",
        help="connect an account at a carrier, with the numbers it has",
        description="Connects a carrier's account. Its secret (Twilio: the auth token) is read from standard input.",
    )
    connect.add_argument("--company", required=True, help="the company's key, ck_…")
    connect.add_argument("--carrier", required=True, help="twilio, …")
    connect.add_argument("--account", required=True, help="the account's name at the carrier (Twilio: AC…)")
    connect.add_argument("numbers", nargs="+", metavar="NUMBER", help="the account's numbers, with + and country code")
    connect.set_defaults(run=run_connect)
    sign_in = commands.add_parser("sign-in", help="print a link that signs a person in once, within the hour")
    sign_in.add_argument("email")
    sign_in.set_defaults(run=run_sign_in)


def run_connect(options: argparse.Namespace) -> int:
    """Store the connection and its numbers; print the addresses to enter at the carrier. Raises `ValueError`."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction

    from callspring.accounts.models import Company
    from callspring.carriers.registry import CARRIERS
    from callspring.numbers.actions import adopt
    from callspring.numbers.e164 import parse_number
    from callspring.numbers.models import Connection
    from callspring.scenarios.publishing import publish_company

    if options.carrier not in CARRIERS:
        raise ValueError(f"there is no carrier {options.carrier!r}; there are {', '.join(sorted(CARRIERS))}")
    company = Company.objects.filter(key=options.company).first()
    if company is None:
        raise ValueError(
            f"no company has the key {options.company!r}; it stands in the console, Settings → Integrations"
        )
    secret = sys.stdin.readline().strip()
    if not secret:
        raise ValueError("the carrier's secret was expected on standard input, and nothing came")
    numbers = [parse_number(text, company.country) for text in options.numbers]
    with transaction.atomic():
        connection = Connection.objects.create(
            company=company, carrier=options.carrier, label=options.carrier, account=options.account, secret=secret
        )
        adopt(connection, numbers)
    publish_company(company.pk)
    base = f"{settings.CONFIG.doors_url}/voice/{options.carrier}/{connection.pk}"
    print(f"Connected {len(numbers)} numbers. Enter at the carrier, for each of them (POST):")
    print(f"  a call comes in        {base}/call")
    print(f"  call status changes    {base}/events")
    return 0


def run_sign_in(options: argparse.Namespace) -> int:
    """Print a fresh sign-in link. Raises `ValueError` for somebody who is not there."""
    import django

    django.setup()
    from django.conf import settings
    from django.urls import reverse

    from callspring.accounts.actions import sign_in_link
    from callspring.accounts.models import User

    user = User.objects.filter(email=options.email.lower(), is_active=True).first()
    if user is None:
        raise ValueError(f"nobody here has the address {options.email}")
    path = reverse("console:sign_in_link", kwargs={"token": sign_in_link(user, minutes=60)})
    print(settings.CONFIG.console_url + path)
    return 0
