"""Vonage's Voice and Messages APIs: JSON webhooks, answered with NCCOs."""

from __future__ import annotations

from callspring.carriers.contract import Carrier
from callspring.carriers.vonage.adapter import Vonage

carrier: Carrier = Vonage()
