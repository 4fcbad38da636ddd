"""The timing model of a site, out of the record; and into the snapshot, for the doors choose numbers by it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from callspring.calls.models import Call, TimingModel
from callspring.pools.expectations import expectations_of
from callspring.pools.timing import Timing
from callspring.sites.models import Site
from callspring.stores.snapshot.files import in_turn, publish, timing_file, withdraw
from callspring.stores.snapshot.published import PublishedTiming

log = logging.getLogger(__name__)
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


def publish_on_commit(site: int, version: int, known: Timing) -> None:
    """Tell the doors once this version of the site's model is in the record."""
    transaction.on_commit(partial(_publish, PublishedTiming(site, expectations_of(known)), version))


def publish_missing() -> None:
    """Publish what the doors were never told, as after the snapshot was lost, and withdraw what nobody learns any more.

    Done once when the back starts.
    """
    folder: Path = settings.CONFIG.snapshots
    kept = set()
    for model in TimingModel.objects.iterator():
        kept.add(path := timing_file(folder, model.site_id))
        if not path.exists() and (known := read(model.state)) is not None:
            _publish(PublishedTiming(model.site_id, expectations_of(known)), model.version)
    for path in set(folder.glob(timing_file(folder, 0).name.replace("0", "*"))) - kept:
        withdraw(path)


def _publish(item: PublishedTiming, version: int) -> None:
    """A newer version is published by whoever made it; what fails now, a full disk say, follows with the next one."""
    folder: Path = settings.CONFIG.snapshots
    try:
        with in_turn(folder):
            if TimingModel.objects.filter(site=item.id, version=version).exists():
                publish(folder, item)
    except OSError as error:
        log.warning("what was learnt of site %d could not be published (%s)", item.id, error)


def site_of(call: Call) -> int | None:
    """On which site the dialled number is shown. A scenario for all sites counts for the company's first."""
    if call.scenario is None:
        return None
    if call.scenario.site_id is not None:
        return call.scenario.site_id
    return Site.objects.filter(company=call.company_id).order_by("pk").values_list("pk", flat=True).first()
