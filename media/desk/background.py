"""Replaces what is behind a person."""

from __future__ import annotations

import numpy as np

from media.desk.edit import BLUR, ORIGINAL, TRANSPARENT
from media.desk.segmenter import Segmenter, default_segmenter
from media.errors import PortraitError
from media.framing import colour_of
from media.picture import GROUND
from media.placement import Box

LEAST_FACE = 0.6
"""Fraction of the face that must count as a person."""
BLUR_SHARE = 0.035
"""Standard deviation of the blur, as a fraction of the longest side."""


def with_background(
    image: np.ndarray, background: str, face: Box | None, segmenter: Segmenter | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """The (H, W, 3) uint8 RGB image with another background, read-only, and its opacity.

    background: as in `media.desk.edit.PortraitEdit`. face: the box of the face in pixels. The opacity is
    (H, W) uint8 for a transparent background, behind which the image is grey, and None for others.

    Raises PortraitError if the person is not recognized.
    """
    if background == ORIGINAL:
        return image, None
    mask = (segmenter or default_segmenter()).mask(image)
    _check(mask, face)
    person = mask[:, :, None]
    behind = _blurred(image, mask) if background == BLUR else _plain(image, background)
    mixed = np.rint(person * image + (1 - person) * behind).astype(np.uint8)
    mixed.flags.writeable = False
    return mixed, np.rint(255 * mask).astype(np.uint8) if background == TRANSPARENT else None


def _check(mask: np.ndarray, face: Box | None) -> None:
    height, width = mask.shape
    x0, y0, x1, y1 = face or (0.0, 0.0, float(width), float(height))
    part = mask[max(0, int(y0)) : max(1, int(y1)), max(0, int(x0)) : max(1, int(x1))]
    share = float((part > 0.5).mean()) if part.size else 0.0
    if share < (LEAST_FACE if face else 0.02):
        raise PortraitError(
            "The background cannot be replaced: only {share:.0%} of the face is recognized as a person, and "
            "at least {least:.0%} are needed. Keep the background, or use a portrait of a person.",
            share=share,
            least=LEAST_FACE,
        )


def _plain(image: np.ndarray, background: str) -> np.ndarray:
    colour = GROUND if background == TRANSPARENT else colour_of(background)
    return np.broadcast_to(np.array(colour, np.float32), image.shape)


def _blurred(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The background blurred from its own pixels only, so that the person leaves no halo."""
    import cv2

    sigma = BLUR_SHARE * max(image.shape)
    seen = (1 - mask)[:, :, None]
    colours = cv2.GaussianBlur(np.ascontiguousarray(seen * image), (0, 0), sigma)
    amount = cv2.GaussianBlur(np.ascontiguousarray(1 - mask), (0, 0), sigma)[:, :, None]
    far = cv2.GaussianBlur(np.ascontiguousarray(image, np.float32), (0, 0), 4 * sigma)
    known = np.clip(20 * amount, 0, 1)  # deep inside the person, there is no background to blur
    return np.asarray(known * colours / np.maximum(amount, 1e-3) + (1 - known) * far)
