"""Plivo as people see it before it is connected."""

from __future__ import annotations

from callspring.carriers.description import Description, Field

description = Description(
    title="Plivo",
    fields=(
        Field(
            name="account",
            label="Auth ID",
            help="On the first page of Plivo's console, cx.plivo.com: MA and 18 more characters (SA… of a subaccount).",
            pattern=r"(?:MA|SA)[0-9A-Z]{18}",
            wrong="An Auth ID is MA, or SA for a subaccount, followed by 18 capital letters and digits.",
            placeholder="MA…",
        ),
        Field(
            name="secret",
            label="Auth token",
            help="It stands below the Auth ID: show it, then copy.",
            wrong="An auth token has no blanks in it.",
            hidden=True,
        ),
    ),
    docs="https://www.plivo.com/docs/account/api/overview",
    note="Plivo keeps a number's addresses in an application. Each number that you bring here gets one of its own, and "
    "has its old one back when you take it away.",
)
