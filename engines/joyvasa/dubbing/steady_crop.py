"""The crop of a followed face: one square per track, which the head carries along.

LivePortrait cuts every frame by its own landmarks, so that a jaw that opens enlarges the square and moves
it. Here the square comes from the track's calm frame. What the head's rigid landmarks did since then, a
shift, a turn and a scale in the picture, moves it.
"""

from __future__ import annotations

import cmath

import numpy as np

from engines.faces.mesh import RIGID
from engines.joyvasa.face.crop import CropBox, FaceCrop, crop_box, cut_out
from engines.joyvasa.face.mesh_points import mesh_to_106
from engines.joyvasa.options import JoyVasaOptions

SMALLEST = 16.0
"""Side of a crop in pixels below which nothing is painted: the whole mouth has a few pixels."""


class TrackCrop:
    """The square of one track, in any of its frames."""

    def __init__(self, calm: np.ndarray, options: JoyVasaOptions) -> None:
        """calm: (478, 3) landmarks of `engines.dubbing.TrackReference`. Raises ValueError if all lie on one
        point.
        """
        self._options = options
        self._box = crop_box(
            mesh_to_106(calm), scale=options.scale, vx_ratio=options.vx_ratio, vy_ratio=options.vy_ratio
        )
        rigid = _complex(calm)
        self._middle = rigid.mean()
        self._rigid = rigid - self._middle

    def box(self, landmarks: np.ndarray) -> CropBox:
        """The square in the frame with these (478, 3) landmarks."""
        now = _complex(landmarks)
        middle = now.mean()
        # The least squares fit of a shift, a turn and a scale, which is a product of complex numbers.
        turn = complex(np.vdot(self._rigid, now - middle) / np.vdot(self._rigid, self._rigid).real)
        place = middle + turn * (complex(self._box.x, self._box.y) - self._middle)
        return CropBox(
            float(place.real),
            float(place.imag),
            self._box.side * abs(turn),
            self._box.angle + cmath.phase(turn),
        )

    def cut(self, picture: np.ndarray, landmarks: np.ndarray) -> FaceCrop | None:
        """The crop of an (H, W, 3) uint8 RGB frame; None if the face is too small to be painted."""
        box = self.box(landmarks)
        if box.side < SMALLEST:
            return None
        return cut_out(picture, box, landmarks, rotate=self._options.flag_do_rot)


def _complex(landmarks: np.ndarray) -> np.ndarray:
    """(28,) complex128: x + iy of the rigid landmarks."""
    points = np.asarray(landmarks, np.float64)[list(RIGID)]
    return np.asarray(points[:, 0] + 1j * points[:, 1])
