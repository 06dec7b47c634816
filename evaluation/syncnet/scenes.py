"""Finds cuts: a face is not followed from one shot into the next."""

from __future__ import annotations

import itertools

import cv2
import numpy as np

THRESHOLD = 30.0
"""Mean change of hue, saturation and brightness, in levels of 256."""
SHORTEST = 15  # frames


class CutFinder:
    """Fed frame by frame; `cuts` are the numbers of the frames that begin a new scene."""

    def __init__(self) -> None:
        self.cuts: list[int] = []
        self._frame = 0
        self._before: np.ndarray | None = None

    def add(self, picture: np.ndarray) -> None:
        """The next (H, W, 3) uint8 RGB picture."""
        now = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        before, self._before = self._before, now
        if before is not None and before.shape == now.shape:
            change = float(cv2.absdiff(now, before).mean())
            last = self.cuts[-1] if self.cuts else None
            if change >= THRESHOLD and (last is None or self._frame - last >= SHORTEST):
                self.cuts.append(self._frame)
        self._frame += 1

    def scenes(self) -> list[tuple[int, int]]:
        """First frame, and the frame after the last, of each scene."""
        edges = [0, *self.cuts, self._frame]
        return list(itertools.pairwise(edges))
