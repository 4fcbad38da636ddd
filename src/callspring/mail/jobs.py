"""The job that hands one mail to the mail server."""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from callspring.ids import derived_id
from callspring.jobs.registry import GiveUp, job

# With the runner's back-off about a day: who has not heard of a call by then looks into the inbox.
TRIES = 30


@job("mail.send", tries=TRIES)
def send_mail(payload: dict[str, Any]) -> None:
    """Send it. Trouble with the server is a failed try; a server that refuses this recipient or this mail is final.

    A mail may leave twice when the process dies right after the server took it: both have the same Message-ID and
    date, by which mail programs know them as one.
    """
    try:
        _message(payload).send()
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        _give_up_if_final("this recipient", code, words)
        raise
    except smtplib.SMTPDataError as refusal:
        _give_up_if_final("this mail", refusal.smtp_code, refusal.smtp_error)
        raise


def _message(payload: dict[str, Any]) -> EmailMultiAlternatives:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        payload["subject"],
        payload["text"],
        to=[payload["to"]],
        headers={
            "Message-ID": f"<{derived_id('mail', payload['key'])}@{domain}>",
            "Date": format_datetime(datetime.fromisoformat(payload["at"])),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office note comes back
        },
    )
    if payload["html"]:
        mail.attach_alternative(payload["html"], "text/html")
    return mail


def _give_up_if_final(what: str, code: int, words: bytes | str) -> None:
    """RFC 5321, 4.2.1: the same request to the same server will be refused again if the code begins with 5."""
    if 500 <= code <= 599:
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        raise GiveUp(f"the mail server refuses {what}: {code} {said}")
