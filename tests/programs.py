"""Where programs are that tests start; `scripts/system-packages` brings them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

UNPACKED = Path(__file__).parents[1] / ".venv" / "programs" / "usr"


def program(name: str) -> str:
    """The program's path. That it is missing is a failure: what it would have shown was not shown."""
    places = (os.environ.get("PATH", ""), "/usr/sbin", str(UNPACKED / "sbin"), str(UNPACKED / "bin"))
    found = shutil.which(name, path=os.pathsep.join(places))
    assert found, f"{name} is not here: run scripts/system-packages"
    return found
