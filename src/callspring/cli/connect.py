"""`callspring connect` and `callspring sign-in`: what an operator does from a shell until the console can."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callspring.accounts.models import Company
    from callspring.carriers.description import Description


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands. The parsed arguments get `run(args) -> int`, an exit code."""
    connect = commands.add_parser(
        "connect",
        help="connect an account at a carrier, with the numbers it has",
        description="Tests an account at a carrier, adds its numbers and points them here. Its secret is read "
        "from standard input; at a terminal each part of it is asked for. Without --account it says what the carrier "
        "calls them and where they stand.",
    )
    connect.add_argument("--company", required=True, help="the company's key, ck_…")
    connect.add_argument("--carrier", required=True, help="telnyx, twilio, …")
    connect.add_argument("--account", help="the account's name at the carrier")
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
    from callspring.carriers.registry import CARRIERS, description
    from callspring.numbers.e164 import parse_number
    from callspring.scenarios.publishing import publish_surely

    if options.carrier not in CARRIERS:
        raise ValueError(f"there is no carrier {options.carrier!r}; there are {', '.join(sorted(CARRIERS))}")
    told = description(options.carrier)
    if options.account is None:
        raise ValueError(_needed(told))
    company = Company.objects.filter(key=options.company).first()
    if company is None:
        raise ValueError(
            f"no company has the key {options.company!r}; it stands in the console, Settings → Integrations"
        )
    secret = _typed(told, options.account) if sys.stdin.isatty() else sys.stdin.read().strip()
    if not secret:
        raise ValueError("the carrier's secret was expected on standard input, and nothing came")
    numbers = [parse_number(text, company.country) for text in options.numbers]
    if options.keep_webhooks:
        code = _add_only(company, options, secret, numbers)
    else:
        code = _add_and_point(company, options, secret, numbers)
    publish_surely(company.pk)
    return code


def _needed(told: Description) -> str:
    """What the carrier calls its credentials, and how they are written here."""
    words = {field.name: field.name.replace("_", "-").upper() for field in told.fields}
    written = told.credentials(words) if words else None
    if written is None:
        return f"{told.title} is not connected from here"
    lines = [f"  {words[field.name]}: {field.label}. {field.help}" for field in told.fields]
    how = f"{told.title} needs --account {written.account}, and on standard input {written.secret}, where"
    return "\n".join([how, *lines])


def _typed(told: Description, account: str) -> str:
    """The secret, each part of it asked for and not shown. Raises `ValueError`."""
    given = told.shown(account)
    for field in told.asked_again:
        if field.lines > 1:
            raise ValueError(f"{field.label} has several lines: give the secret on standard input. {_needed(told)}")
        given[field.name] = getpass(f"{field.label}: ").strip()
        if not field.fits(given[field.name]):
            raise ValueError(field.wrong or f"this is no {field.label}")
    return told.credentials(given).secret


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
