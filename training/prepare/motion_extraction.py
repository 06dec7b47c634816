"""The motion of a face in a video: every picture through the motion extractor, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import cv2
import numpy as np

from engines.joyvasa.crop import CROP_SIDE, NETWORK_SIDE, CropBox, resized
from engines.joyvasa.pose import degrees_from_logits
from training.prepare.face_following import FaceFollower, FollowedFace

if TYPE_CHECKING:
    import torch

    from engines.joyvasa.motion_extractor import MotionExtractor

Pictures = Callable[[], Iterator[np.ndarray]]
"""Begins a video anew: (H, W, 3) uint8 RGB pictures at 25 per second, all of one size."""
View = Callable[[np.ndarray], np.ndarray]

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
"""Pictures at once. On a processor a batch leaves its caches and takes a third longer per picture."""


def extract_motion(
    pictures: Pictures,
    follower: FaceFollower,
    network: MotionExtractor,
    *,
    square: bool,
    batch: int | None = None,
) -> dict[str, np.ndarray]:
    """The arrays of `WIDTHS`, (n, width) float32 each; angles in degrees.

    square: the video is a face cut out already and is reduced as it is; from others one square is cut for all
    pictures, around the mean place of the face, for which they are read a second time. batch: pictures that
    the network takes at once; what suits the device where it is left out. Holds one picture and a batch of
    reduced ones. Raises Rejected as the follower, and whatever `pictures` raises.
    """
    batch = batch or (CPU_BATCH if _device(network).type == "cpu" else GPU_BATCH)
    if square:
        heads = _heads((_looked_at(follower, p) for p in pictures()), whole_view, network, batch)
        face = follower.finish()
    else:
        for picture in pictures():
            follower.look(picture)
        face = follower.finish()
        heads = _heads(pictures(), BoxView(face.box), network, batch)
    return _filled(heads | {"eyes": face.eyes, "lip": face.lip}, face)


def whole_view(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 -> (256, 256, 3): all of it."""
    return resized(picture, NETWORK_SIDE)


class BoxView:
    """Cuts the same upright square out of every picture, black where it leaves it.

    OpenCV rounds its weights to 1/32, which the halving after it hides; it takes a twentieth of the time of
    the engine's exact sampling, and a video has thousands of pictures.
    """

    def __init__(self, box: CropBox) -> None:
        self._to_crop = box.to_crop(CROP_SIDE, turned=False)[:2]

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 -> (256, 256, 3)."""
        size = (CROP_SIDE, CROP_SIDE)
        return resized(cv2.warpAffine(picture, self._to_crop, size, flags=cv2.INTER_LINEAR), NETWORK_SIDE)


def _looked_at(follower: FaceFollower, picture: np.ndarray) -> np.ndarray:
    follower.look(picture)
    return picture


def _heads(
    pictures: Iterable[np.ndarray], view: View, network: MotionExtractor, batch: int
) -> dict[str, np.ndarray]:
    views = map(view, pictures)
    parts: dict[str, list[np.ndarray]] = {name: [np.zeros((0, WIDTHS[name]), np.float32)] for name in HEADS}
    while some := list(islice(views, batch)):
        for name, rows in _through(network, np.stack(some)).items():
            parts[name].append(rows)
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def _through(network: MotionExtractor, views: np.ndarray) -> dict[str, np.ndarray]:
    import torch

    with torch.inference_mode():
        pixels = torch.from_numpy(views).to(_device(network)).permute(0, 3, 1, 2).float() / 255
        heads = network(pixels)
    rows = {name: getattr(heads, name).float().cpu().numpy() for name in HEADS}
    return rows | {name: degrees_from_logits(rows[name]) for name in ("pitch", "yaw", "roll")}


def _device(network: MotionExtractor) -> torch.device:
    return next(network.parameters()).device


def _filled(arrays: dict[str, np.ndarray], face: FollowedFace) -> dict[str, np.ndarray]:
    """The arrays; where no face was seen, straight lines between the rows before and after."""
    if face.seen.all():
        return arrays
    frames, known = np.arange(len(face.seen)), np.flatnonzero(face.seen)
    return {
        name: np.stack([np.interp(frames, known, column[known]) for column in rows.T], axis=1).astype(
            np.float32
        )
        for name, rows in arrays.items()
    }
