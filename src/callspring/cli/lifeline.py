"""A supervised process ends when its supervisor is gone, however that died: nobody is left holding the ports.

The supervisor keeps the other end of the process's standard input and never writes to it; the system closes it when the
supervisor dies.
"""

from __future__ import annotations

import os
import signal
import threading

SUPERVISED = "CALLSPRING_SUPERVISED"
STANDARD_INPUT = 0


def hold() -> None:
    """Watch the line, in a process that a supervisor started; does nothing in any other."""
    if os.environ.get(SUPERVISED) == "1":
        threading.Thread(target=_wait_for_the_end, name="lifeline", daemon=True).start()


def _wait_for_the_end() -> None:
    # Not through `sys.stdin`: its lock, held by a thread that never ends, makes Python abort when the process ends.
    while os.read(STANDARD_INPUT, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
