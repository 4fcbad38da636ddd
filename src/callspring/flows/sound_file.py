"""Is this a sound that carriers play? Told by the file's content, never by its name. Pure.

WAV (RIFF, as Microsoft's "Multimedia Programming Interface" has it) and MP3 (ISO/IEC 11172-3 and 13818-3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 5 * 1024 * 1024
MOST_SECONDS = 120
NO_SOUND = "This is no WAV or MP3 file. Save the recording as one of these, or record it here."

_PCM, _A_LAW, _MU_LAW = 1, 6, 7
_BITRATES = {  # kbit/s by (version 1?, layer); the index of 0 is free format, which telephones do not play
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}  # by version bits


@dataclass(frozen=True, slots=True)
class SoundFile:
    """What was found: `kind` is `wav` or `mp3`, its length in `seconds`."""

    kind: str
    seconds: float


def examine(content: bytes) -> SoundFile:
    """What sound a file is. Raises `ValueError` with a sentence for people: no such file, too large, too long."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"The file is too large: at most {MOST_BYTES // 1024 // 1024} MB.")
    wave = content[:4] == b"RIFF" and content[8:12] == b"WAVE"
    found = SoundFile("wav", _wave_seconds(content)) if wave else SoundFile("mp3", _mp3_seconds(content))
    if found.seconds > MOST_SECONDS:
        raise ValueError(f"The recording is too long: at most {MOST_SECONDS // 60} minutes.")
    if found.seconds < 0.1:
        raise ValueError("There is nothing to hear in this file.")
    return found


def _wave_seconds(content: bytes) -> float:
    """By its format and the size of its samples; a size that is more than there is counts as what there is."""
    per_second = 0
    for name, start, size in _chunks(content):
        if name == b"fmt " and size >= 16:
            per_second = _bytes_per_second(content[start : start + 16])
        if name == b"data" and per_second:
            return min(size, len(content) - start) / per_second
    raise ValueError(NO_SOUND)


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], at + 8, size
        at += 8 + size + size % 2


def _bytes_per_second(described: bytes) -> int:
    form, channels = int.from_bytes(described[:2], "little"), int.from_bytes(described[2:4], "little")
    rate, bits = int.from_bytes(described[4:8], "little"), int.from_bytes(described[14:16], "little")
    known = (form == _PCM and bits in (8, 16)) or (form in (_A_LAW, _MU_LAW) and bits == 8)
    if not known or channels not in (1, 2) or not 8_000 <= rate <= 48_000:
        raise ValueError("Save the WAV file with 16 bits, 8,000 to 48,000 Hz, mono or stereo; or as MP3.")
    return rate * channels * bits // 8


def _mp3_seconds(content: bytes) -> float:
    """All frames from the first to the last, for their rates may differ. What does not begin with one is no MP3."""
    at, seconds, frames = _after_tag(content), 0.0, 0
    while at + 4 <= len(content):
        frame = _frame(content[at : at + 4])
        if frame is None:
            break
        size, duration = frame
        at, seconds, frames = at + size, seconds + duration, frames + 1
    if frames < 2:  # two bytes that look like a frame's beginning are in every other file
        raise ValueError(NO_SOUND)
    return seconds


def _after_tag(content: bytes) -> int:
    """Behind an ID3v2 tag, whose size is in four times seven bits."""
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if content[5] & 0x10 else 0)


def _frame(head: bytes) -> tuple[int, float] | None:
    """Size in bytes and length in seconds of a layer III frame; None for what is none."""
    version, layer, bitrate, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] >> 5 != 7 or version == 1 or layer != 1 or not 0 < bitrate < 15 or rate == 3:
        return None
    per_second = _RATES[version][rate]
    samples = 1_152 if version == 3 else 576
    size = samples // 8 * _BITRATES[version == 3, 3][bitrate] * 1_000 // per_second + (head[2] >> 1 & 1)
    return size, samples / per_second
