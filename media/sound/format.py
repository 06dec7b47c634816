"""The format of a source's sound before processing."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SoundSource = Path | tuple[int, np.ndarray]
SoundBlocks = Generator[np.ndarray, None, tuple[str, ...]]
"""Blocks of (n, channels) float32 with full scale 1; the return value is the notes that only reading could
show.
"""

BLOCK = 1 << 15
"""Largest number of samples per channel in a block."""
_BLOCK_SECONDS = 0.5
_BLOCK_VALUES = 1 << 21


@dataclass(frozen=True)
class SoundFormat:
    """The format of one audio track, known before its blocks are read.

    rate: samples per second. channels: 1 to 64. layout: for users, such as "stereo" or "5.1(side)". codec:
    FFmpeg's name, or an array's dtype. claimed_duration: seconds by the header, None without one. positions:
    FFmpeg's name of each channel's loudspeaker ("FL", "LFE", "AMBI0"), "NONE" without one. start: when the
    first sample is heard on the file's clock, in seconds; frames use the same clock. track: which of the
    file's `tracks` audio tracks it is, from 1; None for an array. notes: for the user, such as which track
    was chosen and why. generated: how the voice was generated, if the file says so, as JSON with the keys of
    `media.sound.generated`.
    """

    rate: int
    channels: int
    layout: str
    codec: str
    claimed_duration: float | None
    positions: tuple[str, ...] = ()
    start: float = 0.0
    track: int | None = None
    tracks: int = 1
    notes: tuple[str, ...] = ()
    generated: str = ""


def block_length(rate: int, channels: int) -> int:
    """Samples per channel in a full block: half a second, and at most BLOCK and 2 million values."""
    return max(1, min(round(_BLOCK_SECONDS * rate), BLOCK, _BLOCK_VALUES // channels))
