"""A telephone network inside this installation; README.md here has its protocol."""

from __future__ import annotations

from callspring.carriers.contract import Carrier
from callspring.carriers.sandbox.adapter import Sandbox

carrier: Carrier = Sandbox()
