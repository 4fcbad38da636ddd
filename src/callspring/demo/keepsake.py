"""What the demo has to remember between starts, in `var/demo.json`; read without Django by the shop."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from callspring.config import Config


@dataclass(frozen=True, slots=True)
class Keepsake:
    """The company's public key, the business's own number (E.164), and an API key in plain text."""

    company_key: str
    business_number: str
    api_key: str


def keepsake_file(config: Config) -> Path:
    """Where it is kept."""
    return config.var / "demo.json"


def read_keepsake(config: Config) -> Keepsake:
    """What was kept. Raises `ValueError` before the demo was seeded, and when the file says something else."""
    path = keepsake_file(config)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Keepsake)
    except FileNotFoundError:
        raise ValueError(f"{path} is not there: the demo company was not made yet. `make run` makes it.") from None
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} cannot be read ({error}). Remove it; `make run` writes it anew.") from None


def keep(config: Config, keepsake: Keepsake) -> None:
    """Write the file whole or not at all, for nobody but its owner to read: it holds a key."""
    path = keepsake_file(config)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(asdict(keepsake))))
    draft.replace(path)
