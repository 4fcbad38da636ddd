"""The frame around a spooled record: what was written whole is found again whatever stands around it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callspring.records import PageViewed, encode
from callspring.stores.spool.frames import HEADER, MAGIC, MAX_PAYLOAD, FrameTooLarge, frame, frames

PAYLOADS = st.lists(st.binary(max_size=60), max_size=6)
SPOOLED = st.lists(st.text(max_size=40).map(str.encode), min_size=1, max_size=6)


def found(buffer: bytes) -> list[bytes]:
    return [payload for payload, _ in frames(buffer)]


@given(PAYLOADS)
def test_what_was_framed_is_found(payloads: list[bytes]) -> None:
    buffer = b"".join(map(frame, payloads))
    assert found(buffer) == payloads
    ends = [0, *(end for _, end in frames(buffer))]
    assert [buffer[a:b] for a, b in pairwise(ends)] == [frame(payload) for payload in payloads]


@given(SPOOLED, st.data())
def test_a_cut_loses_only_what_it_cut(payloads: list[bytes], data: st.DataObject) -> None:
    buffer = b"".join(map(frame, payloads))
    cut = data.draw(st.integers(0, len(buffer)))
    whole = [end for _, end in frames(buffer) if end <= cut]
    assert found(buffer[:cut]) == payloads[: len(whole)]
    assert [end for _, end in frames(buffer[:cut])] == whole


@given(SPOOLED, st.lists(st.binary(max_size=30), min_size=7, max_size=7))
def test_garbage_between_frames_is_skipped(payloads: list[bytes], garbage: list[bytes]) -> None:
    assume(not any(found(piece) for piece in garbage))
    buffer = b"".join(piece + frame(payload) for piece, payload in zip(garbage, payloads, strict=False))
    assert found(buffer + garbage[-1]) == payloads


@given(SPOOLED, st.data())
def test_one_changed_byte_costs_one_record(payloads: list[bytes], data: st.DataObject) -> None:
    hit = data.draw(st.integers(0, len(payloads) - 1))
    pieces = [bytearray(frame(payload)) for payload in payloads]
    at = data.draw(st.integers(0, len(pieces[hit]) - 1))
    pieces[hit][at] ^= data.draw(st.integers(1, 255))
    assert found(b"".join(map(bytes, pieces))) == payloads[:hit] + payloads[hit + 1 :]


@settings(max_examples=50)
@given(st.text(), st.text(max_size=20))
def test_nothing_a_browser_sends_can_pass_for_a_frame(title: str, inner: str) -> None:
    """Also when the frame around it is damaged and its inside is searched for the next one."""
    hostile = title + frame(inner.encode()).decode("latin-1") + MAGIC.decode("utf-16-le")
    record = encode(PageViewed("id", 1.0, 1, "visit", "visitor", "https://shop.example/", hostile))
    assert not {0xFE, 0xFF} & set(record)
    for damaged in range(HEADER.size):
        framed = bytearray(frame(record))
        framed[damaged] ^= 1
        assert found(bytes(framed) + frame(b"next")) == [b"next"]


def test_a_header_that_promises_too_much_is_passed_over() -> None:
    liar = HEADER.pack(MAGIC, MAX_PAYLOAD + 1, 0) + HEADER.pack(MAGIC, 5000, 7)
    assert found(liar + frame(b"after")) == [b"after"]


def test_an_enormous_record_is_refused_before_it_is_written() -> None:
    assert found(frame(b"x" * MAX_PAYLOAD)) == [b"x" * MAX_PAYLOAD]
    with pytest.raises(FrameTooLarge, match="1048577"):
        frame(b"x" * (MAX_PAYLOAD + 1))
