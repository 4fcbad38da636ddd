"""The two settings: what they mean, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from callspring.config import MailServer, load

SERVERS = {
    "smtp://localhost": MailServer("localhost", 25, "no"),
    "smtp://relay.example:587": MailServer("relay.example", 587, "starttls"),
    "smtp://bob:pa%40ss@relay.example": MailServer("relay.example", 587, "starttls", "bob", "pa@ss"),
    "smtp://bob%40example.com:p@[::1]:25": MailServer("::1", 25, "starttls", "bob@example.com", "p"),
    "smtp://bob:p@127.0.0.1:2525?tls=no": MailServer("127.0.0.1", 2525, "no", "bob", "p"),
    "smtps://bob:p@relay.example": MailServer("relay.example", 465, "at once", "bob", "p"),
    "smtps://relay.example:8465": MailServer("relay.example", 8465, "at once"),
}


@pytest.mark.parametrize("text", SERVERS)
def test_a_mail_server_is_understood(text: str) -> None:
    assert load({"CALLSPRING_SMTP_URL": text}).smtp == SERVERS[text]


@pytest.mark.parametrize(
    "text",
    [
        "relay.example:587",
        "http://relay.example",
        "smtp://",
        "smtp://bob@relay.example",
        "smtp://bob:hunter22/@relay.example",
        "smtp://bob:hunter22#@relay.example",
        "smtp://relay.example:99999",
        "smtp://relay.example/path",
        "smtp://bob:hunter22@relay.example?tls=maybe",
        "smtps://bob:hunter22@relay.example?tls=no",
    ],
)
def test_a_wrong_mail_server_is_said_without_its_password(text: str) -> None:
    with pytest.raises(ValueError, match="CALLSPRING_SMTP_URL must look like smtp://") as told:
        load({"CALLSPRING_SMTP_URL": text})
    assert "hunter22" not in str(told.value)


def test_a_password_is_in_no_repr() -> None:
    assert "hunter22" not in repr(load({"CALLSPRING_SMTP_URL": "smtp://bob:hunter22@relay.example"}))


def test_the_sender() -> None:
    assert load({}).mail_from == "Callspring <callspring@127.0.0.1>"
    assert (
        load({"CALLSPRING_CONSOLE_URL": "https://calls.example"}).mail_from == "Callspring <callspring@calls.example>"
    )
    assert load({"CALLSPRING_MAIL_FROM": "calls@example.com"}).mail_from == "calls@example.com"
    assert load({"CALLSPRING_MAIL_FROM": "Bob & Söhne <b@example.com>"}).mail_from == "Bob & Söhne <b@example.com>"


@pytest.mark.parametrize(
    "text",
    ["Callspring", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "A, B <a@example.com>", "@"],
)
def test_a_wrong_sender_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="CALLSPRING_MAIL_FROM is"):
        load({"CALLSPRING_MAIL_FROM": text})
