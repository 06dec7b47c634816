"""A short video of a person, to be dubbed."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PIL import Image
from skimage import data

FRAMES, RATE, SIDE = 16, 10, 256


def write_talking_video(path: Path) -> Path:
    """A woman whose head moves a little, with a tone: 1.6 s, 256x256, 10 frames a second."""
    woman = Image.fromarray(data.astronaut()[:320, 60:380]).resize((SIDE + 16, SIDE + 16))
    seconds = np.arange(16_000 * FRAMES // RATE) / 16_000
    tone = (0.3 * np.sin(2 * np.pi * 180 * seconds)).astype(np.float32)
    with av.open(str(path), "w") as file:
        video, audio = file.add_stream("libx264", rate=RATE), file.add_stream("aac", rate=16_000)
        video.width = video.height = SIDE
        video.pix_fmt, audio.layout = "yuv420p", "mono"
        for number in range(FRAMES):
            left, top = number // 2, number // 3
            moved = woman.crop((left, top, left + SIDE, top + SIDE))
            file.mux(video.encode(av.VideoFrame.from_image(moved)))
        sound = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        sound.sample_rate = 16_000
        for stream, piece in ((audio, sound), (video, None), (audio, None)):
            file.mux(stream.encode(piece))
    return path
