"""`callspring`: every command, its help, and nothing else; each command's work is in a module of its own."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable

from callspring import config
from callspring.cli import connect, export, importing, jobs, lifeline, pool, sandbox

Run = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callspring.back.settings")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options = parser().parse_args(arguments)
    run: Run = options.run
    lifeline.hold()
    try:
        return run(options)
    except (ValueError, FileNotFoundError) as error:
        print(f"callspring: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """All commands."""
    root = argparse.ArgumentParser(prog="callspring", description="Self-hosted call tracking and campaign attribution.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "run", "set up and run everything on this machine, with the demo shop", _run)
    _add(commands, "back", "run the console, the API and the ingester", _back)
    doors = _add(commands, "doors", "run the edge and the voice door", _doors)
    doors.add_argument("--name", default="doors-1", help="the spool's name; each doors process needs one of its own")
    _add(commands, "shop", "run the demo shop and the sandbox phone", _shop)
    history = _add(commands, "demo-history", "give the demo company invented visits and calls", _history)
    history.add_argument("--days", type=int, default=14, help="how many days, today included (default 14)")
    migrate = _add(commands, "migrate", "bring the database up to date", _migrate)
    migrate.add_argument("--check", action="store_true", help="only say whether a model lacks a migration")
    connect.add_parsers(commands)
    sandbox.add_parser(commands)
    jobs.add_parser(commands)
    pool.add_parser(commands)
    export.add_parser(commands)
    importing.add_parser(commands)
    return root


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str, run: Run
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def _run(_options: argparse.Namespace) -> int:
    from callspring.cli.supervisor import run_all

    return run_all(config.load())


def _back(_options: argparse.Namespace) -> int:
    from callspring.back.process import serve

    return serve(config.load())


def _doors(options: argparse.Namespace) -> int:
    from callspring.doors.process import serve

    return serve(config.load(), options.name)


def _shop(_options: argparse.Namespace) -> int:
    from callspring.demo.process import serve

    return serve(config.load())


def _history(options: argparse.Namespace) -> int:
    from callspring.demo.history import live_history
    from callspring.demo.keepsake import read_keepsake

    if not 1 <= options.days <= 90:
        raise ValueError("--days goes from 1 to 90")
    settings = config.load()
    visits, calls = live_history(
        settings, read_keepsake(settings).company_key, "America/Chicago", days=options.days, now=time.time()
    )
    print(f"{visits} visits and {calls} calls of {options.days} days are spooled; they appear as they are ingested.")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from callspring.back.database import check_migrations, migrate

    return check_migrations() if options.check else migrate(config.load())
