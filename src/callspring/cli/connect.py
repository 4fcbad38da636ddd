"""`callspring connect` and `callspring sign-in`: what an operator does from a shell until the console can."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callspring.accounts.models import Company


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands. The parsed arguments get `run(args) -> int`, an exit code."""
    connect = commands.add_parser(
        "connect",
        help="connect an account at a carrier, with the numbers it has",
        description="Tests an account at a carrier, adds its numbers and points them here. The account's secret "
        "(Twilio: the auth token; SignalWire: the API token and the signing key, with a colon between them) is read "
        "from standard input.",
    )
    connect.add_argument("--company", required=True, help="the company's key, ck_…")
    connect.add_argument("--carrier", required=True, help="twilio, signalwire, …")
    connect.add_argument(
        "--account",
        required=True,
        help="the account's name at the carrier (Twilio: AC…, SignalWire: SPACE.signalwire.com/PROJECT-ID)",
    )
    connect.add_argument(
        "--keep-webhooks",
        action="store_true",
        help="change and ask nothing at the carrier; print the addresses to enter there",
    )
    connect.add_argument(
        "numbers", nargs="*", metavar="NUMBER", help="which numbers, with + and country code; without any, all of them"
    )
    connect.set_defaults(run=run_connect)
    sign_in = commands.add_parser("sign-in", help="print a link that signs a person in once, within the hour")
    sign_in.add_argument("email")
    sign_in.set_defaults(run=run_sign_in)


def run_connect(options: argparse.Namespace) -> int:
    """Store the connection and its numbers, and publish them. Raises `ValueError`; 1 when some numbers failed."""
    import django

    django.setup()
    from callspring.accounts.models import Company
    from callspring.carriers.registry import CARRIERS
    from callspring.numbers.e164 import parse_number
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
    if options.keep_webhooks:
        code = _add_only(company, options, secret, numbers)
    else:
        code = _add_and_point(company, options, secret, numbers)
    publish_company(company.pk)
    return code


def _add_only(company: Company, options: argparse.Namespace, secret: str, numbers: list[str]) -> int:
    from django.db import transaction

    from callspring.carriers.contract import Endpoint
    from callspring.numbers.actions import adopt
    from callspring.numbers.carrier import address
    from callspring.numbers.models import Connection

    if not numbers:
        raise ValueError("with --keep-webhooks the carrier is not asked, so its numbers have to be given")
    with transaction.atomic():
        connection, _ = Connection.objects.update_or_create(
            company=company,
            carrier=options.carrier,
            account=options.account,
            defaults={"secret": secret, "disconnected_at": None},
            create_defaults={"secret": secret, "label": options.carrier},
        )
        adopt(connection, numbers)
    print(f"Connected {len(numbers)} numbers. Enter at the carrier, for each of them (POST):")
    print(f"  a call comes in        {address(connection, Endpoint.CALL)}")
    print(f"  call status changes    {address(connection, Endpoint.EVENTS)}")
    print(f"  a message comes in     {address(connection, Endpoint.TEXT)}")
    return 0


def _add_and_point(company: Company, options: argparse.Namespace, secret: str, numbers: list[str]) -> int:
    from callspring.carriers.api import CarrierProblem
    from callspring.numbers import connecting

    try:
        connection = connecting.connect(company, options.carrier, options.account, secret)
        numbers = numbers or [one.owned.e164 for one in connecting.importable(connection)]
        outcomes = connecting.import_numbers(connection, numbers)
    except CarrierProblem as problem:
        raise ValueError(str(problem)) from None
    done = [outcome for outcome in outcomes if not outcome.problem]
    print(f"Connected {connection.label}. {len(done)} of {len(outcomes)} numbers are here and point here.")
    for outcome in outcomes:
        if outcome.problem:
            print(f"  {outcome.e164}  {outcome.problem}", file=sys.stderr)
    return 0 if len(done) == len(outcomes) else 1


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
