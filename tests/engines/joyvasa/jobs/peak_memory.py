"""Run as a program on a portrait, a folder and voices, the shortest first: makes a video with each and prints
the peak of memory in MB after it.

Painting is left out, since it is the same for every frame and would take minutes.

A process of its own, since a peak is never taken back. JOYSTUDIO_WEIGHTS names the weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.face.source import Finisher
from engines.joyvasa.fast.rendering import FrameRenderer
from engines.joyvasa.options import JoyVasaOptions
from media.portrait import open_portrait
from media.video import VideoWriter
from media.voice import open_voice


def paint_nothing(self: FrameRenderer, source: object, kp_driving: Tensor) -> Tensor:
    """Keypoints (n, 21, 3) -> nothing of n pictures."""
    return torch.empty(len(kp_driving), 0)


def grey(self: Finisher, crops: Tensor) -> Tensor:
    """Nothing of n pictures -> grey ones (n, 512, 512, 3) uint8, each in memory of its own."""
    return torch.full((len(crops), 512, 512, 3), 128, dtype=torch.uint8)


def peak_mb() -> float:
    """The most memory that this process has had in RAM so far."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 1024


def make(engine: JoyVasaEngine, portrait: str, voice: str, folder: str) -> None:
    """Make the video in `folder` as the job pipeline does."""
    speech = open_voice(voice)
    opened = open_portrait(portrait)
    options = JoyVasaOptions(inference_steps=1)
    frames = 0
    with VideoWriter(Path(folder) / "made.mp4", (opened.width, opened.height), 25, sound=speech) as writer:
        for piece in engine.animate(opened, speech, options, 0):
            if isinstance(piece, np.ndarray):
                writer.write(piece)
                frames += len(piece)
    assert frames == speech.frames(25)


def main(portrait: str, folder: str, *voices: str) -> None:
    """Make a video with each voice by one engine."""
    torch.set_num_threads(1)
    FrameRenderer.render = paint_nothing  # type: ignore[method-assign]
    Finisher.on_device = grey  # type: ignore[method-assign]
    engine = JoyVasaEngine()
    for voice in voices:
        make(engine, portrait, voice, folder)
        print(f"{peak_mb():.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
