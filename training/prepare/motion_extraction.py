"""Extracts the motion of a face in a video: runs every frame through the motion extractor, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import cv2
import numpy as np

from engines.joyvasa.face.crop import CROP_SIDE, NETWORK_SIDE, CropBox, resized
from engines.joyvasa.motion.pose import degrees_from_logits
from training.prepare.face_following import FaceFollower, bridged

if TYPE_CHECKING:
    import torch

    from engines.joyvasa.networks.motion_extractor import MotionExtractor

Pictures = Callable[[], Iterator[np.ndarray]]
"""Starts a video again: (H, W, 3) uint8 RGB frames at 25 per second, all of one size."""

WIDTHS = {
    "exp": 63,
    "scale": 1,
    "t": 3,
    "pitch": 1,
    "yaw": 1,
    "roll": 1,
    "eyes": 2,
    "lip": 1,
    "kp": 63,
}
"""Arrays of a prepared motion and their numbers per frame."""
HEADS = ("exp", "scale", "t", "pitch", "yaw", "roll", "kp")
GPU_BATCH, CPU_BATCH = 32, 1
"""Frames at once. On a CPU, a batch does not fit the caches, so every frame takes longer."""


def face_views(frames: Pictures, follower: FaceFollower, *, square: bool) -> Iterator[np.ndarray]:
    """The network's input of each frame, (256, 256, 3) uint8 RGB; afterwards, `follower` has read all frames.

    square: the video is a face cut out already and is reduced as it is; from others one square is cut for all
    frames, around the mean place of the face, for which they are read a second time. Holds one frame.
    Raises Rejected as the follower, and whatever `frames` raises.
    """
    if square:
        for frame in frames():
            follower.look(frame)
            yield whole_view(frame)
        return
    for frame in frames():
        follower.look(frame)
    yield from map(BoxView(follower.finish().box), frames())


def motion_of(
    views: Iterable[np.ndarray], seen: np.ndarray, network: MotionExtractor, batch: int | None = None
) -> dict[str, np.ndarray]:
    """The arrays of `HEADS`, (n, width) float32 each, angles in degrees, of n views.

    seen: (n,) bool, whether a view has a face; the network's results for other views are discarded. batch:
    views that the network takes at once; by default what suits the device. Holds two batches.
    """
    batch = batch or (CPU_BATCH if _device(network).type == "cpu" else GPU_BATCH)
    waiting = iter(views)
    parts: dict[str, list[np.ndarray]] = {name: [np.zeros((0, WIDTHS[name]), np.float32)] for name in HEADS}
    while some := list(islice(waiting, batch)):
        for name, rows in _through(network, np.stack(some)).items():
            parts[name].append(rows)
    return {name: bridged(np.concatenate(rows), seen) for name, rows in parts.items()}


def whole_view(frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 -> (256, 256, 3): all of it."""
    return resized(frame, NETWORK_SIDE)


class BoxView:
    """Cuts the same upright square out of every frame, black outside of the frame.

    OpenCV rounds its weights to 1/32, which the halving after it hides; it takes a twentieth of the time of
    the engine's exact sampling, and a video has thousands of frames.
    """

    def __init__(self, box: CropBox) -> None:
        self._to_crop = box.to_crop(CROP_SIDE, turned=False)[:2]

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 -> (256, 256, 3)."""
        size = (CROP_SIDE, CROP_SIDE)
        return resized(cv2.warpAffine(frame, self._to_crop, size, flags=cv2.INTER_LINEAR), NETWORK_SIDE)


def _through(network: MotionExtractor, views: np.ndarray) -> dict[str, np.ndarray]:
    import torch

    with torch.inference_mode():
        pixels = torch.from_numpy(views).to(_device(network)).permute(0, 3, 1, 2).float() / 255
        heads = network(pixels)
    rows = {name: getattr(heads, name).float().cpu().numpy() for name in HEADS}
    return rows | {name: degrees_from_logits(rows[name]) for name in ("pitch", "yaw", "roll")}


def _device(network: MotionExtractor) -> torch.device:
    return next(network.parameters()).device
