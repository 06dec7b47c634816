"""A decoded frame's samples as floats."""

from __future__ import annotations

import numpy as np
from av.audio.frame import AudioFrame


def samples_of(frame: AudioFrame) -> np.ndarray:
    """(n, channels) float32 with full scale 1 of a frame in any sample format; the array is the caller's."""
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, len(frame.layout.channels))
    if values.dtype == np.float32:
        return values
    samples = np.empty(values.shape, np.float32)
    samples[...] = values
    if values.dtype.kind != "f":
        if values.dtype == np.uint8:
            samples -= 128.0
        samples *= 1.0 / (1 << (values.dtype.itemsize * 8 - 1))
    return samples
