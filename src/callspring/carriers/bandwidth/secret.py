"""A connection's secret, `USERNAME:PASSWORD` of the API, and the name and the password that webhooks bring.

Bandwidth signs nothing. What proves a webhook is the Basic credentials that its application, and each verb of a
document, was given: a pair that is made of the connection's secret, and that does not tell it.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from functools import lru_cache

_LABEL = b"callspring: what Bandwidth's webhooks bring"
_LOGIN = re.compile(r"([!-9;-~]{1,100}):([!-~]{1,200})")


@lru_cache(maxsize=256)
def webhook_pair(secret: str) -> tuple[str, str]:
    """The name and the password in the webhooks of whoever holds this secret; `("", "")` without one."""
    if not secret:
        return "", ""
    made = hmac.digest(secret.encode("utf-8", "surrogatepass"), _LABEL, "sha256").hex()
    return made[:16], made[16:]


@lru_cache(maxsize=256)
def authorization(secret: str) -> bytes:
    """The whole header that a webhook brings."""
    return b"Basic " + b64encode(":".join(webhook_pair(secret)).encode())


def login(secret: str) -> tuple[str, str]:
    """The API's user name and password. Raises `ValueError` for what is no secret of ours."""
    found = _LOGIN.fullmatch(secret)
    if found is None:
        raise ValueError("no user name and password")
    return found[1], found[2]
