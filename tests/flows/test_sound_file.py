"""What carriers play is told by its content; everything else is refused, and nothing breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.flows.sound_file import MOST_BYTES, SoundFile, examine
from tests.console.sounds import a_wave

# MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes and 1152 samples each.
MP3_FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413
ID3 = b"ID3\x03\x00\x00" + bytes([0, 0, 1, 0]) + b"x" * 128


def test_a_wave_has_the_length_of_its_samples() -> None:
    assert examine(a_wave(2.5, 16_000)) == SoundFile("wav", 2.5)
    assert examine(a_wave(2.5)[:-8_000]) == SoundFile("wav", 2.0), "less is there than it says"


def test_an_mp3_has_the_length_of_its_frames() -> None:
    for content in (MP3_FRAME * 100, ID3 + MP3_FRAME * 100):
        found = examine(content)
        assert found.kind == "mp3"
        assert found.seconds == pytest.approx(100 * 1152 / 44_100)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no WAV or MP3"),
        (MP3_FRAME, "no WAV or MP3"),
        (b"<html>" + MP3_FRAME * 10, "no WAV or MP3"),
        (b"OggS" * 1000, "no WAV or MP3"),
        (b"RIFF\0\0\0\0WAVE", "no WAV or MP3"),
        (a_wave(0.05), "nothing to hear"),
        (a_wave(120.5), "too long"),
        (MP3_FRAME * 5_000, "too long"),
        (b"\0" * (MOST_BYTES + 1), "too large"),
        (a_wave(1, 96_000), "8,000 to 48,000"),
    ],
)
def test_what_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        examine(content)


@given(st.one_of(st.binary(max_size=2_000), st.binary(max_size=400).map(lambda rest: b"RIFF0000WAVEfmt " + rest)))
def test_no_bytes_break_it(content: bytes) -> None:
    try:
        found = examine(content)
    except ValueError:
        return
    assert 0 < found.seconds <= 120
