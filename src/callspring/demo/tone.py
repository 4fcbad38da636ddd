"""What a caller of the sandbox sounds like: a voice without words, as a WAV file."""

from __future__ import annotations

import io
import math
import wave
from array import array

RATE = 8_000  # samples a second, as on the telephone
SYLLABLES = 3.5  # a second
PITCHES = (118.0, 131.0, 124.0, 142.0, 110.0)  # Hz, of one syllable after the other
LOUDNESS = 9_000  # of 32,767


def voice(seconds: float) -> bytes:
    """A mono WAV of 16 bits with syllables that rise and fall; the same for the same length."""
    samples = array("h", (_sample(place / RATE) for place in range(round(seconds * RATE))))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def _sample(at: float) -> int:
    syllable, within = divmod(at * SYLLABLES, 1)
    # After every sixth syllable a breath.
    loudness = 0.0 if int(syllable) % 7 == 6 else math.sin(math.pi * min(1.0, within * 1.25))
    turn = 2 * math.pi * PITCHES[int(syllable) % len(PITCHES)] * at
    return int(LOUDNESS * loudness * (math.sin(turn) + 0.5 * math.sin(2 * turn) + 0.25 * math.sin(5 * turn)) / 1.75)
