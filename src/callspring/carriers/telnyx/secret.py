"""A connection has one secret; Telnyx has two: an API key, which asks, and the account's public key, which is proof."""

from __future__ import annotations


def public_key(secret: str) -> str:
    """What webhooks are proved with: all after the last colon of `API-KEY:PUBLIC-KEY`, "" where there is nothing."""
    return secret.rpartition(":")[2]


def api_key(secret: str) -> str:
    """What the REST API asks for: all before that colon, "" without one."""
    return secret.rpartition(":")[0]
