"""The line to a Valkey or Redis server, or a Cluster of them: scripts of one turn of the loop go as one pipeline."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

from valkey.asyncio import Valkey, ValkeyCluster
from valkey.exceptions import NoScriptError, ValkeyError

log = logging.getLogger(__name__)
TIMEOUT = 0.25  # seconds that a page waits at most
REST = 1.0  # seconds for which a server that did not answer is left alone
KEYS = ("meta", "numbers", "free", "leases", "holders", "ends", "events")


class Unreachable(Exception):
    """The server does not answer, or not in time."""


@dataclass(frozen=True, slots=True)
class Script:
    """One atomic operation and the name that the server knows it by."""

    text: str
    sha: str


@cache
def script(name: str) -> Script:
    """An operation of `lua/`."""
    folder = Path(__file__).parent / "lua"
    text = (folder / "common.lua").read_text() + (folder / f"{name}.lua").read_text()
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


@cache
def _keys(pool: int) -> tuple[str, ...]:
    """A pool's keys: one hash tag, so that they are on one server of a Cluster."""
    return tuple(f"callspring:{{pool {pool}}}:{name}" for name in KEYS)


@dataclass(slots=True)
class _Asked:
    script: Script
    words: tuple[Any, ...]
    answer: asyncio.Future[Any]


class Link:
    """Runs scripts. `address` is `redis://host:port/0` and the like; whether it is a Cluster, the server says."""

    def __init__(self, address: str, timeout: float | None = None) -> None:
        self._address = f"valkey{address[5:]}" if address.startswith("redis") else address
        self._timeout = TIMEOUT if timeout is None else timeout
        self._client: Valkey | ValkeyCluster | None = None
        self._connecting = asyncio.Lock()
        self._line: list[_Asked] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._resting_until = 0.0

    async def run(self, name: str, pool: int, *arguments: Any) -> Any:
        """What the script answers for a pool. Raises `Unreachable`."""
        if time.monotonic() < self._resting_until:
            raise Unreachable
        loop = asyncio.get_running_loop()
        keys = _keys(pool)
        asked = _Asked(script(name), (len(keys), *keys, *arguments), loop.create_future())
        if not self._line:
            loop.call_soon(self._flush)
        self._line.append(asked)
        return await asked.answer

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            with contextlib.suppress(ValkeyError, OSError):
                await self._client.aclose()
            self._client = None

    def _flush(self) -> None:
        line, self._line = self._line, []
        task = asyncio.ensure_future(self._send(line))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, line: list[_Asked]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._exchange(line)
        except (ValkeyError, OSError, TimeoutError) as error:
            if time.monotonic() >= self._resting_until:
                log.warning("the lease server does not answer; numbers go on as far as they are known (%r)", error)
            self._resting_until = time.monotonic() + REST
            await self.close()
            for asked in line:
                if not asked.answer.done():
                    asked.answer.set_exception(Unreachable())

    async def _exchange(self, line: list[_Asked]) -> None:
        client = await self._connected()
        answers = await _pipeline(client, [("EVALSHA", one.script.sha, *one.words) for one in line])
        unknown = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            again = await _pipeline(client, [("EVAL", line[at].script.text, *line[at].words) for at in unknown])
            for at, answer in zip(unknown, again, strict=True):
                answers[at] = answer
        for asked, answer in zip(line, answers, strict=True):
            if asked.answer.done():
                continue  # whoever asked has gone
            if isinstance(answer, BaseException):
                raise answer
            asked.answer.set_result(answer)

    async def _connected(self) -> Valkey | ValkeyCluster:
        async with self._connecting:
            if self._client is None:
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> Valkey | ValkeyCluster:
        one: Valkey = Valkey.from_url(self._address)
        if not (await one.info("cluster")).get("cluster_enabled"):
            return one
        await one.aclose()
        several: ValkeyCluster = ValkeyCluster.from_url(self._address)
        return several


async def _pipeline(client: Valkey | ValkeyCluster, commands: list[tuple[Any, ...]]) -> list[Any]:
    pipeline = client.pipeline(transaction=False) if isinstance(client, Valkey) else client.pipeline()
    for command in commands:
        pipeline.execute_command(*command)
    answers: list[Any] = await pipeline.execute(raise_on_error=False)
    return answers
