"""Where things are and how this installation is set up, read once from the environment.

Every door and the back read the same `Config`; no other module looks at the environment. The table in
`docs/settings.md` is made from `SETTINGS`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, its default as written, and what it is for."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("CALLSPRING_VAR", "var", "Folder of all state: database, spools, snapshots, secrets."),
    Setting("PORT", "8000", "The console's port; the doors take the next one, the demo shop the one after."),
    Setting("CALLSPRING_HOST", "127.0.0.1", "Address that all servers listen on."),
    Setting("CALLSPRING_CONSOLE_URL", "", "Public address of the console; default http://HOST:PORT."),
    Setting("CALLSPRING_DOORS_URL", "", "Public address of the doors; default http://HOST:PORT+1."),
    Setting("CALLSPRING_SHOP_URL", "", "Address of the demo shop; default http://HOST:PORT+2."),
    Setting("CALLSPRING_DATABASE_URL", "", "postgresql://… ; empty means SQLite in the state folder."),
    Setting(
        "CALLSPRING_TRUSTED_PROXIES",
        "127.0.0.0/8 ::1/128",
        "Networks whose X-Forwarded-* headers are believed, separated by spaces.",
    ),
    Setting("CALLSPRING_CITY_FILE", "", "A city-level .mmdb file (MaxMind or DB-IP); empty means countries only."),
    Setting("CALLSPRING_DEBUG", "", "1 shows Django's error pages. Never on a public address."),
)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, parsed. Paths are absolute; addresses have no trailing slash; ports are TCP ports."""

    var: Path
    host: str
    port: int
    console_url: str
    doors_url: str
    shop_url: str
    database_url: str
    trusted_proxies: tuple[Network, ...]
    city_file: Path | None
    debug: bool

    @property
    def database_file(self) -> Path:
        """The embedded profile's record."""
        return self.var / "callspring.sqlite3"

    @property
    def snapshots(self) -> Path:
        """The folder the back publishes into and the doors load from."""
        return self.var / "snapshot"

    @property
    def spools(self) -> Path:
        """The folder with one spool per door process."""
        return self.var / "spool"

    @property
    def visit_numbers(self) -> Path:
        """The folder with each company's next free visit number."""
        return self.var / "visit-numbers"

    @property
    def sandbox_books(self) -> Path:
        """The sandbox carrier's own books."""
        return self.var / "sandbox" / "exchange.json"

    @property
    def doors_port(self) -> int:
        """The port of edge and voice."""
        return self.port + 1

    @property
    def shop_port(self) -> int:
        """The port of the demo shop."""
        return self.port + 2

    @property
    def secret(self) -> bytes:
        """This installation's secret key: made at first use, kept beside the database."""
        return installation_secret(self.var)


def assets() -> Path:
    """The folder of built assets inside the package (see `frontend/build.mjs`)."""
    return Path(__file__).parent / "_assets"


def load(environ: os._Environ[str] | dict[str, str] = os.environ) -> Config:
    """Read the settings. Raises `ValueError` that names the variable and what it should be."""

    def value(name: str) -> str:
        return environ.get(name, "") or next(s.default for s in SETTINGS if s.name == name)

    host, port = value("CALLSPRING_HOST"), _port(value("PORT"))
    city_file = value("CALLSPRING_CITY_FILE")
    return Config(
        var=Path(value("CALLSPRING_VAR")).resolve(),
        host=host,
        port=port,
        console_url=(value("CALLSPRING_CONSOLE_URL") or f"http://{host}:{port}").rstrip("/"),
        doors_url=(value("CALLSPRING_DOORS_URL") or f"http://{host}:{port + 1}").rstrip("/"),
        shop_url=(value("CALLSPRING_SHOP_URL") or f"http://{host}:{port + 2}").rstrip("/"),
        database_url=value("CALLSPRING_DATABASE_URL"),
        trusted_proxies=tuple(_network(part) for part in value("CALLSPRING_TRUSTED_PROXIES").split()),
        city_file=Path(city_file) if city_file else None,
        debug=value("CALLSPRING_DEBUG") == "1",
    )


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65533:
        return int(text)
    raise ValueError(f"PORT is {text!r}; it must be a number from 1 to 65533 (two more ports follow it)")


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"CALLSPRING_TRUSTED_PROXIES has {text!r}: {error}") from error


@cache
def installation_secret(var: Path) -> bytes:
    """The 32-byte secret in `var/secret.key`; written at first use by whichever process comes first."""
    path = var / "secret.key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".secret.{secrets.token_hex(4)}")
        draft.write_text(secrets.token_hex(32))
        draft.chmod(0o600)
        # Where another process was first, its secret is the one that counts.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return bytes.fromhex(path.read_text())
