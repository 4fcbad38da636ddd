"""The load's carrier: each call is asked about, rings, is answered and ends, in requests signed as the sandbox's.

Like a real carrier it sends again what was not taken, and now and then sends what was.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from callspring.carriers.sandbox.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from tests.system.acknowledged import Failed, Log, Refused, Said, now
from tests.system.world import World

TRIES = 40
PAUSE = 0.25  # seconds between tries
TWICE = 0.1  # share of events that are sent again although they were taken


@dataclass(slots=True)
class Call:
    """One call under way: the caller's leg is named like the call."""

    id: str
    person: int
    caller: str
    dialled: str
    sequence: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


class Carrier:
    """Places calls to the numbers that visitors see."""

    def __init__(self, client: httpx.AsyncClient, world: World, log: Log, chance: random.Random) -> None:
        self._client, self._world, self._log, self._chance = client, world, log, chance
        self._calls = 0
        self._run = f"{chance.getrandbits(48):012x}"

    async def call(self, person: int, dialled: str) -> None:
        """One call from its question to its end; gives up when something is not taken after many tries."""
        self._calls += 1
        caller = f"+1415{2_000_000 + self._calls}"  # each caller calls once: no repeat rule here
        call = Call(f"sb_{self._run}_{self._calls}", person, caller, dialled)
        base = f"{self._client.base_url}/voice/sandbox/{self._world.connection}".replace("//voice", "/voice")
        if not await self._say(call, f"{base}/call", "caller", "ringing") or call.answer.get("do") != "dial":
            return
        events, result = call.answer["events_url"], call.answer["result_url"]
        await self._say(call, events, "business", "ringing")
        await self._some_time()
        await self._say(call, events, "business", "answered")
        await self._some_time()
        await self._say(call, result, "business", "completed", duration=1)
        await self._say(call, events, "caller", "completed", duration=1)

    async def _some_time(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, 0.8))

    async def _say(self, call: Call, url: str, leg: str, status: str, **more: Any) -> bool:
        call.sequence += 1
        message = {
            "call": call.id, "leg": leg, "leg_id": call.id if leg == "caller" else f"{call.id}_b", "status": status,
            "from": call.caller, "to": call.dialled, "sequence": call.sequence, "at": time.time(), **more,
        }  # fmt: skip
        body = msgspec.json.encode(message)
        for _ in range(TRIES):
            if await self._send(url, body, call):
                endpoint = url.partition("?")[0].rpartition("/")[2]
                do = call.answer.get("do", "")
                to = tuple(call.answer.get("to", ()))
                self._log.write(Said(now(), call.id, call.person, endpoint, leg, status, call.sequence, do, to))
                if self._chance.random() < TWICE:
                    await self._send(url, body, call)
                return True
            await asyncio.sleep(PAUSE)
        return False

    async def _send(self, url: str, body: bytes, call: Call) -> bool:
        stamp = int(time.time())
        signature = sign(self._world.secret, stamp, url, body)
        headers = {TIMESTAMP_HEADER: str(stamp), SIGNATURE_HEADER: signature, "content-type": "application/json"}
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except httpx.TransportError as error:
            self._log.write(Failed(now(), "call", type(error).__name__))
            return False
        if response.status_code != 200:
            self._log.write(
                Refused(now(), "call", response.status_code, response.headers.get("x-callspring-reason", ""))
            )
            return False
        call.answer = dict(response.json())
        return True
