"""What is told of an account at any carrier in the same words."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from callspring.calls.models import Recording
from callspring.ids import new_id
from callspring.jobs.actions import enqueue
from callspring.jobs.run import run_due
from callspring.numbers.models import Connection
from callspring.stores.blobs.files import FileBlobs
from tests.stories import Story


class AtCarrierStory(Story):
    """`account` is the carrier's stand-in: it can `record` a sound, and has what is left in `recordings`."""

    account: Any

    def connect(self) -> Connection:
        """The company's account there, connected."""
        raise NotImplementedError

    def is_fetched_whole_and_then_deleted_there(self) -> None:
        """A voicemail that lies at the carrier is brought here."""
        connection, sound = self.connect(), b"ID3" + bytes(range(256)) * 40
        name = self.account.record(sound)
        about = {"call": uuid4(), "kind": "voicemail", "carrier_recording_id": name, "recorded_at": timezone.now()}
        kept = Recording.objects.create(id=UUID(new_id()), company=self.company, connection=connection, **about)
        enqueue("calls.fetch_recording", {"recording": str(kept.pk)}, key=f"fetch:{kept.pk}")
        run_due(1000)
        kept.refresh_from_db()
        assert (kept.state, kept.content_type) == ("stored", "audio/mpeg")
        with FileBlobs(settings.CONFIG.blobs).open(kept.blob) as file:
            assert file.read() == sound
        assert kept.deleted_at_carrier
        assert self.account.recordings == {}
