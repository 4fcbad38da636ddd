"""Invented history goes through the real doors at a simulated clock, and the record holds what was lived."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from callspring.calls.models import Call, Credit
from callspring.demo.history import SPOOL, live_history
from callspring.demo.seed import ZONE, seed
from callspring.ingest.models import Rejected
from callspring.ingest.run import Ingester
from callspring.scenarios.publishing import publish_all
from callspring.visits.models import Show, Visit

pytestmark = pytest.mark.django_db


def test_what_was_lived_is_in_the_record() -> None:
    company = seed().company
    publish_all()
    now = time.time()
    visits, calls = live_history(settings.CONFIG, company.key, ZONE, days=3, now=now)
    ingester = Ingester(settings.CONFIG.spools)
    while ingester.step(now):
        pass
    ingester.step(now + 31)
    mine = Visit.objects.filter(company=company)
    assert visits > 50
    assert calls > 0
    assert mine.count() >= visits
    assert Call.objects.filter(company=company).count() == calls
    assert not Rejected.objects.filter(spool=SPOOL).exists()
    oldest = mine.earliest("started_at").started_at
    assert timezone.now() - timedelta(days=4) < oldest < timezone.now() - timedelta(days=1)
    assert not Credit.objects.filter(company=company, current=True, stage="provisional").exists()
    assert Show.objects.filter(company=company, dynamic=True, shown_at__isnull=False).exists()
