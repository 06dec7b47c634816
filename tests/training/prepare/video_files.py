"""Videos to prepare, made picture by picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_video(
    path: Path, pictures: list[np.ndarray], times: list[float], seconds: float | None, silent: bool = False
) -> Path:
    """A video whose pictures are shown at `times`, in seconds, with `seconds` of a tone, or no track."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"qp": "0", "preset": "ultrafast"})
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv444p"
        video.time_base = video.codec_context.time_base = Fraction(1, 1000)
        if seconds is not None:
            audio = out.add_stream("aac", rate=16000, layout="mono")
        for picture, time in zip(pictures, times, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if seconds is not None:
            tone = 0.3 * np.sin(np.arange(round(seconds * 16000)) * 0.2) * (not silent)
            block = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = 16000, 0, Fraction(1, 16000)
            out.mux(audio.encode(block))
            out.mux(audio.encode(None))
    return path
