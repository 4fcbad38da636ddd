"""`callspring export fallback`: what carriers are to ask for while we are silent, as files for any web server."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """The command and its options. The parsed arguments get `run(args) -> int`."""
    export = commands.add_parser("export", help="write files for other servers")
    what = export.add_subparsers(required=True, metavar="WHAT")
    fallback = what.add_parser(
        "fallback",
        help="a document for each number that rings the business while Callspring is silent",
        description="Writes one document for each number into FOLDER, for a web server on another machine. Unchanged "
        "files are left alone, so this can run every few minutes. Exit code 0: the folder is as it should be; 1: with "
        "--check, it is not.",
    )
    fallback.add_argument("folder", metavar="FOLDER", type=Path, help="a folder of its own; made when it is not there")
    fallback.add_argument("--check", action="store_true", help="change nothing; say what is missing, stale or needless")
    fallback.add_argument("--empty", action="store_true", help="also when no document would be left")
    fallback.set_defaults(run=_fallback)


def _fallback(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import DatabaseError

    from callspring.numbers import fallback_documents

    try:
        wanted = fallback_documents.documents()
    except DatabaseError as error:
        raise ValueError(f"the record cannot be read, and the folder stays as it was: {error}") from None
    try:
        if options.check:
            return _check(options.folder, wanted)
        _insist_on_some(options, wanted)
        found = fallback_documents.export(options.folder, wanted)
    except OSError as error:
        raise ValueError(f"{options.folder} cannot be read or written: {error.strerror}") from None
    written, removed = len(found.missing) + len(found.changed), len(found.needless)
    print(f"{len(wanted)} documents are in {options.folder}: {written} written, {removed} removed.")
    return 0


def _check(folder: Path, wanted: Mapping[str, bytes]) -> int:
    from callspring.numbers.fallback_documents import difference

    found = difference(folder, wanted)
    for word, names in (("missing", found.missing), ("stale", found.changed), ("needless", found.needless)):
        for name in names:
            print(f"{word:9} {name}")
    if not found:
        print(f"All {len(wanted)} documents in {folder} are as they should be.")
    return 1 if found else 0


def _insist_on_some(options: argparse.Namespace, wanted: Mapping[str, bytes]) -> None:
    """A command that looks at another database than it should must not take all documents away."""
    from callspring.numbers.fallback_documents import difference

    if not wanted and difference(options.folder, wanted) and not options.empty:
        raise ValueError("no number here needs a document, but the folder has some; --empty takes them away")
