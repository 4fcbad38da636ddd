"""Work that the console has done later."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from callspring.accounts.models import Company, User
from callspring.accounts.people import mail_reset, reset_path
from callspring.console.models import FlowDraft
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import every, job
from callspring.scenarios import sounds
from callspring.scenarios.models import Sound

RESET, CLEAN_SOUNDS = "console.reset_password", "console.clean_sounds"
CLEAN_SOUNDS_EVERY = 24 * 3_600.0  # seconds
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


@job(CLEAN_SOUNDS)
def clean_sounds(_payload: dict[str, Any]) -> None:
    """Remove the recordings of greetings that no flow has played for a while, and no draft is about to."""
    now = timezone.now()
    for company in Company.objects.filter(pk__in=Sound.objects.order_by().values("company").distinct()):
        drafts = FlowDraft.objects.filter(company=company).values_list("flow", "past")
        planned = sounds.named_in(drafts.iterator())
        for sound in sounds.unused(company, now):
            if sound.name not in planned:
                sounds.remove(sound)


every(CLEAN_SOUNDS_EVERY, CLEAN_SOUNDS)
