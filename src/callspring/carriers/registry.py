"""All carriers there are: each folder beside this file is one, and tells so itself.

Nothing here is edited when a carrier is added: its package exposes `carrier`, whose `name` is the folder's. One whose
numbers, texts and recordings can be managed from here has a file `api.py` with `make_api` too, and one that people can
connect a file `description.py` with `description`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType, ModuleType

from callspring import carriers
from callspring.carriers.api import CarrierApi
from callspring.carriers.contract import Carrier
from callspring.carriers.description import Description
from callspring.config import Config

_VERBS = ("verify", "read", "render", "acknowledge")


class NotACarrier(TypeError):
    """A folder in `carriers` does not keep the contract; the message names the folder and what is wrong."""


class NoApi(LookupError):
    """The carrier's numbers are managed in its own console; it offers nothing to programs, or not to us."""


def discover(package: ModuleType) -> Mapping[str, Carrier]:
    """Import each subpackage of `package` and collect its `carrier` by name. Raises `NotACarrier`."""
    return MappingProxyType({name: _carrier_of(f"{package.__name__}.{name}", name) for name in _folders(package)})


def api(name: str, config: Config, package: ModuleType = carriers) -> CarrierApi:
    """The API of the carrier `name`, loaded only now: the doors go without. Raises `NoApi`, `NotACarrier`."""
    if not has_api(name, package):
        raise NoApi(name)
    module_name = f"{package.__name__}.{name}.api"
    make = getattr(import_module(module_name), "make_api", None)
    if not callable(make):
        raise NotACarrier(f"{module_name} has no `make_api`")
    found: CarrierApi = make(config)
    return found


def has_api(name: str, package: ModuleType = carriers) -> bool:
    """Whether numbers can be ordered at the carrier `name` from here."""
    return name in _folders(package) and find_spec(f"{package.__name__}.{name}.api") is not None


@cache
def description(name: str, package: ModuleType = carriers) -> Description:
    """The carrier `name` as people see it, also one that is not there (any more). Raises `NotACarrier`."""
    if name not in _folders(package) or find_spec(f"{package.__name__}.{name}.description") is None:
        return Description(title=name.title())
    module_name = f"{package.__name__}.{name}.description"
    found = getattr(import_module(module_name), "description", None)
    if not isinstance(found, Description):
        raise NotACarrier(f"{module_name} has no `description`")
    if wrong := found.what_is_wrong():
        raise NotACarrier(f"{module_name}: {wrong}")
    return found


def connectable() -> Sequence[str]:
    """The names of the carriers that people can connect, in the order of their titles."""
    own = [name for name in CARRIERS if description(name).fields and has_api(name)]
    return sorted(own, key=lambda name: description(name).title.casefold())


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
