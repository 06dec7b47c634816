"""Renders many frames batch by batch; on a GPU, the next batch is computed while the previous one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engines.base import Step
from engines.joyvasa.fast.fast_warping import WarpingSource
from media.errors import OutOfMemory

USUAL_BATCH = {"cuda": 16, "mps": 4, "cpu": 2}
"""Frames rendered together, by kind of device."""
Pictures = Callable[[], np.ndarray]
"""Waits for frames that are being copied from the device, and returns them."""


class Renders(Protocol):
    """What a renderer must do."""

    def render(self, source: WarpingSource, kp_driving: Tensor) -> Tensor:
        """Driving keypoints (n, 21, 3) on the device -> frames (n, 3, 512, 512) there."""


class FrameFinisher(Protocol):
    """What turns rendered frames into finished ones must do."""

    def on_device(self, crops: Tensor) -> Tensor:
        """The part computed on the device: -> (n, h, w, 3) uint8."""

    def on_host(self, frames: np.ndarray) -> np.ndarray:
        """The part computed on the CPU: -> (n, H, W, 3) uint8."""


class Batches:
    """Turns keypoints into finished frames for one job. Batches shrink if the device's memory is full.

    A GPU computes in the background, so a batch is started before the previous one is fetched: the video is
    written while frames are computed. A CPU would gain nothing from this.
    """

    def __init__(
        self,
        renderer: Renders,
        finish: FrameFinisher,
        device: torch.device,
        size: int = 0,
        ahead: int | None = None,
    ) -> None:
        """size: frames at once; 0 for the device's default. ahead: batches started before the oldest is
        fetched; None for 1 on a CUDA device and 0 elsewhere.
        """
        self._renderer, self._finish, self._device = renderer, finish, device
        self._size = size or USUAL_BATCH.get(device.type, 2)
        self._ahead = (1 if device.type == "cuda" else 0) if ahead is None else ahead

    def render(
        self, source: WarpingSource, windows: Iterable[np.ndarray | Step]
    ) -> Iterator[np.ndarray | Step]:
        """Keypoints (n, 21, 3) float32 of each window -> finished frames (k, H, W, 3), all in order.

        Steps between the windows pass through. The first window is returned without waiting for the second.
        From then on, the last batch of a window is computed while the next window is sampled. Raises
        OutOfMemory when not even one frame fits.
        """
        under_way: deque[Pictures] = deque()
        first = True
        for window in windows:
            if isinstance(window, Step):
                yield window
                continue
            for begun in self._started(source, self._uploaded(window)):
                under_way.append(begun)
                if len(under_way) > self._ahead:
                    yield self._finish.on_host(under_way.popleft()())
            while first and under_way:
                yield self._finish.on_host(under_way.popleft()())
            first = False
        while under_way:
            yield self._finish.on_host(under_way.popleft()())

    def _started(self, source: WarpingSource, keypoints: Tensor) -> Iterator[Pictures]:
        """Start the batches of a window, each when the caller asks for it."""
        done = 0
        while done < len(keypoints):
            part = keypoints[done : done + self._size]
            begun = self._begun(source, part)
            if begun is None:  # only now is the memory of the failed batch free
                torch.cuda.empty_cache()
                self._size = max(1, self._size // 2)
                continue
            yield begun
            done += len(part)

    def _begun(self, source: WarpingSource, keypoints: Tensor) -> Pictures | None:
        """Start one batch; None if it does not fit and a smaller one may."""
        try:
            return fetch(self._finish.on_device(self._renderer.render(source, keypoints)))
        except torch.cuda.OutOfMemoryError as error:
            if self._size > 1:
                return None
            raise OutOfMemory(
                "Not even one frame fits into the GPU's memory. Close other programs on it, or run "
                "with JOYSTUDIO_DEVICE=cpu."
            ) from error

    def _uploaded(self, window: np.ndarray) -> Tensor:
        """Copy to the device; an ordinary copy to a GPU would wait until the GPU is idle."""
        keypoints = torch.from_numpy(window)
        if self._device.type != "cuda":
            return keypoints.to(self._device)
        return keypoints.pin_memory().to(self._device, non_blocking=True)


def fetch(frames: Tensor) -> Pictures:
    """Begin to copy frames to the host; the returned function waits for them and for no later work."""
    if frames.device.type != "cuda":
        return lambda: frames.cpu().numpy()
    # A page-locked buffer is copied to in the background. It is returned to torch's own store of such
    # buffers when the array that the caller got is gone.
    host = torch.empty(frames.shape, dtype=frames.dtype, pin_memory=True)
    host.copy_(frames, non_blocking=True)
    copied = torch.cuda.Event()
    copied.record(torch.cuda.current_stream(frames.device))

    def wait() -> np.ndarray:
        copied.synchronize()
        return host.numpy()

    return wait
