"""One server process on core 0: the real doors, or a bare ASGI handler on the same uvicorn with the same settings.

python -m benchmarks.server doors|bare PORT
"""

from __future__ import annotations

import os
import sys

from callspring import config
from callspring.doors.app import Doors
from callspring.doors.process import make_server
from callspring.doorway.http import Receive, Scope, Send, read_body, send_answer

ANSWER = b'{"swaps":[]}'


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and send a small constant: what any handler of this server costs at least."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await read_body(receive, 65_536)
    await send_answer(send, 200, ((b"content-type", b"application/json"),), ANSWER)


def main() -> None:
    """Serve until killed."""
    os.sched_setaffinity(0, {0})
    app = Doors(config.load()) if sys.argv[1] == "doors" else bare
    make_server(app, "127.0.0.1", int(sys.argv[2])).run()


if __name__ == "__main__":
    main()
