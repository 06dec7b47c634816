"""Sounds without a voice for `benchmarks.lipsync`: does the mouth stay closed?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from engines.preview.lips import MouthPose
    from engines.preview.mouth import VoiceToMouth

RATE = 16000
FPS = 25
LEVELS = (-40.0, -20.0, 0.0)
"""Decibels of the loudest sample below full scale."""
OPEN = 0.15
"""Drop of the jaw from which lips are seen apart: a gap of 0.05 of the mouth's width."""
GOAL = 0.02


def sound_figures(cache: Path, weights: Path | None = None) -> Iterator[Figure]:
    """The share of frames in which the mouth opens, for each kind of sound and level."""
    from engines.preview.mouth import VoiceToMouth
    from training.visemes.other_sounds import other_sounds

    mouth = VoiceToMouth() if weights is None else VoiceToMouth(weights)
    for kind, sounds in other_sounds(cache).items():
        for level in LEVELS:
            gain = np.float32(10.0 ** (level / 20.0))
            seen = np.concatenate([_opened(mouth, gain * sound) for sound in sounds])
            name = f"sounds, {kind} at {level:g} dBFS: frames with the mouth open ({len(seen)})"
            yield Figure(name, float(seen.mean()), "", GOAL, at_least=False)


def _opened(mouth: VoiceToMouth, sound: np.ndarray) -> np.ndarray:
    """Of each frame, whether the lips are seen apart."""
    from engines.preview.articulation import Articulation
    from engines.preview.options import PreviewOptions

    articulation = Articulation(PreviewOptions(fps=FPS))
    poses: list[MouthPose] = []
    for rows in mouth.stream(sound, FPS, len(sound) * FPS // RATE):
        poses += articulation.step(rows)
    poses += articulation.finish()
    return np.array([pose.drop > OPEN for pose in poses])
