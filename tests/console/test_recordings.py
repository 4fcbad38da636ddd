"""Listening to a recording: whole and in ranges, and only in one's own company."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.models import Recording
from callspring.console.views.recordings import ENDINGS, span
from tests.calls.test_recordings import WAV, RecordingStory

SIZE = len(WAV)


class Listening(RecordingStory):
    def setUp(self) -> None:
        super().setUp()
        self.recording = self.fetch(self.recorded())
        self.client.force_login(self.bob)

    def ask(self, method: str = "get", recording: Recording | None = None, **headers: str) -> Any:
        address = f"/recordings/{(recording or self.recording).pk}/"
        return getattr(self.client, method)(
            address, headers={name.replace("_", "-"): headers[name] for name in headers}
        )

    def test_the_whole(self) -> None:
        response = self.ask()
        assert (response.status_code, b"".join(response.streaming_content)) == (200, WAV)
        assert {name: response.headers[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges")} == {
            "Content-Type": "audio/wav",
            "Content-Length": str(SIZE),
            "Accept-Ranges": "bytes",
        }
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith('inline; filename="voicemail-')
        assert response.headers["Cache-Control"] == "no-store, private"

    def test_a_range(self) -> None:
        for asked, first, last in (
            ("0-", 0, SIZE - 1),
            ("4-7", 4, 7),
            ("-3", SIZE - 3, SIZE - 1),
            ("9-999999", 9, SIZE - 1),
        ):
            response = self.ask(Range=f"bytes={asked}")
            assert (response.status_code, response.headers["Content-Range"]) == (206, f"bytes {first}-{last}/{SIZE}")
            assert b"".join(response.streaming_content) == WAV[first : last + 1]
            assert response.headers["Content-Length"] == str(last + 1 - first)

    def test_a_range_that_is_not_there(self) -> None:
        response = self.ask(Range=f"bytes={SIZE}-")
        assert (response.status_code, response.headers["Content-Range"]) == (416, f"bytes */{SIZE}")

    def test_what_is_ignored(self) -> None:
        for asked in ("bytes=0-1,5-6", "seconds=0-1", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1;", "bytes=٣-٤"):
            assert self.ask(Range=asked).status_code == 200, asked
        tag = self.ask().headers["ETag"]
        assert self.ask(Range="bytes=0-1", If_Range=tag).status_code == 206
        assert self.ask(Range="bytes=0-1", If_Range='"other"').status_code == 200

    def test_head_has_no_body(self) -> None:
        response = self.ask("head")
        assert (response.status_code, b"".join(response.streaming_content)) == (200, b"")
        assert response.headers["Content-Length"] == str(SIZE)

    def test_only_a_company_that_it_belongs_to_hears_it(self) -> None:
        self.client.force_login(self.charlie)
        for recording in (self.recording, Recording(pk=uuid4())):
            response: HttpResponse = self.ask(recording=recording, Range="bytes=0-3")
            assert response.status_code == 404
            assert b"RIFF" not in response.content
        stranger = Client().get(f"/recordings/{self.recording.pk}/")
        assert (stranger.status_code, stranger.headers["Location"].partition("?")[0]) == (302, "/sign-in/")
        assert self.ask("post").status_code == 405

    def test_what_is_not_here_is_not_found(self) -> None:
        for state in ("waiting", "absent", "lost"):
            assert self.ask(recording=self.recorded(state=state)).status_code == 404
        self.blobs.delete(self.recording.blob)
        assert self.ask().status_code == 404

    def test_an_unknown_media_type_is_saved_and_not_shown(self) -> None:
        for content_type in ("audio/x-unknown", "text/html", ""):
            Recording.objects.update(content_type=content_type)
            response = self.ask()
            assert response.headers["Content-Type"] == "application/octet-stream"
            assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert all(name.startswith("audio/") for name in ENDINGS)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
def test_a_range_lies_within_the_recording(first: int, last: int, size: int) -> None:
    found = span(f"bytes={first}-{last}", size)
    if last < first:
        assert found is None
    elif first >= size:
        assert found == (1, 0)
    else:
        assert found == (first, min(last, size - 1))


@pytest.mark.parametrize(("asked", "found"), [("bytes=-0", (1, 0)), ("bytes=-99", (0, 9)), ("", None)])
def test_the_edges_of_ranges(asked: str, found: tuple[int, int] | None) -> None:
    assert span(asked, 10) == found
