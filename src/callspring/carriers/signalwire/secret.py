"""A connection has one secret; SignalWire has two: an API token, which asks, and a signing key, which is proof."""

from __future__ import annotations


def signing_key(secret: str) -> str:
    """What signs webhooks: all after the last colon of `API-TOKEN:SIGNING-KEY`, "" where there is nothing."""
    return secret.rpartition(":")[2]


def api_token(secret: str) -> str:
    """What the REST API asks for: all before that colon, "" without one."""
    return secret.rpartition(":")[0]
