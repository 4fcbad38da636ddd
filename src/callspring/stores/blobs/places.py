"""Where blobs lie. A place is written down with what is stored there, so that it is found after the setting changed.

`""` is the state folder; `s3://BUCKET/PREFIX` is S3, or what speaks like it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from callspring.config import Config, S3Access
from callspring.stores.blobs.files import FileBlobs
from callspring.stores.blobs.objects import ObjectBlobs
from callspring.stores.blobs.port import BlobStore

FILES = ""
_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]{1,150}))?")


class UnknownPlace(LookupError):
    """Nothing is kept at such a place."""


def store_at(place: str, config: Config) -> BlobStore:
    """The store at a place. Raises `UnknownPlace`."""
    if place == FILES:
        return FileBlobs(config.blobs)
    found = _S3.fullmatch(place)
    if found is None:
        raise UnknownPlace(place)
    return _bucket(found[1], (found[2] or "").strip("/"), config.s3)


@lru_cache(maxsize=8)
def _bucket(bucket: str, prefix: str, access: S3Access) -> ObjectBlobs:
    """One for all: it keeps its connections."""
    return ObjectBlobs(bucket, prefix, access)
