from __future__ import annotations

import email
from dataclasses import replace
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.mail.actions import send
from callspring.mail.folder import MOST_KEPT, keep
from tests.mail.test_sending import CONTEXT, run_due_and_forget


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.CONFIG = replace(settings.CONFIG, var=tmp_path)
    settings.EMAIL_BACKEND = "callspring.mail.folder.FolderBackend"
    return tmp_path / "mail"


@pytest.mark.django_db
def test_without_a_mail_server_a_mail_is_a_file(folder: Path) -> None:
    send("bob@example.com", "tests/hello", CONTEXT, key="k")
    run_due_and_forget()
    run_due()  # after a process died: the same mail, the same file
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == folder.stat().st_mode & 0o077 == 0
    raw = file.read_bytes()
    assert b"\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail = email.message_from_bytes(raw, policy=default)
    assert (mail["Subject"], mail["To"]) == ("Call from Ann", "bob@example.com")
    assert Job.objects.get().state == "done"


def test_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_KEPT + 3):
        keep(tmp_path, f"<{number}@x>", f"Subject: {number}\r\n\r\n".encode(), 1_700_000_000 + number)
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == MOST_KEPT
    assert kept[0].read_bytes().startswith(b"Subject: 3\r\n")
    assert kept[-1].read_bytes().startswith(f"Subject: {MOST_KEPT + 2}\r\n".encode())
