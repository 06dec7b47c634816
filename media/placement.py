"""Maps pixels of a portrait to the uploaded image, which may be reduced, cropped and turned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Placement:
    """upload_size: width and height of the upright upload in pixels.

    scale: pixels of the portrait per pixel of the upload. left, top: where the crop begins, in pixels of the
    upload. size: width and height in pixels of the portrait before it was turned. turns: final quarter turns
    counter-clockwise, 0..3.
    """

    upload_size: tuple[int, int]
    size: tuple[int, int]
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    turns: int = 0

    def to_upload(self, x: float, y: float) -> Point:
        """From pixels of the portrait to pixels of the upload."""
        width, height = self.size
        x, y = ((x, y), (width - y, x), (width - x, height - y), (y, height - x))[self.turns]
        return float(x) / self.scale + self.left, float(y) / self.scale + self.top

    def from_upload(self, x: float, y: float) -> Point:
        """From pixels of the upload to pixels of the portrait."""
        x, y = (float(x) - self.left) * self.scale, (float(y) - self.top) * self.scale
        width, height = self.size
        return ((x, y), (y, width - x), (width - x, height - y), (height - y, x))[self.turns]

    def box_to_upload(self, box: Box) -> Box:
        """An upright box (x0, y0, x1, y1) in pixels of the upload."""
        (ax, ay), (bx, by) = self.to_upload(*box[:2]), self.to_upload(*box[2:])
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def turned(self, turns: int) -> Placement:
        """The placement of the same pixels after more quarter turns counter-clockwise."""
        return replace(self, turns=(self.turns + turns) % 4)


def turn(image: np.ndarray, turns: int) -> np.ndarray:
    """(H, W, 3) pixels after quarter turns counter-clockwise; read-only if the image was."""
    if not turns % 4:
        return image
    turned = np.ascontiguousarray(np.rot90(image, turns))
    turned.flags.writeable = False
    return turned
