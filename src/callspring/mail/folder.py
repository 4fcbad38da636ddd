"""Django's mail backend for installations without a mail server: each mail is a file."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

MOST_KEPT = 500


class FolderBackend(BaseEmailBackend):
    """Writes mails as `.eml` files into the installation's mail folder and keeps the newest 500."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them all. Raises `OSError`."""
        for mail in email_messages:
            message = mail.message()
            lines = message.as_bytes().splitlines()
            keep(settings.CONFIG.mails, str(message["Message-ID"]), b"\r\n".join(lines) + b"\r\n", time.time())
        return len(email_messages)


def keep(folder: Path, message_id: str, mail: bytes, now: float) -> Path:
    """Write one mail whole or not at all, named so that names sort by time. The same mail again replaces itself."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fingerprint = sha256(message_id.encode()).hexdigest()[:16]
    again = next(folder.glob(f"*-{fingerprint}.eml"), None)
    path = again or folder / f"{int(now * 1000):013d}-{fingerprint}.eml"
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(mail)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _prune(folder)
    return path


def _prune(folder: Path) -> None:
    for path in sorted(folder.glob("*.eml"))[:-MOST_KEPT]:
        path.unlink(missing_ok=True)
