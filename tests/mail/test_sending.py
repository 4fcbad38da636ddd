"""From `send` to the mail server, which takes mails, is away, or refuses them."""

from __future__ import annotations

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.mail.actions import send
from tests.mail.smtp import MailServer

pytestmark = pytest.mark.django_db
CONTEXT: dict[str, Any] = {
    "company": "Harbor & Pine",
    "why": "You get this mail because you asked for calls by mail.",
    "name": "Ann",
    "body": "Is the boiler\n.\nstill warm?",
    "link": "https://calls.example/inbox/7/",
}


def read(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def again() -> Job:
    """Try the one job again, as if its back-off were over."""
    Job.objects.filter(state="queued").update(run_at=timezone.now())
    run_due()
    return Job.objects.get()


def test_a_mail_arrives_as_text_and_html(server: MailServer) -> None:
    send("bob@example.com", "tests/hello", CONTEXT, key="call:7:bob")
    assert run_due() == 1
    ((recipient, raw),) = server.taken
    mail = read(raw)
    assert recipient == "bob@example.com"
    assert (mail["To"], mail["From"]) == ("bob@example.com", "Callspring <calls@example.com>")
    assert mail["Subject"] == "Call from Ann"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert body(mail, "plain").replace("\r\n", "\n").startswith("Ann wrote:\n\nIs the boiler\n.\nstill warm?\n\nhttp")
    html = body(mail, "html")
    assert "Harbor &amp; Pine" in html
    assert "You get this mail because" in html
    assert 'href="https://calls.example/inbox/7/"' in html
    assert Job.objects.get().state == "done"


def test_the_same_key_is_one_mail_and_no_commit_is_none(server: MailServer) -> None:
    for _ in range(2):
        send("bob@example.com", "tests/hello", CONTEXT, key="call:7:bob")
    with transaction.atomic():
        send("bob@example.com", "tests/hello", CONTEXT, key="call:8:bob")
        transaction.set_rollback(True)
    run_due()
    assert len(server.taken) == 1


def test_a_server_in_trouble_is_tried_again(server: MailServer) -> None:
    send("bob@example.com", "tests/hello", CONTEXT, key="k")
    server.to_recipient = "451 4.7.1 greylisted, come back"
    run_due()
    job = Job.objects.get()
    assert job.state == "queued"
    assert "greylisted" in job.error
    server.to_recipient, server.to_mail = "250 fine", "452 4.3.1 disk full"
    assert again().state == "queued"
    server.to_mail = "250 taken"
    assert again().state == "done"
    assert len(server.taken) == 1


def test_a_server_that_is_away_is_tried_again(server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    send("bob@example.com", "tests/hello", CONTEXT, key="k")
    run_due()
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("queued", 1)
    assert "ConnectionRefusedError" in job.error
    settings.EMAIL_PORT = server.port
    assert again().state == "done"


@pytest.mark.parametrize(
    ("recipient", "mail", "said"),
    [
        ("550 5.1.1 no such user", "250 taken", "refuses this recipient: 550 5.1.1 no such user"),
        ("250 fine", "554 5.7.1 looks like spam", "refuses this mail: 554 5.7.1 looks like spam"),
    ],
)
def test_a_refusal_for_good_is_final(server: MailServer, recipient: str, mail: str, said: str) -> None:
    server.to_recipient, server.to_mail = recipient, mail
    send("bob@example.com", "tests/hello", CONTEXT, key="k")
    assert run_due() == 1
    job = Job.objects.get()
    assert job.state == "failed"
    assert said in job.error
    assert server.taken == []


def test_a_mail_sent_twice_is_known_as_the_same(server: MailServer) -> None:
    """The process died after the server took the mail."""
    send("bob@example.com", "tests/hello", CONTEXT, key="k")
    run_due_and_forget()
    run_due()
    send("bob@example.com", "tests/hello", CONTEXT, key="another")
    run_due()
    first, second, other = (read(raw) for _, raw in server.taken)
    assert first["Message-ID"] == second["Message-ID"] != other["Message-ID"]
    assert first["Date"] == second["Date"]
    assert first["Message-ID"].endswith("@example.com>")
    assert abs(first["Date"].datetime - timezone.now()) < timedelta(minutes=1)


def run_due_and_forget() -> None:
    """Do the job, and lose that it is done."""
    before = Job.objects.values("payload").get()
    assert run_due() == 1
    Job.objects.update(state="queued", payload=before["payload"])


def test_what_is_no_address_is_refused_at_once() -> None:
    for to in (
        "",
        "bob",
        "bob@example.com\nBcc: eve@example.com",
        "bob@example.com, eve@example.com",
        "<bob@x.example>",
    ):
        with pytest.raises(ValueError, match="no e-mail address"):
            send(to, "tests/hello", CONTEXT, key="k")


def test_a_recipient_at_a_host_with_other_letters_is_reached(server: MailServer) -> None:
    send("bob@bücher.example", "tests/hello", CONTEXT, key="k")
    run_due()
    assert server.taken[0][0] == "bob@xn--bcher-kva.example"
