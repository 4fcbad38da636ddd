"""SignalWire as people see it before it is connected."""

from __future__ import annotations

from callspring.carriers.description import Description, Field

description = Description(
    title="SignalWire",
    fields=(
        Field(
            name="space",
            label="Space address",
            help="The address of your space's dashboard.",
            pattern=r"(?i)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.signalwire\.com)?",
            wrong="A space's address is a name below signalwire.com, such as example.signalwire.com.",
            placeholder="example.signalwire.com",
        ),
        Field(
            name="project",
            label="Project ID",
            help="In your space's dashboard, under “API”.",
            pattern=r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            wrong="A project ID has 36 characters: digits, letters from a to f, and four hyphens.",
            placeholder="b3877c40-…",
        ),
        Field(
            name="token",
            label="API token",
            help="In the dashboard, under “API”: give it the scopes Voice, Messaging, Numbers and Management.",
            pattern=r"[!-9;-~]{1,150}",
            wrong="An API token has no blanks and no colon.",
            hidden=True,
            placeholder="PT…",
        ),
        Field(
            name="signing_key",
            label="Signing key",
            help="In the dashboard, under “API”: press “Show”, then copy.",
            pattern=r"[!-9;-~]{1,150}",
            wrong="A signing key has no blanks and no colon.",
            hidden=True,
        ),
    ),
    account="{space}/{project}",
    secret="{token}:{signing_key}",  # noqa: S106 - how it is put together
    docs="https://signalwire.com/docs/compatibility-api/guides/general/webhook-security",
    note="The signing key proves that a call really comes from SignalWire. Whether it is right shows with the first "
    "call only.",
)
