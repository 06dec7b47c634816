"""How near one job's video comes to what was painted, for benchmarks.speed_against, as a line of JSON.

python -P benchmarks/painted_and_decoded.py PORTRAIT VOICE FOLDER

The job runs twice: the frames of the second run, which are those of the first, are compared with the decoded
video. The portrait moves as in older builds. `-P` and PYTHONPATH choose the build that does it, so the file
imports only names that every build has.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from engines.preview.options import PreviewOptions
from studio.events import Chunk
from studio.job import Job
from studio.run import run
from studio.settings import Settings

OLDER = ("breathing", "eye_motion")
"""Strengths of motions that older builds do not have."""


def main(portrait: str, voice: str, folder: str) -> None:
    video, again = (Path(folder) / name for name in ("compared.mp4", "again.mp4"))
    for _ in _painted(portrait, voice, video):
        pass
    whole, moving = _Error(), _Error()
    with av.open(str(video)) as container:
        decoded = container.decode(video=0)
        first: np.ndarray | None = None
        for pixels in _painted(portrait, voice, again):
            painted = _luma(av.VideoFrame.from_ndarray(pixels, format="rgb24"))
            first = painted if first is None else first
            square = np.square(painted - _luma(next(decoded)))
            whole.add(square)
            moving.add(square[painted != first])
    with av.open(str(video)) as container:
        size = sum(packet.size for packet in container.demux(video=0))
    for path in (video, again):
        path.unlink()
    print(json.dumps({"bytes": size, "whole": whole.psnr, "moving": moving.psnr}))


class _Error:
    """The sum of squared errors of 8-bit samples."""

    def __init__(self) -> None:
        self._sum = self._count = 0.0

    def add(self, squares: np.ndarray) -> None:
        self._sum += float(squares.sum(dtype=np.float64))
        self._count += squares.size

    @property
    def psnr(self) -> float:
        """In dB."""
        return 10 * math.log10(255**2 * self._count / max(self._sum, 1e-9))


def _painted(portrait: str, voice: str, output: Path) -> Iterator[np.ndarray]:
    """The frames of a job, (H, W, 3) uint8 RGB, while its video is written."""
    settings = Settings(outputs=output.parent, history=output.with_suffix(".sqlite"), decode="direct")
    options = {name: 0.0 for name in OLDER if name in PreviewOptions.model_fields}
    job = Job.model_validate(
        {"portrait": Path(portrait), "speech": Path(voice), "output": output, "options": options}
    )
    for event in run(job, settings):
        if isinstance(event, Chunk):
            yield from event.frames


def _luma(frame: av.VideoFrame) -> np.ndarray:
    """(H, W) float32 of a frame: a decoded one's own, a painted one's as the writer converts it."""
    if frame.format.name != "yuv420p":
        frame = frame.reformat(
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU709,
        )
    return frame.to_ndarray()[: frame.height].astype(np.float32)


if __name__ == "__main__":
    main(*sys.argv[1:])
