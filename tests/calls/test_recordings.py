"""A recording's way from the carrier to us: whole, checked, and deleted there only then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from callspring.calls import jobs, retention
from callspring.calls.models import Recording
from callspring.calls.queries import recording as find_recording
from callspring.calls.sounds import blobs_at, blobs_of, is_there
from callspring.carriers import registry as carriers
from callspring.carriers.api import CarrierProblem, Credentials, Denied, Refused, Sound, Unreachable
from callspring.carriers.sandbox.recordings import Recordings
from callspring.ids import new_id
from callspring.jobs.actions import enqueue
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.models import Connection
from callspring.stores.blobs.files import FileBlobs
from callspring.stores.blobs.port import NoSuchBlob
from tests.stores.s3_server import S3Server
from tests.stories import Story

WAV = b"RIFF" + bytes(range(256)) * 50


class RecordingStory(Story):
    """Alice's company with a voicemail that the sandbox carrier keeps."""

    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(settings.CONFIG.blobs, ignore_errors=True)
        self.blobs = FileBlobs(settings.CONFIG.blobs)
        self.carrier = Recordings(settings.CONFIG.sandbox_books)

    def recorded(self, at: datetime | None = None, sound: bytes = WAV, **changes: Any) -> Recording:
        connection = Connection.objects.get(company=self.company)
        name = f"rec_{uuid4().hex}"
        self.carrier.keep(connection.account, name, sound)
        settled: dict[str, Any] = {
            "id": UUID(new_id()),
            "call": uuid4(),
            "kind": "voicemail",
            "carrier_recording_id": name,
            "duration": 7,
            "recorded_at": at or timezone.now() - timedelta(hours=1),
        }
        return Recording.objects.create(company=self.company, connection=connection, **(settled | changes))

    def fetch(self, recording: Recording, *, most: int = 1000) -> Recording:
        """Have it fetched, and do what is due."""
        payload = {"recording": str(recording.pk)}
        enqueue("calls.fetch_recording", payload, key=f"fetch:{recording.pk}")
        run_due(most)
        recording.refresh_from_db()
        return recording

    def is_at_carrier(self, recording: Recording) -> bool:
        try:
            self.carrier.open(recording.connection.account, recording.carrier_recording_id).close()
        except FileNotFoundError:
            return False
        return True


class Fetching(RecordingStory):
    def test_it_is_stored_and_then_deleted_at_the_carrier(self) -> None:
        recording = self.fetch(self.recorded(), most=1)
        assert (recording.state, recording.content_type) == ("stored", "audio/wav")
        with self.blobs.open(recording.blob) as file:
            assert file.read() == WAV
        assert self.is_at_carrier(recording), "its deletion is a job of its own"
        assert run_due() == 1
        recording.refresh_from_db()
        assert recording.deleted_at_carrier
        assert not self.is_at_carrier(recording)
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}

    def test_both_may_run_twice(self) -> None:
        recording = self.fetch(self.recorded())
        deleted_at = recording.deleted_at_carrier
        payload = {"recording": str(recording.pk)}
        jobs.fetch_recording(payload)
        jobs.delete_at_carrier(payload)
        recording.refresh_from_db()
        assert (recording.state, recording.deleted_at_carrier) == ("stored", deleted_at)
        with self.blobs.open(recording.blob) as file:
            assert file.read() == WAV

    def test_a_fetch_that_died_before_it_was_written_down_is_done_again(self) -> None:
        recording = self.recorded()
        with mock.patch.object(jobs, "_stored", side_effect=ConnectionError):
            self.fetch(recording)
        Job.objects.update(run_at=timezone.now())
        run_due()
        recording.refresh_from_db()
        assert recording.state == "stored"
        assert recording.deleted_at_carrier

    def test_one_that_the_carrier_does_not_have_is_lost_and_a_new_one_is_awaited(self) -> None:
        gone = self.fetch(self.recorded(carrier_recording_id="sbr_" + "0" * 24))
        new = self.fetch(self.recorded(at=timezone.now(), carrier_recording_id="sbr_" + "1" * 24))
        assert (gone.state, gone.blob) == ("lost", "")
        assert new.state == "waiting"
        assert Job.objects.get(state="queued").attempts == 0

    def test_one_that_turns_up_after_all_is_stored(self) -> None:
        recording = self.fetch(self.recorded(state="lost"))
        assert recording.state == "stored"
        nothing = self.fetch(self.recorded(state="absent"))
        assert (nothing.state, self.is_at_carrier(nothing)) == ("absent", True)

    def test_a_carrier_that_cannot_be_asked_is_given_up(self) -> None:
        recording = self.recorded()
        Connection.objects.filter(pk=recording.connection_id).update(carrier="nobody")
        self.fetch(recording)
        assert Job.objects.get().state == "failed"
        assert "cannot be asked from here" in Job.objects.get().error
        recording.refresh_from_db()
        assert (recording.state, recording.problem) == ("failed", "Recordings cannot be fetched from this carrier.")

    def test_an_outsider_finds_none(self) -> None:
        recording = self.recorded()
        assert find_recording(self.company, recording.pk) == recording
        assert find_recording(self.elsewhere, recording.pk) is None

    def test_without_a_copy_nothing_is_deleted(self) -> None:
        never = self.recorded()
        lost_here = self.fetch(self.recorded(), most=1)
        self.blobs.delete(lost_here.blob)
        for recording in (never, lost_here):
            enqueue("calls.delete_recording_at_carrier", {"recording": str(recording.pk)})
        run_due()
        for recording in (never, lost_here):
            recording.refresh_from_db()
            assert recording.deleted_at_carrier is None
            assert self.is_at_carrier(recording)

    def test_with_another_copy_nothing_is_deleted_either(self) -> None:
        recording = self.fetch(self.recorded(), most=1)
        self.blobs.put(recording.blob, [WAV[:-1] + b"?"])
        run_due()
        recording.refresh_from_db()
        assert recording.deleted_at_carrier is None
        assert self.is_at_carrier(recording)

    def test_one_of_a_company_that_is_gone_is_given_up(self) -> None:
        enqueue("calls.fetch_recording", {"recording": str(uuid4())})
        run_due()
        assert "not in the record" in Job.objects.get().error


class OddCarrier:
    """A carrier that sends what no real one should, or raises `problem`."""

    def __init__(self, chunks: list[bytes], content_type: str, problem: CarrierProblem | None = None) -> None:
        self.chunks, self.content_type, self.problem = chunks, content_type, problem

    @contextmanager
    def fetch_recording(self, _credentials: Credentials, _recording: str) -> Iterator[Sound]:
        if self.problem:
            raise self.problem
        yield Sound(self.content_type, iter(self.chunks))


class OddCarriers(RecordingStory):
    def odd(
        self,
        chunks: list[bytes],
        content_type: str = "audio/mpeg",
        problem: CarrierProblem | None = None,
        **changes: Any,
    ) -> tuple[Recording, Job]:
        with mock.patch.object(carriers, "api", return_value=OddCarrier(chunks, content_type, problem)):
            recording = self.fetch(self.recorded(**changes))
        return recording, Job.objects.get(key=f"fetch:{recording.pk}")

    def nothing_is_stored(self, recording: Recording, state: str = "waiting") -> None:
        assert (recording.state, recording.blob) == (state, "")
        with pytest.raises(NoSuchBlob):
            self.blobs.size(f"recordings/{self.company.pk}/{recording.pk}")

    def test_a_media_type_is_taken_without_its_parameters(self) -> None:
        recording, _ = self.odd([b"ID3", b"..."], "Audio/MPEG; rate=8000")
        assert (recording.state, recording.content_type) == ("stored", "audio/mpeg")

    def test_what_is_no_sound_is_not_stored(self) -> None:
        for content_type in ("text/html", "", "audio/", "audio/x\r\nset-cookie: a=b", "audio/<script>"):
            recording, job = self.odd([b"<html>"], content_type)
            self.nothing_is_stored(recording)
            assert (job.state, job.attempts) == ("queued", 1), "it may be the carrier's bad day"

    def test_an_empty_one_is_asked_for_again(self) -> None:
        recording, job = self.odd([b""])
        assert (recording.state, job.state, job.attempts) == ("waiting", "queued", 1)
        assert "0 bytes" in job.error

    def test_one_that_is_too_long_is_not_stored(self) -> None:
        with override_settings(CONFIG=replace(settings.CONFIG, largest_recording=10)):
            recording, job = self.odd([b"12345", b"678901"])
        self.nothing_is_stored(recording, "failed")
        assert (job.state, job.error) == ("failed", "longer than 10 bytes; it stays at the carrier")
        assert recording.problem == "It is longer than 0 MB, the most that is fetched here."
        assert self.is_at_carrier(recording)

    def test_after_the_bound_was_raised_it_is_fetched_again(self) -> None:
        with override_settings(CONFIG=replace(settings.CONFIG, largest_recording=10)):
            recording, _ = self.odd([b"12345", b"678901"])
        assert jobs.fetch_again(recording)
        assert not jobs.fetch_again(recording), "it is under way"
        run_due()
        recording.refresh_from_db()
        assert (recording.state, recording.problem) == ("stored", "")

    def test_a_carrier_that_breaks_off_is_asked_again(self) -> None:
        recording, job = self.odd([], problem=Unreachable("Twilio cannot be reached."))
        self.nothing_is_stored(recording)
        assert (job.state, job.attempts) == ("queued", 1)
        recording, job = self.odd([], problem=Unreachable("Too many requests.", retry_after=40))
        assert (job.state, job.attempts) == ("queued", 0)
        assert 35 < (job.run_at - timezone.now()).total_seconds() < 41

    def test_credentials_that_were_changed_can_be_mended_within_a_month(self) -> None:
        problem = Denied("Twilio does not know these credentials.")
        recording, job = self.odd([], problem=problem)
        assert (recording.state, job.state, job.attempts) == ("waiting", "queued", 0)
        recording, job = self.odd([], problem=problem, at=timezone.now() - timedelta(days=31))
        assert (recording.state, job.state, job.error) == ("failed", "failed", str(problem))
        assert recording.problem == str(problem)

    def test_a_refusal_is_believed_of_an_old_one(self) -> None:
        recording, job = self.odd([], problem=Refused("Twilio has nothing under this name."))
        assert (recording.state, job.state) == ("lost", "done")


class Kept(RecordingStory):
    """For how long recordings are kept, and what goes with their time."""

    def test_the_sound_goes_and_the_rest_stays(self) -> None:
        old, young = (self.fetch(self.recorded(at=timezone.now() - timedelta(days=days))) for days in (31, 29))
        retention.set_keep_days(self.company, 30)
        retention.set_keep_days(self.elsewhere, 1)
        assert retention.delete_old(timezone.now()) == 1
        assert retention.delete_old(timezone.now()) == 0
        for recording in (old, young):
            recording.refresh_from_db()
        assert (old.state, old.blob, young.state) == ("deleted", "", "stored")
        assert old.deleted_at
        with pytest.raises(NoSuchBlob):
            self.blobs.size(f"recordings/{self.company.pk}/{old.pk}")

    def test_it_is_not_fetched_again_afterwards(self) -> None:
        old = self.fetch(self.recorded(at=timezone.now() - timedelta(days=31)))
        retention.set_keep_days(self.company, 30)
        enqueue("calls.care_for_recordings", {})
        run_due()
        assert self.fetch(old).state == "deleted"
        assert not jobs.fetch_again(old)

    def test_what_is_still_at_the_carrier_goes_there_too(self) -> None:
        old = self.fetch(self.recorded(at=timezone.now() - timedelta(days=31)), most=1)
        Job.objects.filter(kind="calls.delete_recording_at_carrier").delete()
        retention.set_keep_days(self.company, 30)
        retention.delete_old(timezone.now())
        assert self.is_at_carrier(old)
        run_due()
        assert not self.is_at_carrier(old)

    def test_for_ever_is_for_ever(self) -> None:
        old = self.fetch(self.recorded(at=timezone.now() - timedelta(days=9_999)))
        retention.set_keep_days(self.company, 30)
        retention.set_keep_days(self.company, None)
        assert (retention.delete_old(timezone.now()), retention.keep_days(self.company)) == (0, None)
        assert self.fetch(old).state == "stored"

    def test_what_never_came_does_not_wait_for_ever(self) -> None:
        waiting, young = (self.recorded(at=timezone.now() - timedelta(days=days)) for days in (32, 30))
        enqueue("calls.care_for_recordings", {})
        run_due()
        for recording in (waiting, young):
            recording.refresh_from_db()
        assert (waiting.state, young.state) == ("failed", "waiting")
        assert "for a month" in waiting.problem


class InS3(RecordingStory):
    """Kept in a real server that speaks S3, on loopback."""

    server: ClassVar[S3Server]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server = S3Server()
        cls.addClassCleanup(cls.server.stop)

    def config(self, **changes: Any) -> override_settings:
        config = replace(settings.CONFIG, s3=self.server.access, **changes)
        return override_settings(CONFIG=config)

    def test_they_go_there_and_old_ones_stay_readable_where_they_are(self) -> None:
        before = self.fetch(self.recorded())
        with self.config(recordings=f"s3://{self.server.bucket}/sounds"):
            there = self.fetch(self.recorded())
            assert (there.state, there.store) == ("stored", f"s3://{self.server.bucket}/sounds")
            assert (there.size, there.deleted_at_carrier is not None) == (len(WAV), True)
            assert (is_there(before), is_there(there)) == (True, True)
        with self.config():
            assert is_there(there), "switched back to files, what lies in S3 is still read there"
            with blobs_of(there).open(there.blob) as file:
                file.seek(4)
                assert file.read(6) == WAV[4:10]
        with pytest.raises(NoSuchBlob):
            self.blobs.size(there.blob)

    def test_nothing_is_deleted_at_the_carrier_while_the_store_is_away(self) -> None:
        away = replace(self.server.access, endpoint="http://127.0.0.1:9")
        with override_settings(CONFIG=replace(settings.CONFIG, s3=away, recordings="s3://nowhere")):
            recording = self.fetch(self.recorded())
        assert recording.state == "waiting"
        assert self.is_at_carrier(recording)
        assert Job.objects.get().state == "queued"
        with self.config(recordings=f"s3://{self.server.bucket}"):
            Job.objects.update(run_at=timezone.now())
            run_due()
        recording.refresh_from_db()
        assert recording.state == "stored"

    def test_its_time_ends_there_too(self) -> None:
        with self.config(recordings=f"s3://{self.server.bucket}"):
            old = self.fetch(self.recorded(at=timezone.now() - timedelta(days=31)))
            key = old.blob
            retention.set_keep_days(self.company, 30)
            assert retention.delete_old(timezone.now()) == 1
            with pytest.raises(NoSuchBlob):
                blobs_at(f"s3://{self.server.bucket}").size(key)
