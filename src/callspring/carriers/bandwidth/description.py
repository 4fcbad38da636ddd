"""Bandwidth as people see it before it is connected."""

from __future__ import annotations

from callspring.carriers.description import Description, Field

description = Description(
    title="Bandwidth",
    fields=(
        Field(
            name="account",
            label="Account ID",
            help="In Bandwidth's dashboard, dashboard.bandwidth.com, behind Account: seven digits, mostly.",
            pattern=r"[0-9]{1,12}",
            wrong="An account ID has digits only.",
            placeholder="5500000",
        ),
        Field(
            name="site",
            label="Sub-account ID",
            help="In the dashboard, Account, Sub-accounts: the digits beside the one that your numbers are to be in.",
            pattern=r"[0-9]{1,12}",
            wrong="A sub-account ID has digits only.",
            placeholder="12345",
        ),
        Field(
            name="username",
            label="API user name",
            help="The user name of API credentials: in the dashboard, Account, Users, one whose roles allow the API.",
            pattern=r"[!-9;-~]{1,100}",
            wrong="An API user name has no blanks and no colons in it.",
            hidden=True,
        ),
        Field(
            name="password",
            label="API password",
            help="That user's password.",
            wrong="An API password has no blanks in it.",
            hidden=True,
        ),
    ),
    account="{account}/{site}",
    secret="{username}:{password}",  # noqa: S106 - how it is put together
    docs="https://dev.bandwidth.com/docs/account/credentials",
    note="At Bandwidth a number's addresses are those of its location. Callspring makes locations of its own in this "
    "sub-account, and moves a number back to its old one when you take it away.",
)
