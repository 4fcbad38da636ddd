"""Work that the console has done later."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.urls import reverse

from callspring.accounts.models import User
from callspring.accounts.people import mail_reset, reset_path
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import job

RESET = "console.reset_password"
APART = 120  # seconds: however often somebody asks, a person gets one mail in this time


def ask_for_reset(email: str) -> None:
    """Have a link mailed, if somebody has this address.

    Looking that up is left to the job, so that the answer takes as long whether there is somebody or not.
    """
    enqueue(RESET, {"email": email})


@job(RESET)
def reset_password(payload: dict[str, Any]) -> None:
    """Mail the link."""
    user = User.objects.filter(email=payload["email"], is_active=True).first()
    if user is None:
        return
    who, token = reset_path(user)
    address = f"{settings.CONFIG.console_url}{reverse('console:new_password', args=[who, token])}"
    key = f"{user.pk}:{int(time.time()) // APART}"
    mail_reset(user, address, settings.PASSWORD_RESET_TIMEOUT // 60, key=key)
