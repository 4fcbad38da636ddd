"""Vonage as people see it before it is connected."""

from __future__ import annotations

from callspring.carriers.description import Description, Field

description = Description(
    title="Vonage",
    fields=(
        Field(
            name="key",
            label="API key",
            help="On the first page of the dashboard, dashboard.vonage.com: eight digits and letters.",
            pattern=r"[0-9a-f]{7,16}",
            wrong="An API key has eight digits and letters from a to f.",
            placeholder="a1b2c3d4",
        ),
        Field(
            name="secret",
            label="API secret",
            help="It stands beside the API key.",
            pattern=r"[!-9;-~]{8,100}",
            wrong="An API secret has at least eight characters, no blanks and no colon.",
            hidden=True,
        ),
        Field(
            name="signature",
            label="Signature secret",
            help="In the dashboard, “API settings”: under “Signed webhooks”.",
            pattern=r"[!-9;-~]{8,200}",
            wrong="A signature secret has at least eight characters, no blanks and no colon.",
            hidden=True,
        ),
    ),
    account="{key}",
    secret="{secret}:{signature}",  # noqa: S106 - how it is put together
    docs="https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks",
    note="The signature secret proves that a call really comes from Vonage; whether it is right shows with the first "
    "call only. For texts, “Default SMS setting” must be “Messages API” in the dashboard's API settings.",
)
