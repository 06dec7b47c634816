"""What the decoding of one file may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds for one file.

    memory_mb: megabytes a child may allocate on top of what the decoders' code takes.
    seconds: wall-clock and processor seconds for a picture; for a voice, until each next block of sound.
    max_pixels: pixels of a picture as it is decoded; a JPEG that is decoded at a half counts a quarter.
    longest: seconds of sound that are taken from one voice; a tenth of it is added to its processor time.
    """

    memory_mb: int = 500
    seconds: float = 30.0
    max_pixels: int = 50_000_000
    longest: float = 600.0

    @property
    def sound_processor_seconds(self) -> float:
        """Processor seconds for one whole voice."""
        return self.seconds + self.longest / 10
