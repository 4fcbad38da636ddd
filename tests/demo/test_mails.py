"""The demo's mails in the shop, with mails that `callspring.mail` wrote."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.mail import EmailMultiAlternatives

from callspring.demo.mails import MOST_LISTED
from callspring.mail.folder import keep
from callspring.mail.render import render
from tests.demo.test_shop import Client, browse

HOSTILE = "<script>alert(1)</script>"


def write(folder: Path, subject: str, at: float = 1_780_000_000.0, to: str = "bob@example.com") -> str:
    """Put a mail there; returns its name."""
    mail = EmailMultiAlternatives(subject, f"{HOSTILE} https://calls.example/inbox/7/", "Shop <a@b.example>", [to])
    mail.attach_alternative(f"<p>Hello</p>{HOSTILE}", "text/html")
    return keep(folder / "mail", f"<{subject}{at}@x>", mail.message().as_bytes(), at).stem


def test_mails_are_listed_newest_first_and_shown_safely(tmp_path: Path) -> None:
    old = write(tmp_path, "An older mail", 1_780_000_000)
    new = write(tmp_path, f"Call from {HOSTILE}", 1_780_000_060, to="alice@example.com")

    async def story(client: Client) -> None:
        for path in ("/mail", "/mail/list"):
            page = (await client.get(path)).text
            assert [page.index(name) for name in (new, old)] == sorted(page.index(name) for name in (new, old))
            assert "to alice@example.com" in page
            assert "Call from &lt;script&gt;" in page
            assert HOSTILE not in page
        mail = await client.get(f"/mail/{new}")
        assert HOSTILE not in mail.text
        assert '<a href="https://calls.example/inbox/7/"' in mail.text
        assert f'sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/{new}/html"' in mail.text
        html = await client.get(f"/mail/{new}/html")
        assert f"<p>Hello</p>{HOSTILE}" in html.text
        policy = html.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
        assert "script" not in policy

    browse(tmp_path, story)


def test_without_mails_it_says_how_to_get_one(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        assert "No mails yet" in (await client.get("/mail")).text
        for path in ("/arrive", "/phone"):
            assert 'href="/mail"' in (await client.get(path)).text

    browse(tmp_path, story)


def test_only_mails_are_served(tmp_path: Path) -> None:
    name = write(tmp_path, "A mail")
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nsecret\n")
    (tmp_path / "mail" / "notes.eml").write_text("Subject: secret\n\nsecret\n")

    async def story(client: Client) -> None:
        assert "secret" not in (await client.get("/mail")).text
        for path in (
            "../secret",
            "..%2fsecret",
            "notes",
            "0000000000000-0000000000000000",
            f"{name}/raw",
            f"{name}.eml",
        ):
            answer = await client.get(f"/mail/{path}")
            assert answer.status_code == 404, path
            assert "secret" not in answer.text
        assert (await client.post("/mail")).status_code == 405

    browse(tmp_path, story)


def test_browsers_elsewhere_see_none(tmp_path: Path) -> None:
    name = write(tmp_path, "Sign in with this")

    async def story(client: Client) -> None:
        for path in ("/mail", "/mail/list", f"/mail/{name}", f"/mail/{name}/html"):
            answer = await client.get(path)
            assert answer.status_code == 403
            assert "Sign in with" not in answer.text
            assert "127.0.0.1 or localhost" in answer.text

    for base in ("http://rebound.example:8002", "http://192.0.2.7:8002", "http://127.0.0.1.example:8002"):
        browse(tmp_path, story, base)


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    for number in range(MOST_LISTED + 5):
        write(tmp_path, f"Mail {number}", 1_780_000_000 + number)

    async def story(client: Client) -> None:
        found = re.findall(r"<b>Mail (\d+)</b>", (await client.get("/mail")).text)
        assert found == [str(number) for number in reversed(range(5, MOST_LISTED + 5))]

    browse(tmp_path, story)


def test_a_real_mail_is_readable(tmp_path: Path) -> None:
    """As `callspring.mail` renders them, with letters of all kinds."""
    written = render("accounts/mail/reset", {"user": "Zoë", "address": "https://calls.example/", "company": "Ünïted"})
    mail = EmailMultiAlternatives("Zoë, your link", written.text, "Ü <a@b.example>", ["zoe@example.com"])
    mail.attach_alternative(written.html, "text/html")
    name = keep(tmp_path / "mail", "<z@x>", mail.message().as_bytes(), 1_780_000_000.0).stem

    async def story(client: Client) -> None:
        page = (await client.get(f"/mail/{name}")).text
        assert "Zoë, your link" in page
        assert "Ü &lt;a@b.example&gt;" in page
        assert (await client.get(f"/mail/{name}/html")).text.strip().startswith("<!doctype html>")

    browse(tmp_path, story)
