"""A performance for tests: every blend shape and angle moves, each in its own way."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import numpy as np

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.formats import format_named
from media.performance.performance import PerformanceHead


def moving(frames: int, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """(frames, 52) blend shapes 0..1 and (frames, 9) angles within 0.5 rad, smooth at `fps`."""
    time = np.arange(frames)[:, None] / fps
    phase = np.arange(len(BLENDSHAPES)) * 0.7
    values = 0.5 + 0.5 * np.sin(2 * np.pi * (0.6 * time + phase))
    angles = 0.5 * np.sin(2 * np.pi * (0.4 * time + np.arange(len(ROTATIONS)) * 0.3))
    return values.astype(np.float32), angles.astype(np.float32)


def written(path: Path, name: str, values: np.ndarray, angles: np.ndarray, rate: Fraction) -> Path:
    """A file in a format of frames, written in pieces of seven frames."""
    kind = format_named(name)
    assert kind.frames is not None
    with path.open("w+b") as file:
        writer = kind.frames(file, PerformanceHead(rate, len(values), "voice.wav"))
        for at in range(0, len(values), 7):
            writer.add(values[at : at + 7], angles[at : at + 7])
        writer.finish()
        writer.close()
    return path


def cue_bytes(name: str, cues: list, head: PerformanceHead) -> bytes:
    """A file in a format of cues."""
    kind = format_named(name)
    assert kind.cues is not None
    file = io.BytesIO()
    kind.cues(file, iter(cues), head)
    return file.getvalue()
