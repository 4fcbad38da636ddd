"""The load's visitors: they arrive, see a number, confirm the swap, and come back."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.system.acknowledged import Confirmed, Failed, Log, Refused, Visited, now
from tests.system.world import ROOMY_HOST, STATIC_QUERY, TIGHT_HOST, World

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
POOLS = {"roomy": 8, "static": 1, "tight": 1}  # of so many visitors
# Shares of page loads: by somebody new, by somebody who comes back from a newsletter (another visit); else a next page.
NEW, ANOTHER_VISIT = 0.15, 0.15
RETURNING_SECONDS = 30.0
AT_ONCE = 20


@dataclass(slots=True)
class Person:
    """One visitor's browser: its cookie, and the number on its screen once the swap was confirmed."""

    id: int
    pool: str
    token: str = ""
    shown: str = ""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Crowd:
    """All visitors, at most `world.visitors` of them."""

    def __init__(self, client: httpx.AsyncClient, world: World, log: Log, chance: random.Random) -> None:
        self._client, self._world, self._log, self._chance = client, world, log, chance
        self._pages = 0
        self.people: list[Person] = []

    async def visit(self) -> None:
        """One page load and its beacon, by somebody new or by somebody who was here."""
        person, query = self._who()
        async with person.asking:  # one tab: a token that is already replaced is never used again
            await self._load_page(person, query)

    def somebody_looking(self) -> Person | None:
        """A visitor who has a number of their own on the screen."""
        looking = [person for person in self.people if person.pool == "roomy" and person.shown]
        return self._chance.choice(looking) if looking else None

    async def everybody_returns(self) -> tuple[int, int]:
        """Everybody who has a token asks until there is an answer: how many those are, and how many got one."""
        turn = asyncio.Semaphore(AT_ONCE)
        known = [person for person in self.people if person.token]
        return len(known), sum(await asyncio.gather(*(self._returns(person, turn) for person in known)))

    async def _returns(self, person: Person, turn: asyncio.Semaphore) -> bool:
        until = now() + RETURNING_SECONDS
        async with turn:
            while now() < until:
                if await self._load_page(person, ""):
                    return True
                await asyncio.sleep(0.2)
        return False

    def _who(self) -> tuple[Person, str]:
        known = [person for person in self.people if person.token]
        kind = self._chance.random()
        if not known or (kind < NEW and len(self.people) < self._world.visitors):
            person = self._somebody_new()
            return person, STATIC_QUERY if person.pool == "static" else ""
        person = self._chance.choice(known)
        return person, f"utm_source=letter{self._pages}" if kind < NEW + ANOTHER_VISIT else ""

    def _somebody_new(self) -> Person:
        """Somebody who never got an answer tries again, else it is somebody else."""
        for person in self.people:
            if not person.token and not person.asking.locked():
                return person
        self.people.append(Person(len(self.people), self._chance.choices(list(POOLS), list(POOLS.values()))[0]))
        return self.people[-1]

    async def _load_page(self, person: Person, query: str) -> bool:
        self._pages += 1
        host = TIGHT_HOST if person.pool == "tight" else ROOMY_HOST
        url = f"https://{host}/page/{self._pages}" + (f"?{query}" if query else "")
        body = {"key": self._world.key, "url": url, "title": f"Page {self._pages}", "token": person.token}
        answer = await self._post("visit", "/v1/visit", body, person)
        if answer is None:
            return False
        swaps = answer["swaps"]
        person.token = answer["token"]
        number = swaps[0]["number"] if swaps else ""
        self._log.write(
            Visited(now(), person.id, person.pool, url, answer["visit"], answer["page"], number, person.token)
        )
        if swaps:
            await self._confirm(person, answer, swaps[0])
        return bool(swaps)

    async def _confirm(self, person: Person, answer: dict[str, Any], swap: dict[str, Any]) -> None:
        name = f"seen-{self._pages}-{answer['page']}"
        events = [{"kind": "swapped", "places": {str(swap["scenario"]): 2}}, {"kind": "event", "name": name}]
        body = {"key": self._world.key, "token": person.token, "page": answer["page"], "events": events}
        if await self._post("beacon", "/v1/beacon", body, person) is not None:
            self._log.write(Confirmed(now(), person.id, answer["visit"], answer["page"], name))
            person.shown = swap["number"]

    async def _post(self, what: str, path: str, body: dict[str, Any], person: Person) -> dict[str, Any] | None:
        """The answer (empty for a beacon's), None when there was none or it was a refusal; both are logged."""
        address = f"10.{person.id >> 16 & 255}.{person.id >> 8 & 255}.{person.id & 255}"
        try:
            response = await self._client.post(
                path, json=body, headers={"user-agent": BROWSER, "x-forwarded-for": address}
            )
        except httpx.TransportError as error:
            self._log.write(Failed(now(), what, type(error).__name__))
            return None
        reason = response.headers.get("x-callspring-reason", "")
        if response.status_code not in (200, 204) or reason:
            self._log.write(Refused(now(), what, response.status_code, reason))
            return None
        return dict(response.json()) if response.content else {}
