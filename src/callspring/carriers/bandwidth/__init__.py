"""Bandwidth: JSON webhooks with Basic credentials, answered with BXML."""

from __future__ import annotations

from callspring.carriers.bandwidth.adapter import Bandwidth
from callspring.carriers.contract import Carrier

carrier: Carrier = Bandwidth()
