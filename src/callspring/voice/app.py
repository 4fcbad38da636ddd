"""The voice door on the wire: `POST /voice/CARRIER/CONNECTION/ENDPOINT` (`callspring.carriers.contract.Endpoint`).

`GET` too, for a carrier that asks so. And `GET /voice/sounds/NAME`, for what call flows play.
"""

from __future__ import annotations

import time

from callspring.carriers.contract import CarrierRequest
from callspring.doorway.http import Disconnected, Receive, Scope, Send, read_body, send_answer
from callspring.visits.drops import Drop
from callspring.voice.call_path import Address, Refused, take_call
from callspring.voice.door import VoiceDoor
from callspring.voice.sounds import sound_type

MAX_BODY = 65_536
METHODS = frozenset({"POST", "GET"})  # which of them a carrier uses, its adapter says


class Voice:
    """Routes carriers' requests."""

    def __init__(self, door: VoiceDoor) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request below `/voice/`."""
        parts = scope["path"].split("/")
        if parts[2:3] == ["sounds"]:
            await self._sound(parts[3:], send)
            return
        try:
            body = await read_body(receive, MAX_BODY)
            if len(parts) != 5 or scope["method"] not in METHODS:
                raise Refused(Drop.UNKNOWN_CONNECTION, 404)
            if len(body) > MAX_BODY:
                raise Refused(Drop.TOO_LARGE, 413)
            request = self._request(scope, body)
            reply = await take_call(self._door, Address(*parts[2:]), request, time.time())
        except Disconnected:
            return
        except Refused as refused:
            self._door.drops.count(refused.reason, refused.company, refused.host)
            await send_answer(send, refused.status, ((b"x-callspring-reason", refused.reason.encode()),))
            return
        await send_answer(send, 200, ((b"content-type", reply.content_type.encode()),), reply.body)

    async def _sound(self, names: list[str], send: Send) -> None:
        """A sound that a flow plays. What is asked again and again is in the system's cache of files."""
        content_type = sound_type(names[0]) if len(names) == 1 else ""
        try:
            body = (self._door.sounds / names[0]).read_bytes() if content_type else b""
        except OSError:
            body = b""
        if not body:
            await send_answer(send, 404, ())
            return
        # Its name is made from what it holds, so it never changes.
        headers = ((b"content-type", content_type.encode()), (b"cache-control", b"public, max-age=31536000, immutable"))
        await send_answer(send, 200, headers, body)

    def _request(self, scope: Scope, body: bytes) -> CarrierRequest:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        peer = scope["client"][0] if scope.get("client") else ""
        base = self._door.proxies.public_url(peer, scope["scheme"], headers.get("host", ""), headers)
        query = scope["query_string"].decode("latin-1")
        url = base + scope.get("raw_path", scope["path"].encode()).decode("latin-1") + (f"?{query}" if query else "")
        return CarrierRequest(scope["method"], url, headers, body)
