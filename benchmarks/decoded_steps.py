"""How much a still background steps in what a player shows, and what that costs; for benchmarks.stillness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

TILE = 64
"""Pixels. The side of the squares among which the worst is named."""


@dataclass(frozen=True)
class Steps:
    """The largest mean change of luma, in levels of 0 to 255, from one decoded frame to the next.

    background: over all still pixels. tile: over the still pixels of the worst square of TILE pixels that is
    at least half still. frame: the number of the frame with the largest step of the background.
    """

    background: float
    tile: float
    frame: int


def decoded_steps(video: Path, still: np.ndarray) -> Steps:
    """Decode a finished video and measure it where nothing moves. still: (H, W) bool."""
    height, width = (side // TILE * TILE for side in still.shape)
    counts = _tiles(still[:height, :width].astype(np.float32))
    enough = counts >= TILE * TILE / 2
    before: np.ndarray | None = None
    background, tile, at = 0.0, 0.0, 0
    with av.open(str(video)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            luma = frame.to_ndarray(format="gray").astype(np.float32)
            if before is not None:
                step = np.where(still, np.abs(luma - before), 0)
                mean = float(step.sum() / still.sum())
                if mean > background:
                    background, at = mean, number
                if enough.any():
                    sums = _tiles(step[:height, :width])
                    tile = max(tile, float((sums[enough] / counts[enough]).max()))
            before = luma
    return Steps(background, tile, at)


def _tiles(values: np.ndarray) -> np.ndarray:
    """Sums over squares of TILE pixels."""
    height, width = values.shape
    return values.reshape(height // TILE, TILE, width // TILE, TILE).sum(axis=(1, 3))


def video_bytes(video: Path) -> int:
    """Size of the pictures in a file, without its sound and its index."""
    with av.open(str(video)) as container:
        return sum(packet.size for packet in container.demux(video=0))


def rate_controlled_bytes(frames: Iterable[np.ndarray], size: tuple[int, int], fps: int, quality: int) -> int:
    """Size of the same frames by x264's own rate control at this crf, with a key frame every 4 s.

    frames: batches (n, H, W, 3) uint8 RGB. This is what the steady settings are held against.
    """
    return sum(packet.size for packet in _rate_controlled(frames, size, fps, quality))


def _rate_controlled(
    frames: Iterable[np.ndarray], size: tuple[int, int], fps: int, quality: int
) -> Iterator[av.Packet]:
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", Fraction(fps), Fraction(1, fps)
    encoder.options = {"crf": str(quality), "preset": "veryfast"}
    encoder.gop_size = 4 * fps
    number = 0
    for batch in frames:
        for pixels in batch:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            number += 1
            yield from encoder.encode(frame)
    yield from encoder.encode(None)
