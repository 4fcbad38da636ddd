"""Hostile words in a mail: no header, no markup, no hidden letters."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import TemplateDoesNotExist
from hypothesis import given
from hypothesis import strategies as st

from callspring.jobs.actions import MOST_PAYLOAD
from callspring.mail.jobs import _message
from callspring.mail.render import MOST_HTML, MOST_SUBJECT, MOST_TEXT, BadTemplate, one_line, render

HOSTILE = (
    "<script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\n<img src=x onerror=alert(2)>\u202egnp.exe\x00\x1b[31m"
)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def tags(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    return parser.found


def words(name: str, body: str = "", link: str = "https://calls.example/") -> dict[str, Any]:
    return {"name": name, "body": body, "link": link, "company": name, "why": "Why not."}


def as_mail(context: dict[str, Any]) -> EmailMessage:
    payload = {"to": "bob@example.com", "key": "k", "at": "2026-03-02T12:00:00+00:00"}
    sent = _message({**payload, **render("tests/hello", context).as_payload()}).message().as_bytes()
    mail = email.message_from_bytes(sent, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_hostile_words_stay_words() -> None:
    mail = as_mail(words(HOSTILE, HOSTILE))
    assert set(mail.keys()) == {
        *("Content-Type", "MIME-Version", "Subject", "From", "To"),
        *("Message-ID", "Date", "Auto-Submitted"),
    }
    assert mail["Subject"].startswith("Call from <script>alert(1)</script> Bcc: eve@example.com")
    html, text = (part.get_content() for part in (mail.get_body(("html",)), mail.get_body(("plain",))) if part)
    assert tags(html) == tags(render("tests/hello", words("Ann", "two\nlines\n\nof text")).html)
    assert "<script>alert(1)</script>" in text, "text is not escaped"
    for letters in (text, html, mail["Subject"]):
        assert not {"\x00", "\x1b", "\u202e"} & set(letters)


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_words_add_a_header_or_a_tag(name: str, body: str) -> None:
    usual = render("tests/hello", words("Ann"))
    written = render("tests/hello", words(name, body))
    assert len(written.subject) <= MOST_SUBJECT
    assert written.subject.isprintable() or not written.subject.strip().isprintable()
    assert [tag for tag in tags(written.html) if tag != "br"] == tags(usual.html)
    mail = as_mail(words(name, body))
    assert set(mail.keys()) <= {
        *("Content-Type", "MIME-Version", "Subject", "From", "To"),
        *("Message-ID", "Date", "Auto-Submitted", "Content-Transfer-Encoding"),
    }
    assert mail["To"] == "bob@example.com"


def test_what_is_too_long_is_cut_and_still_fits_into_a_job() -> None:
    written = render("tests/hello", words("n" * 10_000, "b" * (MOST_HTML + 1)))
    assert len(written.subject) == MOST_SUBJECT
    assert written.subject.endswith("…")
    assert len(written.text) == MOST_TEXT
    assert written.html == ""
    assert sum(map(len, written.as_payload().values())) < MOST_PAYLOAD


def test_one_line_has_no_line_breaks_of_any_kind() -> None:
    assert one_line(" a\r\nb\vc\u2028d\x85e\u2029f\t g ") == "a b c d e f g"


def test_a_template_needs_a_subject_and_both_files() -> None:
    with pytest.raises(BadTemplate, match=r"tests/bad\.txt"):
        render("tests/bad", {})
    with pytest.raises(TemplateDoesNotExist):
        render("tests/none", {})
