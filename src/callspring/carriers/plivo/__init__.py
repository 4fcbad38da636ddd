"""Plivo: form webhooks signed with the auth token, answered with Plivo XML."""

from __future__ import annotations

from callspring.carriers.contract import Carrier
from callspring.carriers.plivo.adapter import Plivo

carrier: Carrier = Plivo()
