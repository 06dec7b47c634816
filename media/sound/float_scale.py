"""Detects floats that are scaled like integers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from media.errors import VoiceError
from media.messages import said
from media.sound.array import LOUDEST_FLOAT
from media.sound.file_part import FilePart
from media.sound.frame_samples import FrameSamples
from media.sound.opening import opened

PLACES = 48
"""Number of places of a file that are examined before it is read."""
_SCALES = ((16, 1 << 15), (24, 1 << 23), (32, 1 << 31))


def float_scale(path: Path, parts: Sequence[FilePart | None], index: int) -> tuple[float, tuple[str, ...]]:
    """The factor for a track's floats, and a note unless it is 1.

    Only uncompressed floats are examined. Raises VoiceError if no scale fits.
    """
    peak = max(_peak_of_part(path, part, index) for part in parts[:16])
    if peak <= LOUDEST_FLOAT:
        return 1.0, ()
    for bits, full in _SCALES:
        if peak <= full:
            return 1.0 / full, (
                said(
                    "The voice contains floats up to {peak:,.0f}, but full scale is 1. They are read as "
                    "{bits}-bit samples, divided by {full:,}.",
                    peak=peak,
                    bits=bits,
                    full=full,
                ),
            )
    raise VoiceError(
        'The voice "{name}" contains floats up to {peak:g}; the expected range is -1 to 1. Export it again.',
        name=path.name,
        peak=peak,
    )


def _peak_of_part(path: Path, part: FilePart | None, index: int) -> float:
    try:
        return _peak(path, part, index)
    except VoiceError:  # one of several joined recordings; the first has been opened already
        return 0.0


def _peak(path: Path, part: FilePart | None, index: int) -> float:
    """The largest finite sample from places all over a track of uncompressed floats, else 0."""
    with opened(path, part) as container:
        if index >= len(container.streams.audio):  # a joined recording with fewer tracks than the first
            return 0.0
        stream = container.streams.audio[index]
        if not stream.codec_context.name.startswith("pcm_f"):
            return 0.0
        length = stream.duration or 0
        places = [0, *(length * k // PLACES for k in range(1, PLACES))] if length else [0]
        peak, samples = 0.0, FrameSamples()
        for place in places:
            try:
                if place:
                    container.seek(place + (stream.start_time or 0), stream=stream)
                for packet in container.demux(stream):
                    for frame in packet.decode():
                        loud = np.abs(samples.of(frame))
                        peak = max(peak, float(loud[np.isfinite(loud)].max(initial=0.0)))
                    break
            except av.error.FFmpegError:
                continue
        return peak
