"""A visit goes on on another domain of the company (W5): the link brings the token, for browsers share no cookie there.

A link can be copied and sent to somebody else, who is then not to be taken for the same visitor. So a token is taken
from a link only while its visitor is active on the page they come from (beats come every half minute, the last one with
the click), and once for each domain.
"""

from __future__ import annotations

import re

from callspring.edge.arrival import Arrival
from callspring.edge.door import EdgeDoor
from callspring.edge.live_visits import CARRIED_AGE
from callspring.edge.token import Token

ACTIVE_SECONDS = 120.0
CARRIES = "callspring_from="
_CARRIED = re.compile(rf"[?&]{CARRIES}([^&#]+)")


def carried_token(door: EdgeDoor, a: Arrival) -> Token | None:
    """The token that the link brought: ours, of this company, of a page elsewhere, fresh, and not used before."""
    found = _CARRIED.search(a.request.url)
    token = door.seal.read(found[1], a.company) if found else None
    if token is None or a.host not in a.site.others:
        return None
    seen = max(token.seen, door.live.last_activity(token.visit))
    if abs(a.now - seen) > ACTIVE_SECONDS or a.now - token.seen > CARRIED_AGE:
        return None
    return token if door.carried.is_first(token.visit, a.host, a.now) else None
