"""Everything that steers the denoising of one clip and stays the same over its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from engines.joyhallo.networks.config import MOTION_FRAMES

if TYPE_CHECKING:
    from engines.joyhallo.networks.reference_unet import ReferenceUNet

MotionScale: TypeAlias = tuple[float, float, float]

NO_REFERENCE_FRAMES = 2 * MOTION_FRAMES
"""Number of frames of zeros that replace the motion frames if there is no reference pass."""


@dataclass(frozen=True, eq=False)
class ClipConditions:
    """What a clip of f frames is made from, for n rows: [unconditional, conditional] under guidance.

    guided: the first half of the rows is the unconditional one, which does not see the reference image.
    banks: for each spatial transformer the tokens (n, 1 + motion frames, l, C) that the reference U-Net
        handed on: the portrait, then the last frames of the clip before. Empty without a reference pass,
        which happens in training only.
    face_tokens: (n, 4, text_dim).
    audio_tokens: (n, f, 32, audio_dim), zeros in the unconditional half.
    locator: (n, C, 1 or f, h, w), added to what `conv_in` makes; zeros in the unconditional half.
    masks: for each of the four levels (3, 1 or n*f, l) in 0..1: everything but the face, face, mouth.
    motion_scale: how strongly these three move.
    """

    guided: bool
    banks: Mapping[str, Tensor]
    face_tokens: Tensor
    audio_tokens: Tensor
    locator: Tensor
    masks: Sequence[Tensor]
    motion_scale: MotionScale = (1.0, 1.0, 1.0)

    @property
    def rows(self) -> int:
        """n."""
        return self.face_tokens.shape[0]

    @property
    def frames(self) -> int:
        """f."""
        return self.audio_tokens.shape[1]

    @property
    def blind(self) -> int:
        """The number of the n rows that do not see the reference image."""
        return self.rows // 2 if self.guided else 0

    def reference(self, name: str) -> Tensor | None:
        """The portrait's tokens that each frame sees in a spatial transformer: (n*f, l, C).

        The n rows follow each other frame by frame. So under guidance the conditional frames see in turn
        the portrait as it is with the unconditional and with the conditional face tokens: the original
        repeats the rows for a layout in which frames come before videos, and its weights know it so.
        """
        bank = self.banks.get(name)
        return None if bank is None else bank[:, 0].repeat(self.frames, 1, 1)

    def motion_features(self, name: str, x: Tensor) -> Tensor:
        """What is put before a video's frames (n*f, C, h, w) on the time axis: (n, k, C, h, w)."""
        bank = self.banks.get(name)
        if bank is None:
            return x.new_zeros(self.rows, NO_REFERENCE_FRAMES, *x.shape[1:])
        return bank[:, 1:].mT.unflatten(-1, (x.shape[2], -1)).to(x.dtype)


def tiled(tokens: Tensor, rows: int) -> Tensor:
    """The face tokens of each row of the reference pass: the sets follow each other row by row.

    So under guidance the portrait's first row gets the unconditional tokens, the first motion frame the
    conditional ones, the second again the unconditional ones, and so on, whatever half a row belongs to.
    That is how the original does it, and how its weights were trained.
    """
    return tokens.repeat(-(-rows // len(tokens)), 1, 1)[:rows]


def banks_of(
    reference_unet: ReferenceUNet,
    latents: Tensor,
    face_tokens: Tensor,
    *,
    rounding: torch.dtype | None = None,
) -> dict[str, Tensor]:
    """Run the reference U-Net on frames (r, 4, h, w) and sort its banks by video.

    latents: r = n * (1 + motion frames) frames; face_tokens: (n, 4, text_dim), tiled over them.
    rounding: a dtype that the banks are rounded to, as the original rounds them to float16.
    Returns (n, 1 + motion frames, l, C) by the name of the spatial transformer.
    """
    banks = reference_unet(latents, tiled(face_tokens, len(latents)))
    if rounding is not None:
        banks = {name: bank.to(rounding).to(bank.dtype) for name, bank in banks.items()}
    return {name: bank.unflatten(0, (len(face_tokens), -1)) for name, bank in banks.items()}


def prepare(
    reference_unet: ReferenceUNet,
    *,
    latents: Tensor,
    face_tokens: Tensor,
    null_face_tokens: Tensor | None,
    audio_tokens: Tensor,
    locator: Tensor,
    masks: Sequence[Tensor],
    motion_scale: MotionScale = (1.0, 1.0, 1.0),
    rounding: torch.dtype | None = None,
) -> ClipConditions:
    """The conditions of one clip, with the reference pass done; both halves when guidance is wanted.

    latents: (3, 4, h, w), the portrait and the two last frames of the clip before (the portrait again
    for the first clip), already scaled. face_tokens, null_face_tokens: (1, 4, text_dim), what the image
    projection makes of the face and of zeros; without the latter there is no guidance and one row.
    audio_tokens: (1, f, 32, audio_dim). locator: (1, C, 1 or f, h, w). masks: four of (3, 1, l).
    rounding: as in `banks_of`.
    """
    guided = null_face_tokens is not None
    if null_face_tokens is not None:
        face_tokens = torch.cat([null_face_tokens, face_tokens])
        latents = torch.cat([latents, latents])
        audio_tokens = torch.cat([torch.zeros_like(audio_tokens), audio_tokens])
        locator = torch.cat([torch.zeros_like(locator), locator])
    banks = banks_of(reference_unet, latents, face_tokens, rounding=rounding)
    return ClipConditions(guided, banks, face_tokens, audio_tokens, locator, masks, motion_scale)


def stacked_masks(
    full: Sequence[np.ndarray | Tensor],
    face: Sequence[np.ndarray | Tensor],
    lips: Sequence[np.ndarray | Tensor],
) -> tuple[Tensor, ...]:
    """The masks of `ClipConditions` from four levels (r, l) of each region."""
    return tuple(
        torch.stack([torch.as_tensor(region) for region in level])
        for level in zip(full, face, lips, strict=True)
    )
