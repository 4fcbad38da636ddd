"""What every blob store must do, told once. `BlobContract` has the examples; a subclass gives `make`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.stores.blobs.port import BlobStore, NoSuchBlob, checked

KEY = "recordings/7/0197a0aa-0000-7000-8000-000000000001"
NOT_KEYS = (
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a.wav",
    "A",
    "a b",
    "a\\b",
    "a\0",
    "a\n",
    "%2e%2e",
    "é",
    "a" * 101,
)


class BlobContract:
    """pytest makes an instance, and so a store, for each example."""

    store: BlobStore

    def make(self) -> BlobStore:
        """An empty store."""
        raise NotImplementedError

    def read(self, key: str = KEY) -> bytes:
        with self.store.open(key) as file:
            return file.read()

    def test_what_was_put_is_read(self) -> None:
        assert self.store.put(KEY, iter([b"RIFF", b"", b"\x00\xff"])) == 6
        assert self.read() == b"RIFF\x00\xff"
        assert self.store.size(KEY) == 6

    def test_it_can_be_read_from_any_place(self) -> None:
        self.store.put(KEY, [b"0123456789"])
        with self.store.open(KEY) as file:
            file.seek(4)
            assert file.read(3) == b"456"

    def test_a_second_put_replaces_the_first(self) -> None:
        self.store.put(KEY, [b"long ago"])
        with self.store.open(KEY) as reader:
            self.store.put(KEY, [b"now"])
            assert reader.read() == b"long ago", "who is reading goes on reading the old one"
        assert self.read() == b"now"

    def test_a_put_that_fails_changes_nothing(self) -> None:
        def breaks() -> Iterator[bytes]:
            yield b"half"
            raise ConnectionError

        for before in (None, b"whole"):
            if before:
                self.store.put(KEY, [before])
            with pytest.raises(ConnectionError):
                self.store.put(KEY, breaks())
            if before:
                assert self.read() == before
            else:
                with pytest.raises(NoSuchBlob):
                    self.store.open(KEY)

    def test_nothing_is_there_until_it_is_whole(self) -> None:
        def watches() -> Iterator[bytes]:
            yield b"a"
            with pytest.raises(NoSuchBlob):
                self.store.size(KEY)
            yield b"b"

        assert self.store.put(KEY, watches()) == 2

    def test_delete_is_done_once_or_twice(self) -> None:
        self.store.put(KEY, [b"x"])
        self.store.delete(KEY)
        self.store.delete(KEY)
        for ask in (self.store.open, self.store.size):
            with pytest.raises(NoSuchBlob):
                ask(KEY)

    def test_a_key_and_one_below_it_are_strangers(self) -> None:
        self.store.put("a", [b"1"])
        self.store.put("a/b", [b"2"])
        assert (self.read("a"), self.read("a/b")) == (b"1", b"2")
        self.store.delete("a")
        assert self.read("a/b") == b"2"

    @pytest.mark.parametrize("key", NOT_KEYS)
    def test_what_is_no_key_is_refused_by_every_verb(self, key: str) -> None:
        for ask in (lambda: self.store.put(key, [b"x"]), lambda: self.store.delete(key)):
            with pytest.raises(ValueError, match="no blob key"):
                ask()
        for look in (self.store.open, self.store.size):
            with pytest.raises(ValueError, match="no blob key"):
                look(key)


@given(st.text())
def test_a_key_stays_below_the_folder(key: str) -> None:
    try:
        checked(key)
    except ValueError:
        return
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-/")
    assert all(key.split("/"))
