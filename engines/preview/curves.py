"""From a voice to curves, without a portrait: blend shapes frame by frame, or mouth shapes one by one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice

import numpy as np

from engines.preview.arkit import blendshapes_of
from engines.preview.cues import find_cues
from engines.preview.engine import PreviewEngine
from engines.preview.mouth import FRAME_RATE
from engines.preview.options import PreviewOptions
from media.performance.visemes import VisemeCue
from media.voice import Voice

BLOCK = 128
"""Frames that are turned into blend shapes at a time."""


def curve_blocks(
    engine: PreviewEngine, voice: Voice, options: PreviewOptions, seed: int
) -> Generator[tuple[np.ndarray, np.ndarray], None, None]:
    """What the face would do in a video of this voice: the same pose in every frame.

    Yields pieces of (k, 52) blend shapes 0..1 and (k, 9) angles in radians, `voice.frames(options.fps)`
    frames in all. Memory does not grow with the voice beyond its samples.
    """
    poses = engine.poses(voice, options, voice.frames(options.fps), seed)
    while block := list(islice(poses, BLOCK)):
        yield blendshapes_of(block)


def cue_stream(engine: PreviewEngine, voice: Voice) -> Iterator[VisemeCue]:
    """The mouth shapes of a voice, as from `cues.find_cues`."""
    network = engine.network_for(np.inf)
    frames = max(1, round(voice.duration * FRAME_RATE))
    return find_cues(network.stream(voice.samples, FRAME_RATE, frames), voice.duration)
