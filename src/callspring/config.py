"""Where things are and how this installation is set up, read once from the environment.

Every door and the back read the same `Config`; no other module looks at the environment. The table in
`docs/settings.md` is made from `callspring.settings`.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from callspring.addresses import Network, carrier_api, fallback_url, network, origins
from callspring.settings import SETTINGS


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in. `tls`: "at once", by "starttls" (mails wait where it is not offered), or "no"."""

    host: str
    port: int
    tls: Literal["at once", "starttls", "no"]
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Stripe:
    """An account at Stripe that takes payments. `api` is "" for Stripe's own address."""

    key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api: str = ""


@dataclass(frozen=True, slots=True)
class S3Access:
    """How S3 is reached; "" means Amazon's own address, us-east-1, and the machine's own credentials."""

    endpoint: str = ""
    region: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


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
    leases: str = field(repr=False)
    trusted_proxies: tuple[Network, ...]
    city_file: Path | None
    smtp: MailServer | None
    mail_from: str
    carrier_apis: Mapping[str, str]
    fallback_url: str
    test_origins: tuple[str, ...]
    chromium: str
    price_list: Path | None
    grace_days: int
    monthly_cap: int
    stripe: Stripe | None
    top_up_by_hand: bool
    recordings: str
    s3: S3Access
    largest_recording: int  # bytes
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
    def snippets(self) -> Path:
        """The folder where the doors keep each version of the snippet that they have served."""
        return self.var / "snippets"

    @property
    def visit_numbers(self) -> Path:
        """The folder with each company's next free visit number."""
        return self.var / "visit-numbers"

    @property
    def sandbox_books(self) -> Path:
        """The sandbox carrier's own books."""
        return self.var / "sandbox" / "exchange.json"

    @property
    def mails(self) -> Path:
        """The folder of mails while there is no mail server."""
        return self.var / "mail"

    @property
    def blobs(self) -> Path:
        """The folder of recordings."""
        return self.var / "blobs"

    @property
    def sounds(self) -> Path:
        """Where the sounds that call flows play are published for the doors."""
        return self.var / "sounds"

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
    console_url = (value("CALLSPRING_CONSOLE_URL") or f"http://{host}:{port}").rstrip("/")
    shop_url = (value("CALLSPRING_SHOP_URL") or f"http://{host}:{port + 2}").rstrip("/")
    price_list, stripe = value("CALLSPRING_PRICE_LIST"), _stripe(value)
    return Config(
        var=Path(value("CALLSPRING_VAR")).resolve(),
        host=host,
        port=port,
        console_url=console_url,
        doors_url=(value("CALLSPRING_DOORS_URL") or f"http://{host}:{port + 1}").rstrip("/"),
        shop_url=shop_url,
        database_url=value("CALLSPRING_DATABASE_URL"),
        leases=_leases(value("CALLSPRING_LEASES")),
        trusted_proxies=tuple(network(part) for part in value("CALLSPRING_TRUSTED_PROXIES").split()),
        city_file=Path(city_file) if city_file else None,
        smtp=_mail_server(value("CALLSPRING_SMTP_URL")),
        mail_from=_sender(value("CALLSPRING_MAIL_FROM") or f"Callspring <callspring@{_domain(console_url)}>"),
        carrier_apis=MappingProxyType(dict(carrier_api(part) for part in value("CALLSPRING_CARRIER_APIS").split())),
        fallback_url=fallback_url(value("CALLSPRING_FALLBACK_URL")),
        test_origins=origins(value("CALLSPRING_TEST_ORIGINS") or shop_url),
        chromium=value("CALLSPRING_CHROMIUM"),
        price_list=Path(price_list).resolve() if price_list else None,
        grace_days=_grace(value("CALLSPRING_GRACE_DAYS")),
        monthly_cap=_cap(value("CALLSPRING_MONTHLY_CAP")),
        stripe=stripe,
        top_up_by_hand=_yes("CALLSPRING_TOP_UP_BY_HAND", value("CALLSPRING_TOP_UP_BY_HAND"), stripe is None),
        recordings=_place(value("CALLSPRING_RECORDINGS")),
        s3=_s3(value),
        largest_recording=_megabytes(value("CALLSPRING_LARGEST_RECORDING")),
        debug=value("CALLSPRING_DEBUG") == "1",
    )


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65533:
        return int(text)
    raise ValueError(f"PORT is {text!r}; it must be a number from 1 to 65533 (two more ports follow it)")


def _leases(text: str) -> str:
    """`memory` or a server's address. Messages do not repeat it: it may have a password in it."""
    try:
        url = urlsplit(text)
        named = url.scheme in {"redis", "rediss", "valkey", "valkeys"} and bool(url.hostname) and url.port != 0
    except ValueError:
        named = False
    if text != "memory" and not named:
        raise ValueError("CALLSPRING_LEASES must be memory, or look like redis://user:password@host:6379/0")
    return text


def _stripe(value: Callable[[str], str]) -> Stripe | None:
    """Both keys or none: without the webhook's secret anybody could claim to have paid."""
    key, secret, api = (value(f"CALLSPRING_STRIPE_{name}") for name in ("KEY", "WEBHOOK_SECRET", "API"))
    if bool(key) != bool(secret):
        raise ValueError("CALLSPRING_STRIPE_KEY and CALLSPRING_STRIPE_WEBHOOK_SECRET must both be given, or neither")
    if not key:
        return None
    return Stripe(key, secret, carrier_api(f"stripe={api}", "CALLSPRING_STRIPE_API")[1] if api else "")


def _place(text: str) -> str:
    if not text or re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]{1,150})?", text):
        return text.rstrip("/")
    raise ValueError(f"CALLSPRING_RECORDINGS is {text!r}; it must be empty, or look like s3://bucket/prefix")


def _s3(value: Callable[[str], str]) -> S3Access:
    endpoint, region, key, secret = (value(f"CALLSPRING_S3_{name}") for name in ("ENDPOINT", "REGION", "KEY", "SECRET"))
    if bool(key) != bool(secret):
        raise ValueError("CALLSPRING_S3_KEY and CALLSPRING_S3_SECRET must both be given, or neither")
    if endpoint and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+/?", endpoint):
        raise ValueError(f"CALLSPRING_S3_ENDPOINT is {endpoint!r}; it must look like https://minio.example.com")
    return S3Access(endpoint.rstrip("/"), region, key, secret)


def _megabytes(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 100_000:
        return int(text) * 1_000_000
    raise ValueError(f"CALLSPRING_LARGEST_RECORDING is {text!r}; it must be a number of megabytes from 1 to 100000")


def _grace(text: str) -> int:
    if text.isdecimal() and int(text) <= 365:
        return int(text)
    raise ValueError(f"CALLSPRING_GRACE_DAYS is {text!r}; it must be a number of days from 0 to 365")


def _cap(text: str) -> int:
    if text.isdecimal() and int(text) <= 1_000_000:
        return int(text)
    raise ValueError(f"CALLSPRING_MONTHLY_CAP is {text!r}; it must be a sum in whole units, from 0 to 1000000")


def _yes(name: str, text: str, default: bool) -> bool:
    if text not in ("", "yes", "no"):
        raise ValueError(f"{name} is {text!r}; it must be yes or no")
    return text == "yes" if text else default


def _mail_server(text: str) -> MailServer | None:
    """`smtp://` speaks TLS by STARTTLS where a user name is given or the port is 587; `?tls=no` says never.

    Messages do not repeat the address: it has a password in it.
    """
    if not text:
        return None
    wrong = (
        "CALLSPRING_SMTP_URL must look like smtp://user:password@host:587, smtps://user:password@host or smtp://host"
    )
    try:
        url = urlsplit(text)
        given = url.port
    except ValueError:
        raise ValueError(f"{wrong}; its host or port cannot be read (write / in a password as %2F)") from None
    options = parse_qs(url.query, keep_blank_values=True)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname or url.path.strip("/") or url.fragment:
        raise ValueError(f"{wrong} (in user and password write @ as %40, / as %2F, # as %23)")
    if (url.username is None) != (url.password is None):
        raise ValueError(f"{wrong}; it has only one of user and password")
    if options not in ({}, {"tls": ["no"]}) or (options and url.scheme == "smtps"):
        raise ValueError(f"{wrong}; the only thing that may follow is ?tls=no, after smtp://")
    port = given or (465 if url.scheme == "smtps" else 587 if url.username else 25)
    tls: Literal["at once", "starttls", "no"] = "no"
    if not options and (url.scheme == "smtps" or url.username or port == 587):
        tls = "at once" if url.scheme == "smtps" else "starttls"
    return MailServer(url.hostname, port, tls, unquote(url.username or ""), unquote(url.password or ""))


def _sender(text: str) -> str:
    """One address with or without a name, as it stands in a header."""
    wrong = f"CALLSPRING_MAIL_FROM is {text!r}; it must be one address, like Callspring <calls@example.com>"
    found = getaddresses([text])
    if len(found) != 1 or not text.isprintable():
        raise ValueError(wrong)
    try:
        return str(Address(display_name=found[0][0], addr_spec=found[0][1]))
    except (MessageError, ValueError, IndexError) as error:
        raise ValueError(wrong) from error


def _domain(url: str) -> str:
    """The host of an address, as a mail address can have it."""
    host = urlsplit(url).hostname or "localhost"
    return "localhost" if ":" in host else host


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
