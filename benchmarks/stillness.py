"""Measures whether the background holds still: python -m benchmarks.stillness

Before encoding, every pixel outside the engine's influence map must be the portrait's own, bit for bit, in
every frame. The map must leave something outside, and things must move inside, or the figure says nothing.

After encoding, the finished file is decoded again, as a player does it, and the largest step of the
background from one frame to the next is measured: over the whole background, and in the worst square of
64 pixels. The pieces of the live view are measured in the same way. What it costs: the file's size, and how
near the moving part comes to what was rendered, against the same frames by x264's own rate control at the
same setting of quality.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.decoded_steps import (
    TILE,
    Batch,
    Steps,
    decoded_steps,
    moving_psnr,
    video_bytes,
    write_rate_controlled,
)
from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.speed import make_voice
from engines.base import Engine
from engines.preview.options import PreviewOptions
from media.live_segments import LARGEST_SIDE
from media.partial_frames import PartialFrames
from media.portrait import Portrait
from media.voice import Voice

PORTRAITS = ("astronaut.png", "drawing.jpg", "painting.jpg")
VOICE = EXAMPLES / "voices" / "english-man-with-pauses.wav"
SECONDS = 20.04
"""Long enough for three key frames. With one every 4 s the last frame would be a key frame, alone."""
LARGEST_STEP = 0.15
LARGEST_FILE = 1.1
LEAST_GAIN = -0.5
"""dB. One quantizer is about one dB; half of one is not seen."""
MARGIN = 8
"""Pixels around the influence map that an encoder's blocks and filters may reach."""


def changes(frames: Iterator[Batch], image: np.ndarray, influence: np.ndarray) -> tuple[int, float]:
    """Pixels outside the map that differ in any frame, and the share inside that differ in some frame.

    frames: batches (n, H, W, 3) uint8. image: (H, W, 3) uint8. influence: (H, W) bool.
    """
    ever = np.zeros(influence.shape, bool)
    for batch in frames:
        for frame in batch:
            ever |= (frame != image).any(axis=2)
    return int((ever & ~influence).sum()), float(ever[influence].mean())


@dataclass(frozen=True)
class Talk:
    """One portrait that speaks; its frames can be made as often as they are needed."""

    engine: Engine
    portrait: Portrait
    speech: Voice
    options: PreviewOptions

    @property
    def size(self) -> tuple[int, int]:
        return self.portrait.width, self.portrait.height

    def frames(self) -> Iterator[Batch]:
        """Batches (n, H, W, 3) uint8 RGB, as the engine gives them."""
        for work in self.engine.animate(self.portrait, self.speech, self.options, 1):
            if isinstance(work, np.ndarray | PartialFrames):
                yield work


def figures(portraits: list[Path], voice: Path, folder: Path) -> Iterator[Figure]:
    """Before encoding and after it, for each portrait. voice: is repeated to SECONDS."""
    from engines.preview.body import body_of
    from engines.preview.engine import PreviewEngine
    from engines.preview.renderer import Renderer
    from engines.preview.rigging import rig_of
    from media.portrait import open_portrait
    from media.voice import open_voice

    engine = PreviewEngine()
    engine.load()
    speech = open_voice(make_voice(SECONDS, folder / "voice.wav", voice))
    for path in portraits:
        talk = Talk(engine, open_portrait(path), speech, PreviewOptions(head_motion=2.0))
        influence = Renderer(talk.portrait.image, rig_of(talk.portrait), body_of(talk.portrait)).influence
        outside, inside = changes(talk.frames(), talk.portrait.image, influence)
        name = path.stem
        yield Figure(f"{name}: background pixels that ever change", outside, "", 0, at_least=False)
        yield Figure(f"{name}: share of the picture that is background", 1 - influence.mean(), "", 0.2)
        yield Figure(f"{name}: share of the rest that moves", inside, "", 0.3)
        yield from after_encoding(name, talk, influence, folder)


def after_encoding(name: str, talk: Talk, influence: np.ndarray, folder: Path) -> Iterator[Figure]:
    """The background as a player shows it, in the file and in the live view, and the file's size."""
    from media.live_segments import LiveSegments
    from media.video import VideoWriter

    still = ~_widened(influence)
    fps, quality = talk.options.fps, 20
    video, pieces = folder / "video.mp4", folder / "live.ts"
    total = talk.speech.frames(fps)
    with (
        VideoWriter(video, talk.size, fps, quality=quality, frames=total) as writer,
        pieces.open("wb") as file,
        LiveSegments(talk.size, fps) as live,
    ):
        for batch in talk.frames():
            writer.write(batch)
            file.writelines(segment.data for segment in live.write(batch))
        file.writelines(segment.data for segment in live.finish())
    yield from _steps(f"{name}: decoded", decoded_steps(video, still))
    if max(talk.size) <= LARGEST_SIDE:  # a reduced live view has other pixels
        yield from _steps(f"{name}: live view", decoded_steps(pieces, still))
    plain = folder / "plain.mp4"
    write_rate_controlled(talk.frames(), talk.size, fps, quality, plain)
    ratio = video_bytes(video) / video_bytes(plain)
    yield Figure(f"{name}: size against x264's rate control", ratio, "x", LARGEST_FILE, at_least=False)
    gain = moving_psnr(video, talk.frames(), influence) - moving_psnr(plain, talk.frames(), influence)
    yield Figure(f"{name}: moving part, PSNR against x264's rate control", gain, "dB", LEAST_GAIN)


def _steps(name: str, steps: Steps) -> Iterator[Figure]:
    yield Figure(
        f"{name}, largest step of the background", steps.background, "luma", LARGEST_STEP, at_least=False
    )
    yield Figure(f"{name}, largest step of a square of {TILE} pixels", steps.tile, "luma")


def _widened(influence: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.dilate(influence.astype(np.uint8), np.ones((2 * MARGIN + 1,) * 2, np.uint8)).astype(bool)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--portrait", type=Path, action="append", help="picture to try (repeatable)")
    arguments.add_argument("--voice", type=Path, default=VOICE, help="WAV file of 16-bit samples")
    chosen = arguments.parse_args()
    portraits = chosen.portrait or [EXAMPLES / "portraits" / name for name in PORTRAITS]
    with tempfile.TemporaryDirectory() as folder:
        return report(figures(portraits, chosen.voice, Path(folder)), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
