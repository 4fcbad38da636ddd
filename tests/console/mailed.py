"""What queued work mails, and the link in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

from callspring.jobs.models import Job
from callspring.jobs.registry import find


def work_off() -> None:
    """Do what is queued, jobs that jobs queue too."""
    while job := Job.objects.filter(state=Job.State.QUEUED).order_by("pk").first():
        registered = find(job.kind)
        assert registered is not None
        registered.handler(job.payload)
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, payload={})


def link_in(mailed: str) -> str:
    """The path of the one link of ours in a mail."""
    (found,) = re.findall(rf"{re.escape(settings.CONFIG.console_url)}/\S+", mailed)
    return str(urlsplit(found).path)
