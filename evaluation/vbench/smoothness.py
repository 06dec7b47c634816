"""Measures how well the frame between two others can be predicted: smooth motion can, jumps cannot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from evaluation.vbench.amt import MULTIPLE

Foretell = Callable[[Tensor, Tensor], Tensor]
"""From two (1, 3, H, W) frames in 0..1, H and W multiples of 16, to the one in the middle."""


class Smoothness:
    """Takes a video's frames in order and keeps three of them.

    The even frames predict the odd ones. An odd frame without one after it is left out.
    """

    def __init__(self, foretell: Foretell, device: str = "cpu") -> None:
        self._foretell = foretell
        self._device = device
        self._before: np.ndarray | None = None
        self._between: np.ndarray | None = None
        self.differences: list[float] = []
        """Mean absolute difference per pair, in levels of 255."""
        self.foretold: np.ndarray | None = None
        """The last predicted frame, (H, W, 3) uint8."""

    def add(self, frame: np.ndarray) -> None:
        """The next (H, W, 3) uint8 RGB frame."""
        if self._before is None:
            self._before = frame
        elif self._between is None:
            self._between = frame
        else:
            self.foretold = self._middle(self._before, frame)
            difference = np.abs(self.foretold.astype(np.int16) - self._between)
            self.differences.append(float(difference.mean()))
            self._before, self._between = frame, None

    def score(self) -> float | None:
        """1 if every prediction is exact; None for fewer than three frames."""
        if not self.differences:
            return None
        return (255.0 - float(np.mean(self.differences))) / 255.0

    def _middle(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        frames = [_tensor(frame).to(self._device) for frame in (first, second)]
        height, width = first.shape[:2]
        left, right = _margins(width)
        top, bottom = _margins(height)
        with torch.inference_mode():
            padded = [functional.pad(p, (left, right, top, bottom), mode="replicate") for p in frames]
            found = self._foretell(*padded)[0, :, top : top + height, left : left + width]
        # The original truncates the decimals.
        return (found * 255.0).permute(1, 2, 0).cpu().numpy().astype(np.uint8)


def _margins(side: int) -> tuple[int, int]:
    """Pixels to be added before and after, the smaller half first."""
    missing = -side % MULTIPLE
    return missing // 2, missing - missing // 2


def _tensor(frame: np.ndarray) -> Tensor:
    return torch.from_numpy(frame.transpose(2, 0, 1).copy())[None].float() / 255.0
