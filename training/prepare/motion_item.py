"""Checks and fits a clip's motion and voice for the motion generator to the same length."""

from __future__ import annotations

import numpy as np

from engines.joyvasa.motion.windows import FPS, SAMPLES_PER_FRAME
from training.prepare.preparer import Rejected

VOICE, MOTION = "voice.wav", "motion.safetensors"
SHORTEST = FPS
"""Frames. A training step takes 200 and repeats shorter clips; from less than a second it would
learn jumps.
"""
MISMATCH = 3
"""Frames by which picture and sound may differ in length."""


def check_frames(frames: int) -> None:
    """Raises Rejected if there are too few frames."""
    if frames < SHORTEST:
        raise Rejected(
            "too_short",
            f"{frames} frames at {FPS} per second; at least {SHORTEST} are needed ({SHORTEST / FPS:g} s).",
        )


def fitted_voice(samples: np.ndarray, frames: int, *, longer: bool = False) -> np.ndarray:
    """The voice, (n,) float32 at 16 kHz, as (frames * 640,): cut, or filled up with silence.

    longer: accept a voice that is longer than the video. Raises Rejected when their lengths differ by more
    than 3 frames.
    """
    sounding = len(samples) / SAMPLES_PER_FRAME
    if sounding < frames - MISMATCH or (sounding > frames + MISMATCH and not longer):
        raise Rejected(
            "length_mismatch",
            f"{frames} frames of video and {sounding:.1f} of sound; they may differ by {MISMATCH}.",
        )
    voice = np.zeros(frames * SAMPLES_PER_FRAME, np.float32)
    voice[: len(samples)] = samples[: len(voice)]
    return voice
