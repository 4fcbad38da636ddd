"""Blobs in S3: the contract, and what is special to a remote store."""

from __future__ import annotations

from typing import ClassVar

import pytest

from callspring.config import S3Access, load
from callspring.stores.blobs.objects import ObjectBlobs
from callspring.stores.blobs.places import UnknownPlace, store_at
from callspring.stores.blobs.port import BlobStore
from tests.stores.blob_contract import KEY, BlobContract
from tests.stores.s3_server import S3Server


class TestObjects(BlobContract):
    server: ClassVar[S3Server]
    made = 0

    @classmethod
    def setup_class(cls) -> None:
        cls.server = S3Server()

    @classmethod
    def teardown_class(cls) -> None:
        cls.server.stop()

    def setup_method(self) -> None:
        self.store = self.make()

    def make(self) -> BlobStore:
        TestObjects.made += 1
        return ObjectBlobs(self.server.bucket, f"tests/{TestObjects.made}", self.server.access)

    def test_a_second_put_replaces_the_first(self) -> None:
        self.store.put(KEY, [b"long ago"])
        self.store.put(KEY, [b"now"])
        assert self.read() == b"now"

    def test_one_of_several_parts(self) -> None:
        piece = bytes(range(256)) * 4096
        assert self.store.put(KEY, [piece] * 14) == 14 * len(piece)
        with self.store.open(KEY) as file:
            file.seek(13 * len(piece) + 7)
            assert file.read(3) == b"\x07\x08\x09"
            assert file.seek(0, 2) == 14 * len(piece)


def test_a_store_that_is_away_says_so_in_the_words_of_files() -> None:
    store = ObjectBlobs("nowhere", "", S3Access("http://127.0.0.1:9", key="key", secret="secret"))
    for ask in (lambda: store.put(KEY, [b"x"]), lambda: store.size(KEY), lambda: store.delete(KEY)):
        with pytest.raises(OSError, match="S3"):
            ask()


def test_only_known_places_are_stores() -> None:
    for place in ("s3://", "http://example.com", "s3://a", "/tmp", "s3://bucket/a b"):
        with pytest.raises(UnknownPlace):
            store_at(place, load({}))
