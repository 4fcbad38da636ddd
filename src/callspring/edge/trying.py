"""Somebody tries which number a source would get (W9): shown, counted nowhere, and no number is taken for it."""

from __future__ import annotations

from callspring.edge.arrival import Arrival
from callspring.edge.door import EdgeDoor
from callspring.edge.page_choice import decide_for_page
from callspring.edge.protocol import AnonymousAnswer, encode
from callspring.scenarios.conditions import Facts
from callspring.visits.pretending import pretend


async def show_as(door: EdgeDoor, a: Arrival) -> bytes:
    """The answer that a new visitor of the wanted source would get. Of a pool it shows the next number in line."""
    site, touch = a.site, pretend(a.request.url, a.site.own_hosts)
    facts = Facts(touch.source, touch.referrer_host, touch.path, touch.parameters, a.location)
    swaps = []
    for decision in decide_for_page(a, site.claims, facts, {}):
        number = decision.number
        if decision.rule.dynamic:
            number = await door.leases.peek(site.pools[decision.scenario.id], a.now)
        if number:
            swaps.append(site.swap(decision, number))
    return encode(AnonymousAnswer(swaps, test=True))
