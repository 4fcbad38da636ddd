"""The key with which this installation shows Vonage that it may open recordings and read the list of calls.

Vonage takes a token signed by an application's private key (RS256) there. Our applications all get the public half of
one key, made at its first use and kept in `var/vonage.pem`; where it is lost, the next one takes its place.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

_FILE, _BITS = "vonage.pem", 2048


def private_key(var: Path) -> str:
    """The key as PEM; written at first use by whichever process comes first."""
    path = var / _FILE
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = var / f".{_FILE}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(_made())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text()


def public_key(private: str) -> str:
    """Its public half as PEM."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private.encode(), None)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def token(application: str, private: str) -> str:
    """A token for one application, good for 15 minutes."""
    from vonage_jwt import JwtClient

    made: bytes = JwtClient(application, private).generate_application_jwt()
    return made.decode()


def _made() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
