"""Makes what is behind the people of a video transparent, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from media.desk.background import check_person
from media.desk.foreground import own_colours
from media.desk.segmenter import Segmenter, default_segmenter
from media.errors import PortraitError, VideoError
from media.framing import Framing
from studio.clips.source import ClipSource

LOOKS_PER_SECOND = 2.0
KEPT = 0.5
"""Fraction of a frame's opacity that comes from the frames before: the network sees each frame alone, and its
edges flicker.
"""
ANOTHER_SCENE = 0.1
"""Mean change of the opacity from which the frames before do not count."""


class Cutout:
    """Frames with the opacity of their people, in the order of the video."""

    def __init__(self, framing: Framing, segmenter: Segmenter) -> None:
        """framing: fits frames and their opacity into the exported shape; it leaves a border black."""
        self._framing, self._segmenter = framing, segmenter
        self._before: np.ndarray | None = None

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """(h, w, 4) uint8 RGBA, not multiplied by its opacity, from an (H, W, 3) uint8 RGB frame.

        No pixel that is fully transparent keeps a colour of the background.
        """
        mask = self._steady(self._segmenter.mask(frame))
        grey = np.rint(255 * mask).astype(np.uint8)
        opacity = self._framing(np.repeat(grey[:, :, None], 3, axis=2))[:, :, :1]
        return np.concatenate([self._framing(own_colours(frame, mask)), opacity], axis=2)

    def _steady(self, mask: np.ndarray) -> np.ndarray:
        before = self._before
        if before is not None and float(np.abs(mask - before).mean()) < ANOTHER_SCENE:
            mask = KEPT * before + (1 - KEPT) * mask
        self._before = mask
        return mask


def cutout_of(source: ClipSource, framing: Framing) -> Iterator[float | Cutout]:
    """Look for a person. Yields the completed fraction, 0..1, and finally the Cutout.

    Raises PortraitError if no frame shows one.
    """
    from media.faces import default_detector

    segmenter, detector = default_segmenter(), default_detector()
    rate = min(LOOKS_PER_SECOND, source.fps)
    total, refused = max(1, source.frames_at(rate)), None
    for number, frame in enumerate(source.frames(rate)):
        faces = detector.detect(frame, depth="margins")
        try:
            check_person(segmenter.mask(frame), faces[0].box if faces else None)
        except PortraitError as error:
            refused = error
            yield min(1.0, (number + 1) / total)
            continue
        yield Cutout(framing, segmenter)
        return
    raise refused or VideoError(
        "{name} contains 0 frames that can be decoded; export it again.", name=source.path.name
    )
