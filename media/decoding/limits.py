"""The limits for decoding one file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits for one file.

    memory_mb: megabytes a child may allocate in addition to the decoders' code. seconds: wall time and CPU
    time for an image; for a voice, until each next block of sound. max_pixels: pixels of an image as decoded;
    a JPEG that is decoded at half its size counts a quarter. longest: seconds of sound read from one voice; a
    tenth of it is added to its CPU time.
    """

    memory_mb: int = 500
    seconds: float = 30.0
    max_pixels: int = 50_000_000
    longest: float = 600.0

    @property
    def sound_processor_seconds(self) -> float:
        """CPU seconds for one whole voice."""
        return self.seconds + self.longest / 10
