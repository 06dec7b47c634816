"""Measures what an encoder does to a talking head: steps of the still background, and the error
of the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.partial_frames import PartialFrames
from media.yuv_converter import YuvConverter

Batch = np.ndarray | PartialFrames
"""Frames as an engine gives them: they read like an array (n, H, W, 3) uint8 RGB."""
TILE = 64
"""The side in pixels of the squares among which the worst is found."""


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
    """Decode a finished video and measure the parts that do not move. still: (H, W) bool."""
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


def write_rate_controlled(
    frames: Iterable[Batch], size: tuple[int, int], fps: int, quality: int, path: Path
) -> None:
    """Encode the same frames by x264's own rate control at this crf, with a key frame every 4 s.

    frames: batches (n, H, W, 3) uint8 RGB. The steady settings are compared with this; both encode the same
    luma and chroma.
    """
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"crf": str(quality), "preset": "veryfast"}
        stream.codec_context.gop_size = 4 * fps
        for frame in _converted(frames, size):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def moving_psnr(video: Path, frames: Iterable[Batch], moving: np.ndarray) -> float:
    """Peak signal-to-noise ratio of luma in the moving parts, in dB; higher is closer to the rendered frames.

    frames: batches (n, H, W, 3) uint8 RGB that were encoded. moving: (H, W) bool.
    """
    error, count = 0.0, 0
    height, width = moving.shape
    with av.open(str(video)) as container:
        for rendered, decoded in zip(
            _converted(frames, (width, height)), container.decode(video=0), strict=True
        ):
            error += float(np.square(_luma(rendered)[moving] - _luma(decoded)[moving]).sum())
            count += int(moving.sum())
    return 10 * math.log10(255**2 * count / max(error, 1e-9))


def _converted(frames: Iterable[Batch], size: tuple[int, int]) -> Iterator[av.VideoFrame]:
    """The frames as `media.video.VideoWriter` gives them to the encoder, each valid until the next."""
    converter = YuvConverter(size, size, exact=True)
    for number, piece in enumerate(piece for batch in frames for piece in converter.pieces(batch)):
        frame = converter.convert(piece)
        frame.pts = number
        yield frame


def _luma(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray()[: frame.height].astype(np.float32)
