"""SignalWire's compatibility API: form webhooks, answered with cXML."""

from __future__ import annotations

from callspring.carriers.contract import Carrier
from callspring.carriers.signalwire.adapter import SignalWire

carrier: Carrier = SignalWire()
