"""Twilio's voice webhooks, answered with TwiML."""

from __future__ import annotations

from callspring.carriers.contract import Carrier
from callspring.carriers.twilio.adapter import Twilio

carrier: Carrier = Twilio()
