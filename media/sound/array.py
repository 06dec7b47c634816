"""Sound that is given as samples: (rate, array)."""

from __future__ import annotations

import numpy as np

from media.errors import VoiceError
from media.sound.format import SoundBlocks, SoundFormat, block_length
from media.sound.layouts import usual_positions

LOWEST_RATE, HIGHEST_RATE = 1000, 768_000
MOST_CHANNELS = 64
LOUDEST_FLOAT = 64.0
"""Floats of a sound range from -1 to 1; beyond this, they are integers stored as floats."""


def open_array(rate: int, array: np.ndarray) -> tuple[SoundFormat, SoundBlocks]:
    """The format and the blocks of an array. Raises VoiceError if it is not a sound."""
    array = np.asarray(array)
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:  # also refuses NaN
        raise VoiceError(
            "The voice has a sample rate of {rate} Hz; {lowest_rate} to {highest_rate} Hz are supported.",
            rate=rate,
            lowest_rate=LOWEST_RATE,
            highest_rate=HIGHEST_RATE,
        )
    if array.ndim not in (1, 2):
        raise VoiceError(
            "A voice array has the shape (samples,) or (samples, channels), not {shape}.", shape=array.shape
        )
    if array.ndim == 2 and not 1 <= array.shape[1] <= MOST_CHANNELS:
        raise VoiceError(
            "A voice array has the shape (samples, channels) with at most {most} channels, not {shape}.",
            most=MOST_CHANNELS,
            shape=array.shape,
        )
    if array.dtype.kind not in "iuf":
        raise VoiceError("A voice array contains integers or floats, not {dtype}.", dtype=array.dtype)
    table = array[:, None] if array.ndim == 1 else array
    offset, full = _full_scale(table)
    channels = table.shape[1]
    length = block_length(int(rate), channels)

    def blocks() -> SoundBlocks:
        for start in range(0, len(table), length):
            block = table[start : start + length].astype(np.float32)
            if offset:
                block -= offset
            if full != 1.0:
                block *= 1.0 / full
            yield block
        return ()

    positions = usual_positions(channels)
    return SoundFormat(
        int(rate), channels, layout_name(channels), str(array.dtype), len(table) / rate, positions
    ), blocks()


def layout_name(channels: int) -> str:
    """A layout's name for users if only the number of channels is known."""
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")


def _full_scale(table: np.ndarray) -> tuple[float, float]:
    """(zero, full scale) of an array's dtype."""
    if table.dtype.kind == "f":
        if table.size:
            peak = max(float(table.max()), -float(table.min()))
            if peak > LOUDEST_FLOAT:  # NaN compares false and is refused later
                raise VoiceError(
                    "The voice array contains floats up to {peak:g}; the expected range is -1 to 1.",
                    peak=peak,
                )
        return 0.0, 1.0
    bits = table.dtype.itemsize * 8
    if bits == 64:  # no sound card produces these: they are smaller integers in a wide array
        peak = max(int(table.max(initial=0)), -int(table.min(initial=0)))
        bits = next((b for b in (16, 32) if peak <= 1 << (b - 1)), 64)
        return 0.0, float(1 << (bits - 1))
    half = float(1 << (bits - 1))
    return (half if table.dtype.kind == "u" else 0.0), half
