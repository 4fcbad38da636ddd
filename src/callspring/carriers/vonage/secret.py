"""A connection has one secret; Vonage has two: an API secret, which asks, and a signature secret, which is proof."""

from __future__ import annotations


def signature_secret(secret: str) -> str:
    """What signs webhooks: all after the last colon of `API-SECRET:SIGNATURE-SECRET`, "" where there is nothing."""
    return secret.rpartition(":")[2]


def api_secret(secret: str) -> str:
    """What the REST APIs ask for: all before that colon, "" without one."""
    return secret.rpartition(":")[0]
