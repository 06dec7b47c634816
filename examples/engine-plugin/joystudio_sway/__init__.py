"""An engine for JoyStudio: the portrait sways on loud syllables.

JoyStudio imports this module at every start, so NumPy and OpenCV are imported only where a video is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from engines.base import Engine, EngineOptions, Frames
from engines.saved_motion import SavedMotion
from engines.spec import EngineSpec

if TYPE_CHECKING:
    import numpy as np

    from media.portrait import Portrait
    from media.speech import Speech

LARGEST_ANGLE = 4.0
"""Degrees on the loudest syllable, at an amount of 1."""
TURNS_PER_SECOND = 0.6
INERTIA = 0.85
"""How much of a frame's loudness is that of the frame before."""


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
    """Turns the whole picture about the middle of its lower edge."""

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        options: SwayOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Frames]:
        """Yield every frame of the video, one at a time. seed: where the sway begins."""
        import cv2
        import numpy as np

        phase = np.random.default_rng(seed).uniform(0, 2 * np.pi)
        pivot, size = (portrait.width / 2, portrait.height), (portrait.width, portrait.height)
        for number, loudness in enumerate(loudness_of(speech.samples, speech.frames(options.fps))):
            swing = np.sin(phase + 2 * np.pi * TURNS_PER_SECOND * number / options.fps)
            turn = cv2.getRotationMatrix2D(pivot, options.amount * LARGEST_ANGLE * loudness * swing, 1.0)
            yield cv2.warpAffine(portrait.image, turn, size, borderMode=cv2.BORDER_REPLICATE)[None]


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
    presets=Path(__file__).parent / "presets",
)
