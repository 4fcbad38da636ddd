"""An installation of its own for each fault test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.postgres import Server, postgres
from tests.system.processes import environment, free_ports
from tests.system.world import make_world

VISITORS = 500


@dataclass(frozen=True, slots=True)
class Installation:
    """A state folder with a database and a world in it, and the port it will run on."""

    var: Path
    port: int
    environment: Mapping[str, str]
    world: Path
    log: Path


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a SQLite database, made once and copied."""
    var = tmp_path_factory.mktemp("furnished") / "var"
    _furnish(var, environment(var, 8000))
    return var


@pytest.fixture
def embedded(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation on SQLite."""
    shutil.copytree(furnished, tmp_path / "var")
    return _installation(tmp_path, environment(tmp_path / "var", free_ports()), monkeypatch)


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL for one test."""
    with postgres() as server:
        yield server


@pytest.fixture
def on_postgres(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation whose record is on `server`."""
    there = environment(tmp_path / "var", free_ports(), server.url)
    _furnish(tmp_path / "var", there)
    return _installation(tmp_path, there, monkeypatch)


def _furnish(var: Path, there: Mapping[str, str]) -> None:
    world = make_world(there, VISITORS)
    (var / "world.json").write_bytes(msgspec.json.encode(world))


def _installation(folder: Path, there: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The supervisor's children take their settings from this process's environment."""
    for name in [name for name in os.environ if name.startswith("CALLSPRING_")]:
        monkeypatch.delenv(name)
    for name in ("CALLSPRING_VAR", "PORT", "CALLSPRING_DATABASE_URL"):
        monkeypatch.setenv(name, there[name])
    var = folder / "var"
    return Installation(var, int(there["PORT"]), there, var / "world.json", folder / "acknowledged.jsonl")
