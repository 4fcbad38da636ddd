"""The voice door on the wire: `POST /voice/CARRIER/CONNECTION/ENDPOINT` (`callspring.carriers.contract.Endpoint`)."""

from __future__ import annotations

import time

from callspring.carriers.contract import CarrierRequest
from callspring.doorway.http import Disconnected, Receive, Scope, Send, read_body, send_answer
from callspring.visits.drops import Drop
from callspring.voice.call_path import Address, Refused, take_call
from callspring.voice.door import VoiceDoor

MAX_BODY = 65_536


class Voice:
    """Routes carriers' requests."""

    def __init__(self, door: VoiceDoor) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request below `/voice/`."""
        parts = scope["path"].split("/")
        try:
            body = await read_body(receive, MAX_BODY)
            if len(parts) != 5 or scope["method"] != "POST":
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

    def _request(self, scope: Scope, body: bytes) -> CarrierRequest:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        peer = scope["client"][0] if scope.get("client") else ""
        base = self._door.proxies.public_url(peer, scope["scheme"], headers.get("host", ""), headers)
        query = scope["query_string"].decode("latin-1")
        url = base + scope.get("raw_path", scope["path"].encode()).decode("latin-1") + (f"?{query}" if query else "")
        return CarrierRequest(scope["method"], url, headers, body)
