"""Puts rendered crops back into the whole portrait, with a soft mask and without a seam.

The mask is our own: a rounded box whose weight rises from 0 at the crop's border to 1 inside. It is computed
at the portrait's resolution, so it is smooth for faces of every size. Pixels of weight 0 are the portrait's
own, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engines.joyvasa.face.affine import BilinearTaps, pixel_places, sample_bilinear

FALLOFF = 0.12
"""Width of the mask's soft border, as a fraction of the crop's side. The margin around the face in a crop of
scale 2.3 is more than twice as wide, so no part of the face is blended.
"""
CORNER = 0.3
"""Radius of the mask's corners, as a fraction of the crop's side."""


def mask_weights(x: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """Weight of the crop at positions in it.

    x, y: pixels of a crop of size x size, any equal shape. Returns float32 of that shape, 0..1: 0 on the
    outermost pixels and beyond, 1 inside, with slope 0 at both ends, so that no edge is visible.
    """
    half = (size - 1) / 2
    radius = CORNER * size
    beyond = [np.abs(v - half) - (half - radius) for v in (x, y)]
    outside = np.hypot(*(np.maximum(b, 0) for b in beyond)) + np.minimum(np.maximum(*beyond), 0)
    depth = np.clip((radius - outside) / (FALLOFF * size), 0, 1)
    return (depth * depth * (3 - 2 * depth)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class CropPlacement:
    """The place of a crop in a portrait.

    image: (H, W, 3) uint8 RGB, the portrait. to_crop: (3, 3) matrix from its pixels to the crop's.
    size: pixels along one side of the crop. rows, columns: the part of the portrait with weight above 0.
    weights: (h, w, 1 or 3) float32, 0..1, of that part.
    """

    image: np.ndarray
    to_crop: np.ndarray
    size: int
    rows: slice
    columns: slice
    weights: np.ndarray

    @property
    def part(self) -> np.ndarray:
        """(h, w, 3) uint8: the portrait under the crop."""
        return self.image[self.rows, self.columns]

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y in the crop of every pixel of the part, (h, w) float64."""
        height, width = self.weights.shape[:2]
        shift = np.eye(3)
        shift[:2, 2] = self.columns.start, self.rows.start
        return pixel_places(np.asarray(self.to_crop, np.float64) @ shift, (height, width))

    @property
    def shrinkage(self) -> int:
        """The number of crop pixels per portrait pixel along each side, at least 1."""
        factor = float(np.sqrt(abs(np.linalg.det(np.asarray(self.to_crop, np.float64)[:2, :2]))))
        return max(1, int(factor + 1e-6))


def place(image: np.ndarray, to_crop: np.ndarray, size: int, mask: np.ndarray | None = None) -> CropPlacement:
    """Find the part of an (H, W, 3) uint8 portrait that a crop covers, and the weight of each pixel.

    mask: (size, size) or (size, size, 3) uint8, used instead of the built-in one. Raises ValueError if the
    crop does not touch the portrait.
    """
    height, width = image.shape[:2]
    if mask is None:
        weights = mask_weights(*pixel_places(to_crop, (height, width)), size)[..., None]
    else:
        drawn = sample_bilinear(mask.reshape(size, size, -1), to_crop, (height, width))
        weights = drawn.astype(np.float32) / 255
    seen = weights.max(axis=2) > 0
    if not seen.any():
        raise ValueError("The face's crop lies outside of the portrait.")
    rows, columns = (
        slice(int(found[0]), int(found[-1]) + 1)
        for found in (np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0)))
    )
    return CropPlacement(image, to_crop, size, rows, columns, weights[rows, columns])


class PasteBack:
    """Pastes crops into one portrait on the CPU, with numpy. `TorchPasteBack` does the same on a device."""

    def __init__(self, placement: CropPlacement, *, original: bool = False) -> None:
        """original: round the warped crop and cut off the fraction of the result, as the original does,
        and leave out the averaging of crops that are larger than their place in the portrait.
        """
        self._placement = placement
        self._original = original
        self._reduce = 1 if original else placement.shrinkage
        self._seen = placement.weights.max(axis=2) > 0
        self._taps = _taps(placement, self._reduce, self._seen)
        self._weights = placement.weights[self._seen]
        self._under = placement.part[self._seen].astype(np.float32)

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        """(n, size, size, 3) uint8 RGB crops -> (n, H, W, 3) uint8 RGB pictures."""
        place = self._placement
        frames = np.repeat(place.image[None], len(crops), axis=0)
        for frame, crop in zip(frames, crops, strict=True):
            frame[place.rows, place.columns][self._seen] = self._blended(crop)
        return frames

    def _blended(self, crop: np.ndarray) -> np.ndarray:
        drawn = self._taps.draw(_reduced(crop, self._reduce))
        if self._original:
            drawn = np.rint(drawn)
            mixed = self._weights * drawn + (1 - self._weights) * self._under
        else:
            mixed = np.rint(self._under + self._weights * (drawn - self._under))
        return np.clip(mixed, 0, 255).astype(np.uint8)


def drawn_over(placement: CropPlacement, crop: np.ndarray) -> np.ndarray:
    """A (size, size, 3) uint8 crop as `PasteBack` draws it over the part before it blends: (h, w, 3) uint8.

    What has weight 0 is black.
    """
    seen = placement.weights.max(axis=2) > 0
    reduce = placement.shrinkage
    pixels = np.zeros((*seen.shape, 3), np.uint8)
    pixels[seen] = np.rint(_taps(placement, reduce, seen).draw(_reduced(crop, reduce)))
    return pixels


def _taps(placement: CropPlacement, reduce: int, seen: np.ndarray) -> BilinearTaps:
    """Where the pixels of the part that are seen lie in a crop that is reduced by a whole factor."""
    x, y = ((v + 0.5) / reduce - 0.5 for v in placement.places())
    side = placement.size // reduce
    return BilinearTaps(x[seen], y[seen], (side, side))


def _reduced(crop: np.ndarray, reduce: int) -> np.ndarray:
    if reduce == 1:
        return crop
    side = crop.shape[0] // reduce
    used = side * reduce
    return np.asarray(cv2.resize(crop[:used, :used], (side, side), interpolation=cv2.INTER_AREA))
