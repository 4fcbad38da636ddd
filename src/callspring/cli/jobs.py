"""`callspring jobs`: what was to be done and has failed, for whoever runs this installation."""

from __future__ import annotations

import argparse
from typing import Any

MOST = 50


def add_parser(commands: Any) -> None:
    """The command and its options."""
    text = "list jobs that have failed for good, and try them again"
    command = commands.add_parser("jobs", help=text, description=text[0].upper() + text[1:] + ".")
    command.add_argument("--again", type=int, metavar="ID", help="try this one again")
    command.set_defaults(run=_jobs)


def _jobs(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.utils import timezone

    from callspring.jobs import claims

    if options.again is not None:
        if not claims.revive(options.again, timezone.now()):
            raise ValueError(f"job {options.again} has not failed, or failed so long ago that it cannot be tried again")
        print(f"Job {options.again} is tried again.")
        return 0
    failed = claims.unsuccessful(MOST)
    for job in failed:
        ended = timezone.localtime(job.finished_at) if job.finished_at else None
        print(f"{job.pk:>8}  {ended:%Y-%m-%d %H:%M}  {job.kind}  {job.error}")
    print(f"{len(failed)} failed jobs." if failed else "No job has failed.")
    return 0
