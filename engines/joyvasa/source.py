"""One portrait as this engine sees it: its face cut out, its appearance and pose read, its way back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from engines.joyvasa.crop import CROP_SIDE, FaceCrop, crop_face, whole_picture
from engines.joyvasa.loaded import Mode
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.paste_back import PasteBack, place
from engines.joyvasa.paste_back_torch import TorchPasteBack
from engines.joyvasa.pose import SourcePose
from media.portrait import Portrait


@dataclass(frozen=True, eq=False)
class PortraitSource:
    """feature: (1, 32, 16, 64, 64) appearance on the device. pose: keypoints and pose of the portrait.
    lip_ratio: how far its lips are open, None where that is not known. notes: sentences for the user.
    """

    crop: FaceCrop
    feature: torch.Tensor
    pose: SourcePose
    lip_ratio: float | None
    notes: tuple[str, ...] = ()


@torch.inference_mode()
def read_source(mode: Mode, portrait: Portrait, options: JoyVasaOptions) -> PortraitSource:
    """Find the face, cut it out and read it. Raises NoFaceError when there is none to animate."""
    lip_ratio, notes = None, ()
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
    return PortraitSource(crop, mode.appearance(image), pose, lip_ratio, notes)


class Finisher:
    """Makes finished pictures from rendered crops: pasted into the portrait, unsqueezed, or as they are."""

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
        if isinstance(self._paste, TorchPasteBack):
            return self._paste(crops).cpu().numpy()
        levels = (crops.float().clamp(0, 1) * 255).round().to(torch.uint8)
        pictures = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        if self._paste is not None:
            return self._paste(pictures)
        if self._size == (CROP_SIDE, CROP_SIDE):
            return pictures
        return np.stack([cv2.resize(p, self._size, interpolation=cv2.INTER_LINEAR) for p in pictures])


def picture_size(portrait: Portrait, options: JoyVasaOptions) -> tuple[int, int]:
    """Width and height of the video: the portrait's, or that of the crop when it is not pasted back."""
    if options.flag_do_crop and not options.flag_pasteback:
        return CROP_SIDE, CROP_SIDE
    return portrait.width, portrait.height
