"""What goes onto the company's site (docs/snippet-protocol.md)."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256

from django.conf import settings

from callspring.accounts.models import Company
from callspring.stores.snippet_versions import SnippetVersion, newest


def snippet_line(company: Company) -> str:
    """HTML, unique to the company."""
    return f'<script async src="{_place()}/{company.key}.js"></script>'


def pinned_lines(company: Company) -> str:
    """The same for today's version alone, which browsers check by its hashes."""
    return pinned(_place(), company.key, newest())


def pinned(place: str, key: str, version: SnippetVersion) -> str:
    """HTML of two lines. `place` is the address up to and with `/cs`.

    `import()`, by which the second file comes, takes no hash, but the page's import map does
    (https://html.spec.whatwg.org/#import-map-integrity). A `modulepreload` with the hash would not do: where that is
    refused, Chromium lets `import()` fetch the file again, unchecked.
    """
    first = f'src="{place}/{key}/{version.first_file}" integrity="{version.integrity}" crossorigin="anonymous"'
    return f'<script type="importmap">{import_map(place, version)}</script>\n<script async {first}></script>'


def import_map(place: str, version: SnippetVersion) -> str:
    """The JSON that gives browsers the second file's hash."""
    return json.dumps({"integrity": {f"{place}/{version.later_file}": version.later_integrity}})


def map_source() -> str:
    """What a policy's `script-src` lacks to let that line through."""
    return hash_source(import_map(_place(), newest()))


def hash_source(code: str) -> str:
    """A source expression for a script in the page (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"


def _place() -> str:
    return f"{settings.CONFIG.doors_url}/cs"
