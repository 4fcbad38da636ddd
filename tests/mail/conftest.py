from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mail.smtp import MailServer, mail_server


@pytest.fixture(autouse=True)
def templates(settings: Any) -> None:
    """Templates of the tests' own."""
    (one,) = settings.TEMPLATES
    settings.TEMPLATES = [{**one, "DIRS": [str(Path(__file__).parent / "templates")]}]


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server, and Django told to use it."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "Callspring <calls@example.com>"
        yield running
