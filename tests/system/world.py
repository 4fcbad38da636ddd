"""The world that the fault tests play in: `python -m tests.system.world` makes the database and prints what is in it.

Three kinds of visitors, told apart by where they arrive:

* `roomy`: a pool with more numbers than there are ever visitors. Nobody may share or lose a number.
* `static`: `utm_source=facebook` on the same site; one number for all of them.
* `tight`: another site with a pool of five numbers, which overflows all the time.

It runs in a process of its own because Django's settings are read once per process.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping

import msgspec

TARGET = "+18005550199"
BUSINESS = "+18005550100"
ROOMY_HOST = "roomy.example"
TIGHT_HOST = "tight.example"
STATIC_QUERY = "utm_source=facebook&utm_medium=paid"
TIGHT_NUMBERS = 5
# Visitors whose answer was lost in a crash hold numbers too; so many more than visitors there are.
SPARE_NUMBERS = 200


class World(msgspec.Struct, frozen=True):
    """What the load process has to know: the company's key, and the sandbox connection with its secret."""

    key: str
    connection: int
    secret: str
    visitors: int


def make_world(environment: Mapping[str, str], visitors: int) -> World:
    """Make the database that `environment` names, with room for `visitors` on the roomy pool."""
    command = [sys.executable, "-m", "tests.system.world", str(visitors)]
    done = subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.PIPE, timeout=240)
    return msgspec.json.decode(done.stdout, type=World)


def main(visitors: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callspring.back.settings")
    from callspring.back.database import migrate
    from callspring.config import load

    migrate(load())
    print(msgspec.json.encode(_populate(visitors)).decode())


def _populate(visitors: int) -> World:
    from callspring.accounts.actions import create_company
    from callspring.accounts.models import Account
    from callspring.numbers.actions import adopt
    from callspring.numbers.models import Connection
    from callspring.scenarios.actions import track_campaign, track_users
    from callspring.sites.models import Site

    company = create_company(Account.objects.create(name="Faults"), "Faults")
    secret = secrets.token_hex(32)
    connection = Connection.objects.create(
        company=company, carrier="sandbox", label="Sandbox", account="sandbox_faults", secret=secret
    )
    roomy = Site.objects.create(company=company, name="Roomy", hosts=[ROOMY_HOST])
    tight = Site.objects.create(company=company, name="Tight", hosts=[TIGHT_HOST])
    # The area 312, exchange 2xx: possible numbers, and nobody's here.
    e164s = [f"+13122{index:06d}" for index in range(visitors + SPARE_NUMBERS + TIGHT_NUMBERS + 1)]
    static, *pool = adopt(connection, e164s)
    track_campaign(
        company, site=roomy, title="static", strategy="url_parameter", name="utm_source", value="facebook",
        number=static, target=TARGET, destination=BUSINESS,
    )  # fmt: skip
    for site, title, numbers in ((roomy, "roomy", pool[TIGHT_NUMBERS:]), (tight, "tight", pool[:TIGHT_NUMBERS])):
        track_users(
            company, site=site, title=title, peak=1000, numbers=numbers, target=TARGET, destination=BUSINESS
        )  # fmt: skip
    return World(company.key, connection.pk, secret, visitors)


if __name__ == "__main__":
    main(int(sys.argv[1]))
