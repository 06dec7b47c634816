"""The noise of a session: each frame has its own, whichever window samples it."""

from __future__ import annotations

import torch
from torch import Tensor


class FrameNoise:
    """Standard normal noise from one seed. The first window gets what `AudioToMotion.sequence` gives it.

    draws: tensors per window, the starting noise and that of the steps. frames, size: of a window's motion.
    """

    def __init__(self, seed: int, draws: int, frames: int, size: int, first: int) -> None:
        """first: the first window's first frame."""
        self._source = torch.Generator().manual_seed(seed)
        self._draws, self._frames, self._size, self._first = draws, frames, size, first
        self._noise = torch.randn((draws, 1, frames, size), generator=self._source)

    def window(self, start: int) -> Tensor:
        """(draws, 1, frames, size) float32 on the CPU, for a window that begins at the frame `start`."""
        # Frame by frame: the noise must not depend on where windows begin.
        for _ in range(start + self._frames - self._first - self._noise.shape[2]):
            one = torch.randn((self._draws, 1, 1, self._size), generator=self._source)
            self._noise = torch.cat([self._noise, one], dim=2)
        # The next window may begin some frames before this one, if the sound is not what it expected.
        passed = max(start - self._frames // 2 - self._first, 0)
        self._noise, self._first = self._noise[:, :, passed:], self._first + passed
        begin = start - self._first
        return self._noise[:, :, begin : begin + self._frames]
