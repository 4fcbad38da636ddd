"""A sound file as people have them."""

from __future__ import annotations

import io
import wave


def a_wave(seconds: float = 1.0, rate: int = 8_000) -> bytes:
    """A WAV file with a hum."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\0\1" * int(rate * seconds))
    return file.getvalue()
