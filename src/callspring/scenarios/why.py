"""What the rules looked at when a recorded visit was shown its numbers; for `callspring.scenarios.explaining`."""

from __future__ import annotations

from callspring.scenarios.conditions import Facts
from callspring.scenarios.hosts import own_hosts
from callspring.visits.models import Visit
from callspring.visits.sources import classify
from callspring.visits.touch import Source

PARTS = ("source", "medium", "campaign", "keyword", "channel")


def facts_of_visit(visit: Visit) -> Facts:
    """The facts as a door had them on the visit's first page.

    Landing page and referrer are those of the stored arrival: of the visitor's first visit that brought the stored
    source, not of this one.
    """
    stored = Source(**{name: str(visit.stored_source.get(name, "")) for name in PARTS})
    first = _stored_arrival(visit, stored)
    hosts = own_hosts(visit.site)
    arrived = classify(first.landing_url, first.referrer, hosts)
    parameters = classify(visit.landing_url, "", hosts).parameters
    referrer = "" if arrived.referrer_is_own else arrived.referrer_host
    return Facts(stored, referrer, arrived.path, parameters, (visit.country, visit.region, visit.city))


def _stored_arrival(visit: Visit, stored: Source) -> Visit:
    visits = Visit.objects.filter(
        company=visit.company_id, site=visit.site_id, visitor=visit.visitor, started_at__lte=visit.started_at
    )
    same = visits.filter(source=stored.source, medium=stored.medium, campaign=stored.campaign, channel=stored.channel)
    return same.order_by("started_at").first() or visit
