"""Twilio's published specification, enforced: a server of somebody else's that refuses what the specification forbids.

`spec_server()` is the one of this test process; it is started at first use. The program is `steady` (npm, `@stdy/cli`);
the specification is `twilio_api_v2010.json` in the folder `$CALLSPRING_SPECS`, else in `../shared/specs` beside the
repository. Neither is here by default for a reason: a missing part fails the test, it is not skipped.

The server overlooks fields that the specification does not have; `SpecServer.check` does not.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

ROOT = Path(__file__).parents[2]
FILE = "twilio_api_v2010.json"
STARTING_SECONDS = 30


class SpecMissing(RuntimeError):
    """The specification or the program that enforces it is not here; the message says where it should be."""


@dataclass(frozen=True)
class Operation:
    """What the specification knows of one method of one path."""

    path: re.Pattern[str]
    method: str
    query: frozenset[str]
    form: frozenset[str]


class SpecServer:
    """A running server. `url` is its origin, as `http://127.0.0.1:PORT`."""

    def __init__(self, url: str, specification: dict[str, Any]) -> None:
        self.url = url
        self._operations = [*_operations(specification)]
        self._client = httpx.Client(trust_env=False, timeout=10)

    def check(self, method: str, target: str, headers: dict[str, str], body: bytes) -> str:
        """What the specification has against this request, "" for nothing. `target` is the path with its query."""
        unknown = self._unknown(method, target, body)
        if unknown:
            return unknown
        answer = self._client.request(method, self.url + target, headers=headers, content=body)
        return "" if answer.is_success else f"{answer.status_code}: {answer.text[:2000]}"

    def _unknown(self, method: str, target: str, body: bytes) -> str:
        address = urlsplit(target)
        for operation in self._operations:
            if operation.method == method and operation.path.fullmatch(address.path):
                query = {name for name, _ in parse_qsl(address.query, keep_blank_values=True)} - operation.query
                form = {name for name, _ in parse_qsl(body.decode(), keep_blank_values=True)} - operation.form
                return f"unknown: {sorted(query | form)}" if query | form else ""
        return f"the specification has no {method} {address.path}"


@cache
def spec_server() -> SpecServer:
    """This process's server. Raises `SpecMissing`."""
    file = Path(os.environ.get("CALLSPRING_SPECS") or ROOT.parent / "shared" / "specs") / FILE
    if not file.exists():
        raise SpecMissing(
            f"Twilio's specification is not at {file}; set CALLSPRING_SPECS to the folder that has {FILE}"
        )
    port = _free_port()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server
    # The program itself and not the script that npm makes: that one would leave it behind when it is ended.
    command = [
        str(_program()),
        "-p",
        str(port),
        "--host",
        "127.0.0.1",
        "--validator-form-array-format=repeat",
        "-q",
        str(file),
    ]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    atexit.register(_end, process)
    _wait(process, port, log)
    return SpecServer(f"http://127.0.0.1:{port}", json.loads(file.read_text()))


def _program() -> Path:
    found = sorted((ROOT / "node_modules" / "@stdy").glob("cli-*/bin/steady"))
    if not found:
        raise SpecMissing("steady is not in node_modules; `make assets` puts it there (npm package @stdy/cli)")
    return found[0]


def _operations(specification: dict[str, Any]) -> Iterable[Operation]:
    for path, methods in specification["paths"].items():
        pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.replace(".", r"\.")))
        shared = methods.get("parameters", [])
        for method in {"get", "post", "delete"} & set(methods):
            said = methods[method]
            query = {one["name"] for one in [*shared, *said.get("parameters", [])] if one["in"] == "query"}
            content = said.get("requestBody", {}).get("content", {})
            schema = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
            yield Operation(pattern, method.upper(), frozenset(query), frozenset(schema.get("properties", {})))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Any) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    _end(process)
    log.seek(0)
    raise SpecMissing(f"steady did not start: {log.read()[-2000:].decode(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(timeout=10)
