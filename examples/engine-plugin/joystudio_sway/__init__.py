"""An engine for JoyStudio: the portrait sways on loud syllables, and the chins in a video drop on them.

JoyStudio imports this module at every start, so NumPy and OpenCV are imported only where a video is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from engines.base import Dubbed, Engine, EngineOptions, Frames
from engines.saved_motion import SavedMotion
from engines.spec import EngineSpec

if TYPE_CHECKING:
    import numpy as np

    from engines.dubbing import Shots
    from media.dubbing.values import PaintedPatch, TrackedFace
    from media.portrait import Portrait
    from media.voice import Voice

LARGEST_ANGLE = 4.0
"""Degrees on the loudest syllable, at an amount of 1."""
TURNS_PER_SECOND = 0.6
INERTIA = 0.85
"""How much of a frame's loudness is that of the frame before."""
DUB_RATE = 25
"""Steps of loudness a second in a dub, whose frames have the video's own times."""
DROP = 0.15
"""Heights of the mouth's region by which it drops on the loudest syllable, at an amount of 1."""
NOSE_BASE, CHIN, CORNERS = 2, 152, (61, 291)
"""Points of MediaPipe's face mesh."""


class SwayOptions(EngineOptions):
    """Options of the sway engine."""

    amount: float = Field(
        1.0,
        ge=0.0,
        le=2.0,
        title="Amount",
        description="How far the portrait sways on loud syllables. 0 holds it still.",
        json_schema_extra={"step": 0.1},
    )
    fps: int = Field(
        25,
        ge=12,
        le=60,
        title="Frames per second",
        description="Frame rate of the video.",
        json_schema_extra={"step": 1, "advanced": True},
    )


class SwayEngine(Engine[SwayOptions]):
    """Turns the whole picture about the middle of its lower edge. In a dub, it lowers the mouths."""

    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: SwayOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Frames]:
        """Yield every frame of the video, one at a time. seed: where the sway begins."""
        import cv2
        import numpy as np

        phase = np.random.default_rng(seed).uniform(0, 2 * np.pi)
        pivot, size = (portrait.width / 2, portrait.height), (portrait.width, portrait.height)
        for number, loudness in enumerate(loudness_of(voice.samples, voice.frames(options.fps))):
            swing = np.sin(phase + 2 * np.pi * TURNS_PER_SECOND * number / options.fps)
            turn = cv2.getRotationMatrix2D(pivot, options.amount * LARGEST_ANGLE * loudness * swing, 1.0)
            yield cv2.warpAffine(portrait.image, turn, size, borderMode=cv2.BORDER_REPLICATE)[None]

    def dub(self, shots: Shots, voice: Voice, options: SwayOptions, seed: int) -> Iterator[Dubbed]:
        """Yield the patches of every frame: a mouth that drops on loud syllables for each of its faces."""
        loudness = loudness_of(voice.samples, voice.frames(DUB_RATE))
        for shot in shots.frames:
            number = math.floor(shot.time * DUB_RATE)  # frames before and after the voice are silent
            loud = loudness[number] if 0 <= number < len(loudness) else 0.0
            patches = (lowered(shot.picture, face, options.amount * loud) for face in shot.faces)
            yield tuple(patch for patch in patches if patch is not None)


def lowered(picture: np.ndarray, face: TrackedFace, drop: float) -> PaintedPatch | None:
    """The mouth of a face, moved down and blended softly; None where nothing moves.

    picture: (H, W, 3) uint8 RGB, which no engine writes into. drop: 0 to 2.
    """
    import cv2
    import numpy as np

    from media.dubbing.values import PaintedPatch

    marks = face.landmarks
    top, bottom = marks[NOSE_BASE, 1], 2 * marks[CHIN, 1] - marks[NOSE_BASE, 1]
    middle, half = marks[list(CORNERS), 0].mean(), abs(float(np.diff(marks[list(CORNERS), 0])[0]))
    # A face may reach beyond the frame, but a patch may not.
    y0, y1 = (int(y) for y in np.clip([top, bottom], 0, len(picture)))
    x0, x1 = (int(x) for x in np.clip([middle - half, middle + half], 0, picture.shape[1]))
    if drop <= 0 or y0 >= y1 or x0 >= x1:
        return None
    move = np.array([[1, 0, 0], [0, 1, DROP * drop * (y1 - y0)]], np.float32)
    part = picture[y0:y1, x0:x1]
    pixels = cv2.warpAffine(part, move, (x1 - x0, y1 - y0), borderMode=cv2.BORDER_REPLICATE)
    rim_x, rim_y = (np.sin(np.linspace(0, np.pi, size)) for size in (x1 - x0, y1 - y0))
    alpha = np.float32(face.strength) * np.outer(rim_y, rim_x).astype(np.float32)
    return PaintedPatch(x0, y0, pixels, alpha)


def loudness_of(samples: np.ndarray, frames: int) -> list[float]:
    """The loudness of a voice at each frame, 0 to 1, without jumps. samples: (n,) float."""
    import numpy as np

    levels = [float(np.sqrt(np.mean(np.square(part)))) for part in np.array_split(samples, frames)]
    loudest, level, smooth = max(levels) or 1.0, 0.0, []
    for one in levels:
        level = INERTIA * level + (1 - INERTIA) * one / loudest
        smooth.append(level)
    return smooth


SPEC = EngineSpec(
    name="sway",
    title="Sway",
    about="Turns the whole portrait on loud syllables. An example of an engine from another package.",
    options=SwayOptions,
    engine="joystudio_sway:SwayEngine",
    dubs=True,
    presets=Path(__file__).parent / "presets",
)
