"""The mails that an installation without a mail server wrote, as their readers' programs show them."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path


def mails_to(address: str, var: str) -> Iterator[EmailMessage]:
    """All that were written to somebody, oldest first. `var` is the installation's state folder."""
    for file in sorted((Path(var) / "mail").glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        if mail["To"] == address:
            yield mail


def part(mail: EmailMessage, kind: str) -> str:
    """Its `plain` or `html` part."""
    found = mail.get_body((kind,))
    assert found, f"the mail has no {kind} part"
    return str(found.get_content())


def as_read(mail: EmailMessage, kind: str) -> str:
    """The words of one of the two parts, in one line."""
    text = part(mail, kind)
    if kind == "html":
        text = unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", " ", text, flags=re.DOTALL)))
    return " ".join(text.split())
