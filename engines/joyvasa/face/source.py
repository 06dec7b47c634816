"""One portrait as this engine sees it: the crop of the face, its appearance and pose, and its place in the
portrait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from engines.joyvasa.face.crop import CROP_SIDE, FaceCrop, crop_face, whole_picture
from engines.joyvasa.face.paste_back import PasteBack, place
from engines.joyvasa.face.paste_back_torch import TorchPasteBack
from engines.joyvasa.fast.fast_warping import WarpingSource
from engines.joyvasa.motion.pose import SourcePose
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.model_registry import Mode
from media.portrait import Portrait


@dataclass(frozen=True, eq=False)
class PortraitSource:
    """feature: (1, 32, 16, 64, 64) appearance on the device. pose: keypoints and pose of the portrait.
    lip_ratio: how far its lips are open; None if unknown. notes: sentences for the user about how the face
    was found. key: unique among the sources of its mode.
    """

    crop: FaceCrop
    feature: torch.Tensor
    pose: SourcePose
    lip_ratio: float | None
    notes: tuple[str, ...]
    key: Hashable


def read_source(mode: Mode, portrait: Portrait, options: JoyVasaOptions) -> PortraitSource:
    """Find the face, cut it out and encode it, or return the cached result. Raises NoFaceError if no face can
    be animated.
    """
    key = source_key(portrait, options)
    return mode.sources.get(key, lambda: _read(mode, portrait, options, key))


def prepare_source(mode: Mode, source: PortraitSource, dtype: torch.dtype) -> WarpingSource:
    """What the renderer of a dtype needs of a portrait, computed or cached."""
    renderer = mode.renderer(dtype)
    keypoints = torch.from_numpy(source.pose.keypoints)
    return mode.sources.get((source.key, dtype), lambda: renderer.prepare(source.feature, keypoints))


def source_key(portrait: Portrait, options: JoyVasaOptions) -> Hashable:
    """Equal for portraits and options that give the same source: pixels, chosen face, points, crop."""
    if not options.flag_do_crop:
        return portrait.sha256
    face = portrait.face
    points = face and (face.box, hashlib.sha256(face.landmarks.tobytes()).digest())
    cut = (options.scale, options.vx_ratio, options.vy_ratio, options.flag_do_rot, options.det_thresh)
    return portrait.sha256, portrait.subject, portrait.anchors, points, cut


@torch.inference_mode()
def _read(mode: Mode, portrait: Portrait, options: JoyVasaOptions, key: Hashable) -> PortraitSource:
    lip_ratio: float | None = None
    notes: tuple[str, ...] = ()
    if options.flag_do_crop:
        face = mode.finder.find(portrait, det_thresh=options.det_thresh)
        crop = crop_face(
            portrait.image,
            face.points,
            scale=options.scale,
            vx_ratio=options.vx_ratio,
            vy_ratio=options.vy_ratio,
            rotate=options.flag_do_rot,
        )
        lip_ratio, notes = face.lip_ratio, face.notes
    else:
        crop = whole_picture(portrait.image)
    pixels = torch.from_numpy(crop.for_network()).to(mode.device)
    image = pixels.permute(2, 0, 1)[None].float() / 255
    pose = SourcePose.from_heads(mode.motion(image))
    return PortraitSource(crop, mode.appearance(image), pose, lip_ratio, notes, key)


class Finisher:
    """Makes finished frames from rendered crops: pasted into the portrait, unsqueezed, or unchanged."""

    def __init__(
        self, portrait: Portrait, crop: FaceCrop, options: JoyVasaOptions, device: torch.device
    ) -> None:
        self._size = picture_size(portrait, options)
        self._paste: PasteBack | TorchPasteBack | None = None
        if options.flag_do_crop and options.flag_pasteback:
            placement = place(portrait.image, crop.to_crop, CROP_SIDE)
            on_cpu = device.type == "cpu"
            self._paste = PasteBack(placement) if on_cpu else TorchPasteBack(placement, device)

    def __call__(self, crops: torch.Tensor) -> np.ndarray:
        """(n, 3, 512, 512) in 0..1 on the device -> (n, H, W, 3) uint8 RGB."""
        return self.on_host(self.on_device(crops).cpu().numpy())

    def on_device(self, crops: torch.Tensor) -> torch.Tensor:
        """The part computed on the device: (n, 3, 512, 512) in 0..1 -> (n, h, w, 3) uint8, for `on_host`."""
        if isinstance(self._paste, TorchPasteBack):
            return self._paste(crops)
        levels = (crops.float().clamp(0, 1) * 255).round().to(torch.uint8)
        return levels.permute(0, 2, 3, 1).contiguous()

    def on_host(self, pictures: np.ndarray) -> np.ndarray:
        """The part computed on the CPU: the result of `on_device` -> (n, H, W, 3) uint8 RGB."""
        if isinstance(self._paste, PasteBack):
            return self._paste(pictures)
        if self._paste is not None or self._size == (CROP_SIDE, CROP_SIDE):
            return pictures
        return np.stack([cv2.resize(p, self._size, interpolation=cv2.INTER_LINEAR) for p in pictures])


def picture_size(portrait: Portrait, options: JoyVasaOptions) -> tuple[int, int]:
    """Width and height of the video: the portrait's, or the crop's if it is not pasted back."""
    if options.flag_do_crop and not options.flag_pasteback:
        return CROP_SIDE, CROP_SIDE
    return portrait.width, portrait.height
