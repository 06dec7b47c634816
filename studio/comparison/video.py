"""Several videos of one voice side by side, each under its title."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np

from studio.provenance.origin import metadata
from studio.provenance.signing import Signer
from studio.settings import Settings

CAPTION = 34  # pixels
INK, PAPER = (235, 238, 243), (24, 29, 37)
TALLEST = 512
"""Pixels; taller videos are reduced, so that four of them play on any machine."""


def side_by_side(
    videos: Sequence[tuple[str, Path]], target: Path, settings: Settings | None = None
) -> Generator[float, None, None]:
    """Write the videos, given as (title, file), as one, with the first one's sound; yields the completed
    fraction.

    All get the same height and the highest of their frame rates; the shortest decides the length. One frame
    of each is in memory at a time. Closing the generator removes the file.
    """
    from evaluation.video_file import VideoFile
    from media.video import VideoWriter
    from media.voice import open_voice

    files = [VideoFile(path) for _, path in videos]
    fps = round(max(file.fps for file in files))
    height = min(TALLEST, max(file.size[1] for file in files)) // 2 * 2
    sizes = [(max(2, round(file.size[0] * height / file.size[1] / 2) * 2), height) for file in files]
    captions = np.concatenate(
        [caption(title, width) for (title, _), (width, _) in zip(videos, sizes, strict=True)], axis=1
    )
    frames = min(file.count_at(fps) for file in files)
    speech = open_voice(files[0].path, max_seconds=36_000)
    size = (captions.shape[1], height + CAPTION)
    facts = {"engine": "comparison", "columns": len(files), "speech_sha256": speech.sha256}
    seal = Signer(facts, settings or Settings())
    about = metadata(facts)
    with VideoWriter(target, size, fps, sound=speech, frames=frames, metadata=about, seal=seal) as writer:
        streams = [_scaled(file.frames(fps), size) for file, size in zip(files, sizes, strict=True)]
        for number, pictures in zip(range(frames), zip(*streams, strict=False), strict=False):
            beside = np.concatenate(pictures, axis=1)
            writer.write(np.ascontiguousarray(np.concatenate([captions, beside])[None]))
            yield (number + 1) / frames


def caption(title: str, width: int) -> np.ndarray:
    """A (CAPTION, width, 3) uint8 strip with a centred title, in letters that fit."""
    from PIL import Image, ImageDraw, ImageFont

    strip = Image.new("RGB", (width, CAPTION), PAPER)
    draw = ImageDraw.Draw(strip)
    size = 18
    while size > 8 and draw.textlength(title, ImageFont.load_default(size)) > width - 12:
        size -= 1
    draw.text((width / 2, CAPTION / 2), title, INK, ImageFont.load_default(size), anchor="mm")
    return np.asarray(strip)


def _scaled(frames: Iterator[np.ndarray], size: tuple[int, int]) -> Iterator[np.ndarray]:
    import cv2

    for frame in frames:
        yield frame if frame.shape[1::-1] == size else cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
