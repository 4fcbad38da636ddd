"""Telnyx as people see it before it is connected."""

from __future__ import annotations

from callspring.carriers.description import Description, Field

description = Description(
    title="Telnyx",
    fields=(
        Field(
            name="account",
            label="Account ID",
            help="In the Mission Control Portal, portal.telnyx.com, on the page of your account: 36 characters. Telnyx "
            "calls it AccountSid too.",
            pattern=r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            wrong="An account ID has 36 characters: digits, letters from a to f, and four hyphens.",
            placeholder="61bf923e-…",
        ),
        Field(
            name="key",
            label="API key",
            help="In the Mission Control Portal, “API Keys”: create one. Telnyx shows it only once.",
            pattern=r"KEY[!-9;-~]{10,150}",
            wrong="An API key begins with KEY and has no blanks. The older API tokens do not work here.",
            hidden=True,
            placeholder="KEY…",
        ),
        Field(
            name="public_key",
            label="Public key",
            help="In the portal, “API Keys”, “Public Key”: 44 characters that end with an equals sign.",
            pattern=r"[A-Za-z0-9+/]{43}=",
            wrong="A public key has 44 letters, digits and signs, and ends with an equals sign.",
            hidden=True,
        ),
    ),
    account="{account}",
    secret="{key}:{public_key}",  # noqa: S106 - how it is put together
    docs="https://support.telnyx.com/en/articles/4305158-api-keys-and-how-to-use-them",
    note="The public key proves that a call really comes from Telnyx. At Telnyx a number's calls go to an application "
    "and its texts to a messaging profile: Callspring makes its own, named “Callspring …”, and leaves yours alone.",
)
