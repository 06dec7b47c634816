"""Converts a decoded frame's samples to floats."""

from __future__ import annotations

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

MOST_PLANES = 7
"""Planar frames with more channels are interleaved first: PyAV 18.1 reads their planes incorrectly."""


class FrameSamples:
    """Reads frames; use one object per stream."""

    def __init__(self) -> None:
        self._interleaving: dict[tuple[str, str, int], AudioResampler] = {}

    def of(self, frame: AudioFrame) -> np.ndarray:
        """(n, channels) float32 with full scale 1 of a frame in any format; the caller owns the array."""
        channels = len(frame.layout.channels)
        if frame.format.is_planar and channels > MOST_PLANES:
            pieces = [_values(piece, channels) for piece in self._interleaved(frame)]
            values = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        else:
            values = _values(frame, channels)
        if values.dtype == np.float32:
            return values
        samples = np.empty(values.shape, np.float32)
        samples[...] = values
        if values.dtype.kind != "f":
            if values.dtype == np.uint8:
                samples -= 128.0
            samples *= 1.0 / (1 << (values.dtype.itemsize * 8 - 1))
        return samples

    def _interleaved(self, frame: AudioFrame) -> list[AudioFrame]:
        key = frame.format.name, frame.layout.name, frame.sample_rate
        if key not in self._interleaving:
            self._interleaving = {key: AudioResampler(frame.format.packed, frame.layout, frame.sample_rate)}
        return self._interleaving[key].resample(frame)


def _values(frame: AudioFrame, channels: int) -> np.ndarray:
    values = frame.to_ndarray()
    return values.T if frame.format.is_planar else values.reshape(-1, channels)
