"""A document for each number that any web server can keep for the carrier: ring the business, and nothing else (K7).

The carrier asks for it when our door does not answer, so it names no address of ours. The folder belongs to whoever
serves it: only what its index says we put there is ever changed or removed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from callspring.carriers.contract import Dial, Reply
from callspring.carriers.registry import CARRIERS
from callspring.numbers.carrier import NoApi, api_named
from callspring.numbers.connecting import destination
from callspring.numbers.models import Number

INDEX = "index.json"
RING_SECONDS = 60
_ENDINGS = {"text/xml": ".xml", "application/xml": ".xml", "application/json": ".json"}
_OURS = re.compile(r"\+[0-9]{7,15}\.(xml|json)")


class _Index(msgspec.Struct):
    """The names of all documents with the SHA-256 of each, in hexadecimal."""

    documents: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Difference:
    """What a folder lacks, has otherwise and has too much: names of documents."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    needless: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.needless)


def documents() -> dict[str, bytes]:
    """By its file's name, the document of every number that rings somebody and whose carrier asks for one."""
    here = Number.objects.exclude(state=Number.State.RELEASED).select_related("scenario", "connection")
    found = (_document(number) for number in here.order_by("e164"))
    return dict(one for one in found if one is not None)


def difference(folder: Path, wanted: Mapping[str, bytes]) -> Difference:
    """How the folder differs from `wanted`. Raises `OSError`, and `ValueError` for an index that is none of ours."""
    ours = set(_index(folder).documents)
    there = {name: _content(folder / name) for name in wanted}
    return Difference(
        missing=tuple(name for name, content in there.items() if content is None),
        changed=tuple(name for name, content in there.items() if content is not None and content != wanted[name]),
        needless=tuple(sorted(name for name in ours - set(wanted) if (folder / name).exists())),
    )


def export(folder: Path, wanted: Mapping[str, bytes]) -> Difference:
    """Make the folder hold what is wanted, each file whole at every moment; what was different.

    Raises as `difference` does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = difference(folder, wanted)
    for name in (*found.missing, *found.changed):
        _replace(folder / name, wanted[name])
    index = _Index({name: hashlib.sha256(content).hexdigest() for name, content in sorted(wanted.items())})
    told = msgspec.json.format(msgspec.json.encode(index), indent=1) + b"\n"
    if _content(folder / INDEX) != told:
        _replace(folder / INDEX, told)
    for name in found.needless:
        (folder / name).unlink(missing_ok=True)
    return found


def _document(number: Number) -> tuple[str, bytes] | None:
    rung = destination(number)
    if not rung or _rings_by_itself(number, rung):
        return None
    reply = _rendered(number, rung)
    ending = _ENDINGS.get(reply.content_type.partition(";")[0])
    return None if ending is None else (f"{number.e164}{ending}", reply.body)


def _rings_by_itself(number: Number, rung: str) -> bool:
    """The sandbox is told a number and needs no document."""
    try:
        return api_named(number.carrier).fallback(number.e164, rung).startswith("tel:")
    except NoApi:
        return False


def _rendered(number: Number, rung: str) -> Reply:
    """Without a caller to be shown, the carrier shows the one who calls."""
    return CARRIERS[number.carrier].render(Dial((rung,), RING_SECONDS, caller_id="", result_url="", events_url=""))


def _index(folder: Path) -> _Index:
    content = _content(folder / INDEX)
    if content is None:
        return _Index()
    try:
        index = msgspec.json.decode(content, type=_Index)
    except msgspec.MsgspecError:
        index = None
    if index is None or not all(map(_OURS.fullmatch, index.documents)):
        raise ValueError(f"{folder / INDEX} was not written by this command; choose a folder of its own")
    return index


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _replace(path: Path, content: bytes) -> None:
    """Readable for everybody: a web server runs as somebody else."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
