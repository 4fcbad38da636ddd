"""What `callspring run` prints once everything answers."""

from __future__ import annotations

from callspring.config import Config
from callspring.demo.seed import Seeded, sign_in_address


def welcome(config: Config, seeded: Seeded) -> str:
    """Where everything is, and three things to try. The sign-in link works once, for an hour."""
    mails = f"{config.shop_url}/mail" if config.smtp is None else f"sent through {config.smtp.host}"
    return f"""
Callspring is running.

  Console    {sign_in_address(seeded)}
             (signs you in as {seeded.owner.email}, once; afterwards {config.console_url})
  Demo shop  {config.shop_url}/arrive
  Mails      {mails}
  API        {config.console_url}/api/v1/docs   key: {seeded.api_key}

Three things to try:

  1. Open {config.shop_url}/arrive and arrive from Google, as somebody new, then from the Facebook ad,
     as somebody new again: the shop shows each of these two visitors a number of its own. (Who stays the same
     visitor keeps the number that the first arrival gave.)
  2. Dial that number with the sandbox phone, {config.shop_url}/phone, pick up on the business's side,
     and watch the call appear in the console, credited to the visit it came from.
  3. Put the line from Settings → Integrations on a page of your own, and add its host there.

Ctrl-C stops everything; what happened is kept in {config.var}.
"""
