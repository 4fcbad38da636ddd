"""What the rest of Callspring asks of mail: send one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from callspring.jobs.actions import enqueue
from callspring.mail.render import render


def send(to: str, template: str, context: dict[str, Any], *, key: str) -> None:
    """Send one e-mail to the address `to`, as text and HTML, once for each `key`.

    `TEMPLATE.txt` begins with a line `Subject: …` and an empty line; `TEMPLATE.html` extends `mail/base.html`. Both
    are rendered now, in the language and time zone in force, with `context` and `console_url`. `company` (whose name
    heads the mail) and `why` (a sentence on why the reader gets it) should be in `context`.

    The mail leaves when the transaction under way has committed, and not if it does not. Raises `ValueError` for what
    is no address.
    """
    try:
        validate_email(to)
    except ValidationError:
        raise ValueError(f"{to[:120]!r} is no e-mail address") from None
    written = render(template, context)
    payload = {"to": to, "key": key, "at": timezone.now().isoformat(), **written.as_payload()}
    enqueue("mail.send", payload, key=f"mail:{key}")
