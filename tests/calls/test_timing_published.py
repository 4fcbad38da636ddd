"""What a site's calls have taught is in the snapshot as soon as it is in the record, for this site alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from callspring.calls import learning, timing
from callspring.calls.models import TimingModel
from callspring.edge.site import ReadySite
from callspring.pools.expectations import expectations_of
from callspring.scenarios.publishing import publish_all
from callspring.stores.snapshot.files import timing_file
from callspring.stores.snapshot.published import timing_decoder
from callspring.stores.snapshot.reader import Snapshot
from tests.calls.credit_story import CreditStory, after


class TimingPublished(CreditStory):
    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(settings.CONFIG.snapshots, ignore_errors=True)
        publish_all()
        self.door = Snapshot(settings.CONFIG.snapshots, ReadySite, ReadySite.take_timing)

    def learns(self) -> None:
        self.sees(after(-200), seconds=100)
        self.calls_in(after())
        with self.captureOnCommitCallbacks(execute=True):
            assert learning.learn_all() == 1

    def expected_at_the_door(self) -> float | None:
        """Later calls of a visit of a minute, as the door has it; None where it knows of nothing learnt."""
        self.door.refresh()
        ready = self.door.site(self.company.pk, self.site().pk)
        assert ready is not None
        (pool,) = ready.pools.values()
        return None if pool.timing is None else pool.timing.later(60)

    def file(self) -> Path:
        return timing_file(settings.CONFIG.snapshots, self.site().pk)

    def test_a_door_chooses_by_what_was_just_learnt(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            self.scenario.enabled = True
            self.scenario.save()
        publish_all()
        assert self.expected_at_the_door() is None
        self.learns()
        known = timing.of_site(self.site().pk).later(60)
        assert self.expected_at_the_door() == pytest.approx(known, rel=0.01)
        assert not timing_file(settings.CONFIG.snapshots, self.site(self.elsewhere).pk).exists()

    def test_it_stays_when_all_is_published_anew_and_comes_back_when_it_was_lost(self) -> None:
        self.learns()
        said = self.file().read_bytes()
        publish_all()
        assert self.file().read_bytes() == said
        self.file().unlink()
        stray = timing_file(settings.CONFIG.snapshots, 10**9)
        stray.write_bytes(said)
        timing.publish_missing()
        again, before = (timing_decoder.decode(each).expectations for each in (self.file().read_bytes(), said))
        assert again.later == pytest.approx(before.later, rel=0.02)
        assert not stray.exists()

    def test_what_is_no_more_in_the_record_is_not_published(self) -> None:
        """Two learn, and who was first publishes last."""
        self.learns()
        said = self.file().read_bytes()
        model = TimingModel.objects.get(site=self.site())
        with self.captureOnCommitCallbacks(execute=True):
            timing.publish_on_commit(self.site().pk, model.version - 1, timing.PRIOR)
        assert self.file().read_bytes() == said
        assert expectations_of(timing.PRIOR) != expectations_of(timing.of_site(self.site().pk))
