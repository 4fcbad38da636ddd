"""Telnyx: TeXML webhooks, answered with TeXML; README.md here has its quirks."""

from __future__ import annotations

from callspring.carriers.contract import Carrier
from callspring.carriers.telnyx.adapter import Telnyx

carrier: Carrier = Telnyx()
