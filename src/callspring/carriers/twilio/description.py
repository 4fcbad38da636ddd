"""Twilio as people see it before it is connected."""

from __future__ import annotations

from callspring.carriers.description import Description, Field

description = Description(
    title="Twilio",
    fields=(
        Field(
            name="account",
            label="Account SID",
            help="On the first page of Twilio's console, console.twilio.com, under “Account Info”: AC and more.",
            pattern=r"AC[0-9a-fA-F]{32}",
            wrong="An Account SID is AC followed by 32 digits and letters from a to f. A key (SK…) is none.",
            placeholder="AC…",
        ),
        Field(
            name="secret",
            label="Auth token",
            help="It stands below the Account SID: press “Show”, then copy.",
            wrong="An auth token has letters and digits only.",
            hidden=True,
        ),
    ),
    docs="https://www.twilio.com/docs/iam/access-tokens#auth-tokens",
    note="The auth token also proves that a call really comes from Twilio. An API key cannot do that, so it does not "
    "work here.",
)
