"""Carriers are found by their folders."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from callspring.carriers.description import Description, Field
from callspring.carriers.registry import (
    CARRIERS,
    NoApi,
    NotACarrier,
    api,
    connectable,
    description,
    discover,
    has_api,
)
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


DESCRIPTION = """
from callspring.carriers.description import Description, Field
fields = Field("loft", "Loft", pattern="[0-9]{6}"), Field("key", "Key", hidden=True), Field("ring", "Ring", hidden=True)
description = Description("Pigeon Post", fields, "{loft}", "{key}:{ring}")
"""


def test_a_carrier_says_what_it_is_called_and_needs(package: Path) -> None:
    root = found_in(package, ADAPTER)
    assert description("pigeon", root) == Description("Pigeon")
    description.cache_clear()
    (package / "pigeon" / "description.py").write_text(DESCRIPTION)
    importlib.invalidate_caches()
    found = description("pigeon", root)
    given = found.credentials({"loft": "123456", "key": "k{ring}", "ring": "r"})
    assert (found.title, given.account, given.secret) == ("Pigeon Post", "123456", "k{ring}:r")
    assert found.shown("123456") == {"loft": "123456"}
    assert [field.name for field in found.asked_again] == ["key", "ring"]


@pytest.mark.parametrize(
    ("was", "instead", "complaint"),
    [
        ("description =", "something =", "no `description`"),
        ("{key}:{ring}", "{key}", "are made of"),
        ("{loft}", "{loft}/{ring}", "is a secret"),
        ('"key", "Key"', '"loft", "Key"', "different names"),
        ('"ring", "Ring"', '"Ring", "Ring"', "lower case"),
    ],
)
def test_a_description_that_cannot_be_right_is_named(package: Path, was: str, instead: str, complaint: str) -> None:
    root = found_in(package, ADAPTER)
    (package / "pigeon" / "description.py").write_text(DESCRIPTION.replace(was, instead))
    importlib.invalidate_caches()
    description.cache_clear()
    with pytest.raises(NotACarrier, match=complaint):
        description("pigeon", root)


def test_what_is_pasted_is_looked_at() -> None:
    field = Field("loft", "Loft", pattern="[0-9]{6}")
    assert [field.fits(text) for text in ("123456", "12345", "1234567", "", "123456\n")] == [True, *[False] * 4]
    assert Field("note", "Note", optional=True).fits("")
    assert not Field("key", "Key", pattern="(?s).+").fits("x" * 4001)


@pytest.mark.parametrize("name", CARRIERS)
def test_every_carrier_here_can_be_described(name: str) -> None:
    found = description(name)
    assert name == "sandbox" or name in connectable() or not has_api(name)
    values = {field.name: f"{place}x" for place, field in enumerate(found.fields)}
    if values:
        assert found.shown(found.credentials(values).account).items() <= values.items()
        assert found.docs.startswith("https://")
    assert all(field.label and field.help and field.wrong for field in found.fields)


def test_those_that_people_can_connect_stand_in_the_order_of_their_titles() -> None:
    titles = [description(name).title for name in connectable()]
    assert {"SignalWire", "Twilio"} <= set(titles)
    assert titles == sorted(titles, key=str.casefold)
