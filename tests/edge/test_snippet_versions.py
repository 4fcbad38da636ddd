"""Versions of the snippet under addresses that never change: today's, and the earlier ones after an upgrade."""

from __future__ import annotations

import asyncio
import errno
import os
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha384
from pathlib import Path
from unittest.mock import patch

import pytest

from callspring.config import assets
from callspring.stores.snippet_versions import MOST, SnippetVersion, built, keep
from tests.doors import open_doors

NOW_BUILT = assets() / "snippet"


@contextmanager
def another_build(folder: Path) -> Iterator[SnippetVersion]:
    """Doors that start meanwhile are those of an upgrade: both files have changed."""
    made = folder / "assets"
    (made / "snippet").mkdir(parents=True)
    (made / "geo").symlink_to(assets() / "geo")
    for name in ("cs.js", "more.js"):
        (made / "snippet" / name).write_bytes((NOW_BUILT / name).read_bytes() + b"\n// another\n")
    while re.search(r"[+/]", built(made / "snippet").later_file):  # no path; the build avoids it too
        with (made / "snippet" / "more.js").open("ab") as more:
            more.write(b"\n")
    with patch("callspring.doors.app.assets", return_value=made):
        yield built(made / "snippet")


def test_a_version_is_served_for_ever_and_is_what_its_hash_says(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            version = built(NOW_BUILT)
            reply = await house.client.get(f"/cs/ck_one/{version.name}.js", headers={"origin": "https://shop.example"})
            assert (reply.status_code, reply.content) == (200, version.first)
            assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
            assert reply.headers["access-control-allow-origin"] == "*", "or browsers cannot check it"
            assert version.integrity == "sha384-" + b64encode(sha384(reply.content).digest()).decode()
            assert (await house.client.get("/cs/ck_one.js")).content == reply.content
            assert (await house.client.head(f"/cs/ck_one/{version.name}.js")).content == b""

    asyncio.run(story())


def test_what_nobody_has_built_is_not_there_and_keys_are_nobodys_secret(tmp_path: Path) -> None:
    """As at `/cs/KEY.js`, the file says nothing of a company: whose key it is, the visit finds out."""

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            name = built(NOW_BUILT).name
            unknown = ("ck_one/0123456789abcdef", f"ck_one/{name}0", f"ck_one/x/{name}", "ck_one/", "more-AAAAAAAA")
            for path in (*unknown, "ck_one/..%2f..%2fsecret"):
                reply = await house.client.get(f"/cs/{path}.js")
                assert (reply.status_code, reply.headers["cache-control"]) == (404, "no-store"), path
            strangers = await house.client.get(f"/cs/ck_nobody/{name}.js")
            assert strangers.content == (await house.client.get("/cs/ck_nobody.js")).content

    asyncio.run(story())


def test_an_upgrade_keeps_both_files_of_earlier_versions(tmp_path: Path) -> None:
    async def story() -> None:
        old = built(NOW_BUILT)
        async with open_doors(tmp_path):
            pass
        with another_build(tmp_path) as new:
            assert (new.name, new.later_file) != (old.name, old.later_file)
            async with open_doors(tmp_path) as house:
                assert (await house.client.get("/cs/ck_one.js")).content == new.first
                for version in (old, new):
                    assert (await house.client.get(f"/cs/ck_one/{version.first_file}")).content == version.first
                    assert (await house.client.get(f"/cs/{version.later_file}")).content == version.later

    asyncio.run(story())


def test_a_file_that_is_not_what_its_name_says_is_not_served(tmp_path: Path) -> None:
    old, new = SnippetVersion(b"old", b"later"), SnippetVersion(b"new", b"later")
    keep(tmp_path, old)
    (tmp_path / old.first_file).write_bytes(b"changed by somebody")
    assert keep(tmp_path, new) == {new.first_file: b"new", new.later_file: b"later"}
    assert keep(tmp_path, old) == {old.first_file: b"old", new.first_file: b"new", new.later_file: b"later"}


def test_the_newest_are_kept(tmp_path: Path) -> None:
    versions = [SnippetVersion(b"first %d" % number, b"later") for number in range(MOST + 2)]
    for age, version in enumerate(reversed(versions)):
        keep(tmp_path, version)
        os.utime(tmp_path / version.first_file, (1_000_000 - age, 1_000_000 - age))
    kept = keep(tmp_path, versions[0])  # the oldest runs again: an upgrade was taken back
    assert kept.keys() == {path.name for path in tmp_path.iterdir()}
    assert kept.keys() == {one.first_file for one in (versions[0], *versions[3:])} | {versions[0].later_file}


@pytest.mark.parametrize("call", ["open", "fsync", "utime"])
def test_a_full_disk_takes_nothing_from_todays_version(tmp_path: Path, call: str) -> None:
    old, new = SnippetVersion(b"old", b"later"), SnippetVersion(b"new", b"later")
    keep(tmp_path, old)
    with patch(f"callspring.stores.snippet_versions.os.{call}", side_effect=OSError(errno.ENOSPC, "full")):
        kept = keep(tmp_path, new)
    assert {new.first_file, new.later_file, old.first_file} <= kept.keys()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "no draft stays"
