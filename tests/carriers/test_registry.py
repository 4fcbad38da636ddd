"""Carriers are found by their folders."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from callspring.carriers.registry import CARRIERS, NoApi, NotACarrier, api, discover, has_api
from callspring.config import load

ADAPTER = """
class Pigeon:
    name = "pigeon"
    def verify(self, request, secret, now): ...
    def read(self, request, endpoint): ...
    def render(self, instruction): ...
    def acknowledge(self): ...
carrier = Pigeon()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of carriers with one folder, not yet imported."""
    name = f"lofts_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / name
    (folder / "pigeon").mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def found_in(package: Path, adapter: str) -> ModuleType:
    (package / "pigeon" / "__init__.py").write_text(adapter)
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]
    importlib.invalidate_caches()
    return importlib.import_module(package.name)


def test_both_carriers_are_there() -> None:
    assert {"sandbox", "twilio"} <= set(CARRIERS)
    assert all(carrier.name == name for name, carrier in CARRIERS.items())


def test_a_folder_is_all_that_a_new_carrier_takes(package: Path) -> None:
    assert set(discover(found_in(package, ADAPTER))) == {"pigeon"}


@pytest.mark.parametrize(
    ("adapter", "complaint"),
    [
        ("", "no `carrier`"),
        (ADAPTER.replace('"pigeon"', '"dove"'), "not named 'pigeon'"),
        (ADAPTER.replace("def render", "def paint"), "lacks render"),
    ],
)
def test_a_folder_that_is_no_carrier_is_named(package: Path, adapter: str, complaint: str) -> None:
    with pytest.raises(NotACarrier, match=complaint):
        discover(found_in(package, adapter))


def test_the_registry_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        CARRIERS["x"] = CARRIERS["sandbox"]  # type: ignore[index]


def test_a_carriers_api_is_found_by_its_file_too(package: Path) -> None:
    root = found_in(package, ADAPTER)
    assert not has_api("pigeon", root)
    for name in ("pigeon", "dove", "../pigeon"):
        with pytest.raises(NoApi):
            api(name, load({}), root)
    (package / "pigeon" / "api.py").write_text("def make_api(config): return config.fallback_url\n")
    importlib.invalidate_caches()
    assert has_api("pigeon", root)
    found: object = api("pigeon", load({}), root)
    assert found == load({}).fallback_url


def test_an_api_that_cannot_be_made_is_named(package: Path) -> None:
    root = found_in(package, ADAPTER)
    (package / "pigeon" / "api.py").write_text("")
    importlib.invalidate_caches()
    with pytest.raises(NotACarrier, match="no `make_api`"):
        api("pigeon", load({}), root)
