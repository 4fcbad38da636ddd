"""The sound of a recording, in the pieces that a player asks for."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.calls.jobs import fetch_again
from callspring.calls.models import Recording
from callspring.calls.queries import calls
from callspring.calls.queries import recording as find_recording
from callspring.calls.sounds import blobs_of
from callspring.console.guard import fragment, may
from callspring.console.request import CompanyRequest
from callspring.stores.blobs.port import BlobStore, NoSuchBlob

log = logging.getLogger(__name__)

CHUNK = 65_536
# Carriers name their recordings; a browser is told only names that it plays and that can be nothing else.
ENDINGS = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/webm": "webm",
}
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


@require_safe
@may(Verb.SEE_CALLS)
def recording(request: CompanyRequest, recording_id: UUID) -> HttpResponseBase:
    """The whole, or the one range that was asked for (RFC 9110, 14); 404 while there is no sound."""
    found = find_recording(request.company, recording_id)
    if found is None or found.state != Recording.State.STORED:
        raise Http404
    blobs = blobs_of(found)
    try:
        size = blobs.size(found.blob)
    except NoSuchBlob:
        raise Http404 from None
    except OSError as problem:
        log.warning("the sound of recording %s cannot be read: %s", found.pk, problem)
        return HttpResponse(_("The place where recordings are kept cannot be reached just now."), status=503)
    asked = _asked(request, found, size)
    if asked and asked[0] > asked[1]:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = asked or (0, size - 1)
    sound = _read(blobs, found.blob, first, last) if request.method == "GET" else ()
    headers = _headers(found, download="download" in request.GET)
    response = StreamingHttpResponse(sound, status=206 if asked else 200, headers=headers)
    response.headers["Content-Length"] = str(last - first + 1)
    if asked:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _asked(request: CompanyRequest, found: Recording, size: int) -> tuple[int, int] | None:
    """The range that counts: of a GET, and of the recording that the browser has the beginning of."""
    if request.method != "GET" or request.headers.get("If-Range", _tag(found)) != _tag(found):
        return None
    return span(request.headers.get("Range", ""), size)


@require_POST
@may(Verb.ACT_IN_INBOX)
def fetch_recording_again(request: CompanyRequest, recording_id: UUID) -> HttpResponse:
    """Look for one again that could not be fetched."""
    found = find_recording(request.company, recording_id)
    if found is None:
        raise Http404
    if fetch_again(found):
        messages.success(request, _("The recording is being fetched again."))
    if fragment(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    if calls(request.company).filter(pk=found.call).exists():
        return redirect("console:call", found.call)
    return redirect("console:inbox")


def _headers(found: Recording, *, download: bool) -> dict[str, str]:
    ending = ENDINGS.get(found.content_type)
    name = f"{found.kind}-{found.recorded_at:%Y-%m-%d-%H%M}.{ending or 'bin'}"
    return {
        "Content-Type": found.content_type if ending else "application/octet-stream",
        # What we do not know is saved and not shown.
        "Content-Disposition": f'{"inline" if ending and not download else "attachment"}; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": _tag(found),
    }


def span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the one range in a Range header; first > last where none of it is there.

    None when there is no header, or one that we may ignore: several ranges, other units, nonsense.
    """
    found = _RANGE.fullmatch(asked.strip())
    if not found or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (1, 0)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        return (1, 0)
    return int(first), min(int(last) if last else size - 1, size - 1)


def _read(blobs: BlobStore, key: str, first: int, last: int) -> Iterator[bytes]:
    left = last - first + 1
    with blobs.open(key) as file:
        file.seek(first)
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _tag(found: Recording) -> str:
    """A recording's sound never changes once it is stored."""
    return f'"{found.pk.hex}"'
