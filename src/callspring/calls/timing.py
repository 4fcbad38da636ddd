"""The timing model of a site, out of the record."""

from __future__ import annotations

from collections import OrderedDict

from callspring.calls.models import Call, TimingModel
from callspring.pools.timing import Timing
from callspring.sites.models import Site

PRIOR = Timing()
KEPT = 200
_known: OrderedDict[int, tuple[int, Timing]] = OrderedDict()


def of_site(site: int | None) -> Timing:
    """What is learnt of one site; the prior where that is nothing. To be read only: it is shared."""
    found = TimingModel.objects.filter(site=site).values_list("version", flat=True).first() if site else None
    if site is None or found is None:
        return PRIOR
    known = _known.get(site)
    if known is None or known[0] != found:
        known = _load(site)
        _known[site] = known
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return known[1]


def _load(site: int) -> tuple[int, Timing]:
    model = TimingModel.objects.filter(site=site).first()
    return (model.version, read(model.state) or PRIOR) if model else (0, PRIOR)


def read(state: dict[str, object]) -> Timing | None:
    """The model as stored; None for nothing, and for what another version of the program stored."""
    try:
        return Timing.from_dict(state) if state else None
    except (ValueError, KeyError):
        return None


def site_of(call: Call) -> int | None:
    """On which site the dialled number is shown. A scenario for all sites counts for the company's first."""
    if call.scenario is None:
        return None
    if call.scenario.site_id is not None:
        return call.scenario.site_id
    return Site.objects.filter(company=call.company_id).order_by("pk").values_list("pk", flat=True).first()
