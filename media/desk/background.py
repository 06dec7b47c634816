"""Replaces what is behind a person."""

from __future__ import annotations

import numpy as np

from media.desk.edit import BLUR, ORIGINAL, TRANSPARENT
from media.desk.foreground import exact_mask, own_colours
from media.desk.segmenter import Segmenter, default_segmenter
from media.errors import PortraitError
from media.framing import colour_of
from media.picture import GROUND
from media.placement import Box

LEAST_FACE = 0.6
"""Fraction of the face that must count as a person."""
LEAST_PERSON = 0.02
"""Fraction of a portrait without a known face that must count as a person."""
BLUR_SHARE = 0.035
"""Standard deviation of the blur, as a fraction of the longest side."""
BLURRED_SIDE = 320
"""Pixels of the longer side of the background while it is blurred: the blur leaves no finer detail, and at
1280 pixels its kernels would have over a thousand weights.
"""


def with_background(
    image: np.ndarray, background: str, face: Box | None, segmenter: Segmenter | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """The (H, W, 3) uint8 RGB image with another background, read-only, and its opacity.

    background: as in `media.desk.edit.PortraitEdit`. face: the box of the face in pixels. The opacity is
    (H, W) uint8 for a transparent background, where the image has the person's own colours, and is grey where
    it is 0; None for others.

    Raises PortraitError if the person is not recognized.
    """
    if background == ORIGINAL:
        return image, None
    mask = (segmenter or default_segmenter()).mask(image)
    check_person(mask, face)
    mask = exact_mask(image, mask)
    colours, opacity = own_colours(image, mask), None
    if background == TRANSPARENT:
        opacity = np.rint(255 * mask).astype(np.uint8)
        colours[opacity == 0] = GROUND
    else:
        person = mask[:, :, None]
        behind = _blurred(image, mask) if background == BLUR else np.array(colour_of(background), np.float32)
        colours = np.rint(person * colours + (1 - person) * behind).astype(np.uint8)
    colours.flags.writeable = False
    return colours, opacity


def check_person(mask: np.ndarray, face: Box | None) -> None:
    """Raise PortraitError if a mask shows no person. face: as for `with_background`."""
    if face is None:
        share = float((mask > 0.5).mean())
        if share < LEAST_PERSON:
            raise PortraitError(
                "The background cannot be replaced: only {share:.1%} of the portrait is recognized as a "
                "person, and at least {least:.0%} are needed. Keep the background, or use a portrait of a "
                "person.",
                share=share,
                least=LEAST_PERSON,
            )
        return
    x0, y0, x1, y1 = face
    part = mask[max(0, int(y0)) : max(1, int(y1)), max(0, int(x0)) : max(1, int(x1))]
    share = float((part > 0.5).mean()) if part.size else 0.0
    if share < LEAST_FACE:
        raise PortraitError(
            "The background cannot be replaced: only {share:.0%} of the face is recognized as a person, and "
            "at least {least:.0%} are needed. Keep the background, or use a portrait of a person.",
            share=share,
            least=LEAST_FACE,
        )


def _blurred(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The background blurred from its own pixels only, so that the person leaves no halo."""
    import cv2

    height, width = mask.shape
    scale = min(1.0, BLURRED_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    sigma = BLUR_SHARE * max(size)

    def soft(pixels: np.ndarray, sigma: float) -> np.ndarray:
        small = cv2.resize(np.ascontiguousarray(pixels, np.float32), size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (0, 0), sigma))

    colours = soft((1 - mask)[:, :, None] * image, sigma)
    amount = soft(1 - mask, sigma)[:, :, None]
    known = np.clip(20 * amount, 0, 1)  # deep inside the person, there is no background to blur
    mixed = known * colours / np.maximum(amount, 1e-3) + (1 - known) * soft(image, 4 * sigma)
    return np.asarray(cv2.resize(mixed, (width, height), interpolation=cv2.INTER_LINEAR))
