"""How much anybody may send in one go, whatever the form: the rest is not even read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

MOST = 20_000_000  # bytes of a whole request; each form has a smaller measure of its own


class Measured(FileUploadHandler):
    """Refuses a request that is too long, by what it says of itself and by what really comes."""

    read = 0

    def handle_raw_input(self, _input: Any, _meta: Any, content_length: int, *_rest: Any) -> None:
        """By what it says."""
        if content_length > MOST:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - as Django calls it
        """By what comes."""
        self.read += len(raw_data)
        if self.read > MOST:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""
