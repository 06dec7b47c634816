"""Where the body is below a head, and how it moves with breath and head.

What belongs to a person or an animal comes from MediaPipe's segmentation. The field is zero on the
background, at the picture's border and on other people, so those pixels are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engines.preview.easing import smootherstep
from engines.preview.rig import HeadRig
from media.desk.segmenter import Segmenter, default_segmenter
from media.errors import JoyStudioError
from media.portrait import Portrait

RISES = 0.014
"""How far a usual breath lifts the shoulders, in face heights: 2 to 3 mm."""
REACH_U, CHIN, BOTTOM = 1.0, 0.5, 1.18
"""The field spans these distances from the face's middle, in face heights: to the sides, and from the chin
to the chest.
"""
SIDE = 320
"""The picture is segmented at this longest side: the network works at 256 pixels."""


@dataclass(frozen=True, eq=False)
class BodyMask:
    """What is known of the bodies in a portrait.

    mask: (h, w) float32 of the whole picture, reduced: 1 where someone is, 0 behind. others: (n, 2) the
    middles of other faces, in pixels of the picture.
    """

    mask: np.ndarray
    others: np.ndarray


def body_of(portrait: Portrait, segmenter: Segmenter | None = None) -> BodyMask | None:
    """Find the body in a portrait; None if MediaPipe cannot start, and then only the head moves."""
    height, width = portrait.image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(portrait.image, size, interpolation=cv2.INTER_AREA)
    try:
        mask = (segmenter or default_segmenter()).mask(small)
    except JoyStudioError:
        return None
    boxes = [face.box for face in portrait.faces if face is not portrait.face]
    others = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in boxes]
    return BodyMask(mask, np.array(others, float).reshape(-1, 2))


def body_box(head: HeadRig) -> np.ndarray:
    """(2, 2) the corners, in pixels, of the rectangle that a body below this head moves in."""
    corners = np.array([[u, v] for u in (-REACH_U, REACH_U) for v in (CHIN, BOTTOM)])
    box = head.frame.to_picture(corners)
    return np.stack([box.min(axis=0), box.max(axis=0)])


def body_weight(
    body: BodyMask, head: HeadRig, x: np.ndarray, y: np.ndarray, cell: int, size: tuple[int, int]
) -> np.ndarray:
    """How far each cell moves with the body, (rows, columns) float32, 0..1.

    x, y: (rows, columns) the cells' centres, in pixels. size: width and height of the picture.
    """
    width, height = size
    local = head.frame.to_local(np.stack([x, y], axis=-1))
    u, v = local[..., 0], local[..., 1]
    weight = smootherstep((v - CHIN) / 0.28) * (1.0 - smootherstep((v - 0.8) / (BOTTOM - 0.8)))
    weight *= 1.0 - smootherstep((np.abs(u) - 0.55) / (REACH_U - 0.55))
    across, down = body.mask.shape[1] / width, body.mask.shape[0] / height
    at_x, at_y = (((p + 0.5) * s - 0.5).astype(np.float32) for p, s in ((x, across), (y, down)))
    softened = cv2.GaussianBlur(body.mask, (0, 0), max(0.4, cell * across * 0.7))
    person = cv2.remap(softened, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Exactly zero beside the person: a band of about a cell outside of the outline takes up the motion.
    weight *= smootherstep((person - 0.12) / 0.5)
    own_x, own_y = head.frame.origin
    for other_x, other_y in body.others:
        apart_x, apart_y = other_x - own_x, other_y - own_y
        share = ((x - own_x) * apart_x + (y - own_y) * apart_y) / max(apart_x**2 + apart_y**2, 1.0)
        weight *= 1.0 - smootherstep((share - 0.25) / 0.2)
    margin = 0.05 * min(width, height)
    border = np.minimum.reduce([x, y, width - 1 - x, height - 1 - y])
    return (weight * smootherstep((border - cell) / margin)).astype(np.float32)
