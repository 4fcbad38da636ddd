"""All carriers there are: each folder beside this file is one, and tells so itself.

Nothing here is edited when a carrier is added: its package exposes `carrier`, whose `name` is the folder's.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType

from callspring import carriers
from callspring.carriers.contract import Carrier

_VERBS = ("verify", "read", "render", "acknowledge")


class NotACarrier(TypeError):
    """A folder in `carriers` does not keep the contract; the message names the folder and what is wrong."""


def discover(package: ModuleType) -> Mapping[str, Carrier]:
    """Import each subpackage of `package` and collect its `carrier` by name. Raises `NotACarrier`."""
    return MappingProxyType({name: _carrier_of(f"{package.__name__}.{name}", name) for name in _folders(package)})


def _folders(package: ModuleType) -> Iterator[str]:
    return (module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)


def _carrier_of(module_name: str, folder: str) -> Carrier:
    # Not by isinstance: a run-time protocol looks at the same names and says less about what is wrong.
    found: Carrier | None = getattr(import_module(module_name), "carrier", None)
    if found is None:
        raise NotACarrier(f"{module_name} exposes no `carrier`")
    if getattr(found, "name", None) != folder:
        raise NotACarrier(f"the carrier of {module_name} is not named {folder!r}")
    missing = [verb for verb in _VERBS if not callable(getattr(found, verb, None))]
    if missing:
        raise NotACarrier(f"the carrier of {module_name} lacks {', '.join(missing)}")
    return found


CARRIERS: Mapping[str, Carrier] = discover(carriers)
