"""The snapshot: files appear whole, doors follow them, and a bad one never makes a door forget."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import msgspec
import pytest

from callspring.edge.site import ReadySite
from callspring.stores.snapshot.files import company_file, publish, site_file, withdraw
from callspring.stores.snapshot.published import (
    PublishedConnection,
    PublishedRule,
    PublishedScenario,
    PublishedSite,
    Route,
    site_decoder,
)
from callspring.stores.snapshot.reader import Snapshot
from tests.stores.published import company, site

NUMBER = "+13125550142"


def reader(folder: Path) -> Snapshot[PublishedSite]:
    snapshot = Snapshot(folder, lambda published: published)
    snapshot.refresh()
    return snapshot


def settle(*paths: Path) -> None:
    """As if these had been written long ago."""
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))


def test_before_anything_is_published_there_is_nothing(tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path / "snapshot", lambda published: published)
    assert not snapshot.refresh()
    publish(tmp_path / "snapshot", site())
    assert snapshot.refresh()
    assert snapshot.site(1, 1) == site()


def test_what_is_published_is_found_by_key_and_host(tmp_path: Path) -> None:
    publish(tmp_path, site(1, hosts=("one.example", "shop.one.example")))
    publish(tmp_path, site(2, hosts=("two.example",)))
    publish(tmp_path, site(3, company=2, key="ck_two", hosts=("one.example",)))
    publish(tmp_path, company(1))
    connection = PublishedConnection(7, "sandbox", "secret")
    publish(tmp_path, msgspec.structs.replace(company(2, "ck_two"), connections=(connection,)))
    snapshot = reader(tmp_path)
    assert {host: found.id for host, found in snapshot.sites["ck_one"].items()} == {
        "one.example": 1,
        "shop.one.example": 1,
        "two.example": 2,
    }
    assert snapshot.sites["ck_two"]["one.example"].id == 3
    assert snapshot.companies == {"ck_one": 1, "ck_two": 2}
    assert snapshot.connections[7][0] == connection
    assert snapshot.connections[7][1].id == 2
    assert snapshot.site(1, 3) is None, "another company's site"


def test_publishing_the_same_again_disturbs_nobody(tmp_path: Path) -> None:
    assert publish(tmp_path, site())
    before = site_file(tmp_path, 1).stat()
    assert not publish(tmp_path, site())
    assert site_file(tmp_path, 1).stat().st_ino == before.st_ino


def test_a_secret_is_nobody_elses_to_read(tmp_path: Path) -> None:
    publish(tmp_path, company())
    assert company_file(tmp_path, 1).stat().st_mode & 0o777 == 0o600


def test_a_file_is_whole_at_every_moment(tmp_path: Path) -> None:
    versions = [site(hosts=tuple(f"{n}-{m}.example" for m in range(n % 7 * 200))) for n in range(40)]
    publish(tmp_path, versions[0])

    def republish() -> None:
        for version in versions:
            publish(tmp_path, version)

    thread = threading.Thread(target=republish)
    thread.start()
    while thread.is_alive():
        assert site_decoder.decode(site_file(tmp_path, 1).read_bytes()) in versions
    thread.join()
    assert [path.name for path in tmp_path.iterdir()] == ["site-1.json"]


def test_a_changed_file_is_loaded_again_and_no_other(tmp_path: Path) -> None:
    publish(tmp_path, site(1))
    publish(tmp_path, site(2, hosts=("two.example",)))
    prepared: list[int] = []
    snapshot = Snapshot(tmp_path, lambda published: prepared.append(published.id) or published)  # type: ignore[func-returns-value]
    assert snapshot.refresh()
    assert not snapshot.refresh()
    publish(tmp_path, site(2, hosts=("two.example", "deux.example")))
    assert snapshot.refresh()
    assert sorted(prepared) == [1, 2, 2]
    assert "deux.example" in snapshot.sites["ck_one"]


def test_two_changes_within_one_clock_tick_are_both_seen(tmp_path: Path) -> None:
    publish(tmp_path, site(hosts=("a.example",)))
    settle(site_file(tmp_path, 1), tmp_path)
    snapshot = reader(tmp_path)
    publish(tmp_path, site(hosts=("b.example",)))
    tick = site_file(tmp_path, 1).stat().st_mtime_ns
    os.utime(tmp_path, ns=(tick, tick))
    assert snapshot.refresh()
    assert list(snapshot.sites["ck_one"]) == ["b.example"]
    publish(tmp_path, site(hosts=("c.example",)))
    for path in (site_file(tmp_path, 1), tmp_path):
        os.utime(path, ns=(tick, tick))
    assert snapshot.refresh()
    assert list(snapshot.sites["ck_one"]) == ["c.example"]


def test_a_folder_at_rest_costs_one_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, site())
    settle(site_file(tmp_path, 1), tmp_path)
    snapshot = reader(tmp_path)

    def scandir(_folder: Path) -> None:
        raise AssertionError("looked into a folder that has not changed")

    monkeypatch.setattr(os, "scandir", scandir)
    assert not snapshot.refresh()


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff\xfe", b'{"id":1}', b"[" * 100_000, b'{"id":1,"key":"\xff"}'])
def test_a_bad_file_keeps_what_was_known(tmp_path: Path, bad: bytes) -> None:
    publish(tmp_path, site(1))
    publish(tmp_path, company())
    snapshot = reader(tmp_path)
    site_file(tmp_path, 1).write_bytes(bad)
    company_file(tmp_path, 1).write_bytes(bad)
    publish(tmp_path, site(2, hosts=("two.example",)))
    assert snapshot.refresh()
    assert set(snapshot.sites["ck_one"]) == {"one.example", "two.example"}
    assert snapshot.companies == {"ck_one": 1}
    publish(tmp_path, site(1, hosts=("mended.example",)))
    snapshot.refresh()
    assert set(snapshot.sites["ck_one"]) == {"mended.example", "two.example"}


def test_a_site_that_names_a_number_it_does_not_have_keeps_what_was_known(tmp_path: Path) -> None:
    publish(tmp_path, site(1))
    snapshot = Snapshot(tmp_path, ReadySite)
    snapshot.refresh()
    dangling = PublishedScenario(5, (), (PublishedRule("always", (99,)),), 150, "share")
    publish(tmp_path, msgspec.structs.replace(site(1), hosts=("new.example",), scenarios=(dangling,)))
    publish(tmp_path, site(2, hosts=("two.example",)))
    assert snapshot.refresh()
    assert set(snapshot.sites["ck_one"]) == {"one.example", "two.example"}


def test_what_is_withdrawn_is_forgotten(tmp_path: Path) -> None:
    publish(tmp_path, site())
    publish(tmp_path, company())
    snapshot = reader(tmp_path)
    withdraw(site_file(tmp_path, 1))
    withdraw(company_file(tmp_path, 1))
    withdraw(company_file(tmp_path, 9))
    assert snapshot.refresh()
    assert (snapshot.sites, snapshot.companies, snapshot.site(1, 1)) == ({}, {}, None)


def test_drafts_and_strangers_are_not_read(tmp_path: Path) -> None:
    publish(tmp_path, site())
    (tmp_path / ".site-2.json").write_bytes(b"{")
    (tmp_path / "notes.txt").write_bytes(b"{")
    snapshot = reader(tmp_path)
    assert list(snapshot.sites["ck_one"]) == ["one.example"]


def test_a_number_that_moves_from_one_file_to_another_is_routed_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are written one after the other: for a moment it may stand in neither, or in both."""
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    here, there = Route(1, None), Route(1, None, 5)
    publish(tmp_path, msgspec.structs.replace(company(), routes={NUMBER: here}))
    publish(tmp_path, site())
    snapshot = reader(tmp_path)
    assert snapshot.route(1, NUMBER) == here
    publish(tmp_path, company())
    snapshot.refresh()
    assert snapshot.route(1, NUMBER) == here
    publish(tmp_path, msgspec.structs.replace(site(), routes={NUMBER: there}))
    snapshot.refresh()
    assert snapshot.route(1, NUMBER) == there
    now += 60
    snapshot.refresh()
    assert snapshot.route(1, NUMBER) == there
    publish(tmp_path, site())
    snapshot.refresh()
    now += 60
    snapshot.refresh()
    assert snapshot.route(1, NUMBER) is None
    assert snapshot.route(2, NUMBER) is None


def test_a_number_that_comes_back_in_time_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    snapshot = reader(tmp_path)
    for routes in ({NUMBER: Route(1, None)}, {}, {NUMBER: Route(1, None, 7)}):
        publish(tmp_path, msgspec.structs.replace(site(), routes=routes))
        snapshot.refresh()
    now += 60
    snapshot.refresh()
    assert snapshot.route(1, NUMBER) == Route(1, None, 7)


@pytest.mark.parametrize("leaves", ["its key", "its host", "its company"])
def test_what_a_file_no_longer_says_is_forgotten(tmp_path: Path, leaves: str) -> None:
    publish(tmp_path, site(1, hosts=("one.example", "www.one.example")))
    publish(tmp_path, site(2, hosts=("two.example",)))
    snapshot = reader(tmp_path)
    changed = {
        "its key": site(1, key="ck_new", hosts=("one.example",)),
        "its host": site(1, hosts=("new.example",)),
        "its company": site(1, company=9, key="ck_nine", hosts=("one.example",)),
    }[leaves]
    publish(tmp_path, changed)
    assert snapshot.refresh()
    assert set(snapshot.sites[changed.key]) >= set(changed.hosts)
    assert {host for by_host in snapshot.sites.values() for host in by_host} == {*changed.hosts, "two.example"}


def test_a_full_publication_is_loaded_in_steps_of_one_file(tmp_path: Path) -> None:
    """Between two of them pages are answered; each step may do as much as one site takes."""
    for number in range(1, 31):
        publish(tmp_path, site(number, hosts=(f"{number}.example",)))
    snapshot = Snapshot(tmp_path, lambda published: published)
    known = [len(snapshot.sites.get("ck_one", {})) for _ in snapshot.steps()]
    assert known == list(range(1, 31))
