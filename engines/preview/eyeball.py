"""One eye taken apart: its white without an iris, and the iris with pupil and highlight, completed where a
lid hides it. So the iris can be laid over the white at another place, only inside the opening, and keeps its
shape under lids that open and narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from engines.preview.doubled import SAMPLES, DoubledPicture
from engines.preview.easing import smoothstep
from engines.preview.eye_colours import continued_eye, smooth_white, whole_iris
from engines.preview.eye_opening import Opening
from engines.preview.iris_search import LEAST_RADIUS, found_iris
from engines.preview.patch import bounding_cells
from engines.preview.rig import EyeRig, Frame2D

EYEBALL = 2.05
"""The eyeball's radius in radii of the iris: 12 mm against 5.85 mm."""
RIM = 1.05, 1.22
"""Where the iris's soft edge begins and ends, in its radii."""
LID_SHADE = 0.2
"""How much darker the white is right below the upper lid."""
GRAIN_FADES = 0.2
"""Radii around the iris in which the white takes on the portrait's own lights and shades."""
OWN_FADES = 0.15
"""Radii that an iris moves until nothing of the portrait's own eye is left in the opening."""
WHITE_FROM = 1.27
"""The white is surely white from here on."""
HELD_FROM = 0.04
"""Half eye widths by which lids move until the eyeball behind them is wholly held."""


@dataclass(frozen=True, eq=False)
class Eyeball:
    """One eye, taken apart; all arrays but the iris are of the samples in `box`.

    Painting is `kept` + `share` * (the iris - how much it covers * `white`): the iris over the white, so that
    nothing gets lighter or darker than the portrait, the white and the iris are.
    """

    box: tuple[int, int, int, int]
    own: np.ndarray
    """(h, w, 3) uint8: the portrait's samples."""
    kept: np.ndarray
    """(h, w, 3) float32: the opening without an iris, and all around it."""
    white: np.ndarray
    """(h, w, 3) float32."""
    share: np.ndarray
    """(h, w, 3) float32: 1 inside the opening, 0 outside."""
    iris: np.ndarray
    """(H, W, 4) float32: colours times cover, and the cover 0..1; of a larger rectangle."""
    inset: tuple[int, int]
    """Where `box` begins in that rectangle, x and y."""
    centre: np.ndarray
    """(2,) of the iris, in samples from the larger rectangle's beginning."""
    radius: float
    frame: Frame2D
    beyond: np.ndarray
    """(H, W, 3) float32: the white of the larger rectangle, also under the lids."""
    around: np.ndarray
    """(H, W, 3) uint8: the portrait's samples of the larger rectangle."""
    seen: np.ndarray
    """(H, W, 3) float32: 1 where these show the eye, 0 from the lashes on."""

    def painted(self, right: float, up: float) -> np.ndarray:
        """The samples with the eye turned by so many radians: (h, w, 3) uint8."""
        size = self.white.shape[1], self.white.shape[0]
        moved, own = self._turned(right, up, self.inset, size)
        cover = cv2.extractChannel(moved, 3)
        hidden = cv2.multiply(cv2.merge((cover, cover, cover)), self.white)
        iris = cv2.subtract(cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), hidden)
        eye = cv2.add(self.kept, cv2.multiply(iris, self.share))
        if own > 0:
            eye = cv2.addWeighted(eye, 1.0 - own, self.own.astype(np.float32), own, 0.0)
        return np.asarray(np.clip(np.rint(eye), 0, 255).astype(np.uint8))

    def held(self, way: np.ndarray, right: float, up: float) -> np.ndarray:
        """The samples with which an eye keeps its shape and place while the face around it is warped: as in
        `painted`, and moved against the warp. The lids then uncover or cover it.

        way: (h, w, 2) float32, how far the warp moves each sample of `box`.
        """
        height, width = self.beyond.shape[:2]
        moved, own = self._turned(right, up, (0, 0), (width, height))
        cover = cv2.extractChannel(moved, 3)
        hidden = cv2.multiply(cv2.merge((cover, cover, cover)), self.beyond)
        eye = cv2.add(self.beyond, cv2.subtract(cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), hidden))
        if own > 0:
            eye += own * self.seen * (self.around - eye)
        rows, columns = np.mgrid[: self.own.shape[0], : self.own.shape[1]].astype(np.float32)
        shown = cv2.remap(
            eye,
            columns + self.inset[0] + way[..., 0],
            rows + self.inset[1] + way[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        furthest = float(np.sqrt(np.square(way).sum(axis=-1).max()))
        come = min(furthest / (HELD_FROM * self.frame.unit), 1.0)
        own_eye = self.own.astype(np.float32) if right == up == 0.0 else self.painted(right, up)
        eye = own_eye + come * self.share * (shown - own_eye)
        return np.asarray(np.clip(np.rint(eye), 0, 255).astype(np.uint8))

    def _turned(
        self, right: float, up: float, inset: tuple[int, int], size: tuple[int, int]
    ) -> tuple[np.ndarray, float]:
        """The iris turned by so many radians, (..., 4) of a width and height from `inset` on, and how much of
        the portrait's own eye is left.
        """
        step = EYEBALL * self.radius
        dx, dy = self.frame.vector_to_picture(*(np.array(a) for a in (math.sin(right), -math.sin(up))))
        scale = step / self.frame.unit
        # Turned away, the disc is seen at a slant: it is narrower along the way that it went.
        turned = math.hypot(right, up)
        narrow = math.cos(turned)
        along = np.array([float(dx), float(dy)])
        length = float(np.hypot(*along))
        along = along / length if length > 0 else np.array([1.0, 0.0])
        back = np.eye(2) + (1.0 / narrow - 1.0) * np.outer(along, along)
        to = self.centre + scale * np.array([float(dx), float(dy)])
        origin = np.array(inset)
        matrix = np.column_stack([back, self.centre - back @ (to - origin)])
        moved = cv2.warpAffine(self.iris, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        # Near its rest, the eye fades into the portrait's own, so that it never jumps.
        return moved, 1.0 - scale * float(np.hypot(dx, dy)) / (OWN_FADES * self.radius)


def take_apart(picture: DoubledPicture, eye: EyeRig, *, whole: bool = False) -> Eyeball | None:
    """The eye as white and iris, or None if its iris cannot be told from a white.

    whole: leave it in one piece, which may be held but not turned.
    """
    if eye.iris is None:
        return None
    frame = Frame2D(
        SAMPLES * (eye.frame.origin - np.array(picture.origin)), eye.frame.axis, SAMPLES * eye.frame.unit
    )
    if not _inside(picture, frame, eye):
        return None
    box = _surroundings(picture, frame, eye)
    own = picture.part(box).copy()
    frame = Frame2D(frame.origin - np.array(box[:2]), frame.axis, frame.unit)
    opening = Opening.of(eye, frame, own.shape[:2])
    centre, radius = frame.to_picture(eye.iris[:2]), float(eye.iris[2]) * frame.unit
    if whole and radius < LEAST_RADIUS:
        return None
    if not whole:
        found = found_iris(own, opening.depth > 0, centre, radius)
        if found is None:
            return None
        centre, radius = found
    share = opening.share()
    opened = bounding_cells(share > 0, 0)
    if opened is None:
        return None
    seen = opening.seen()
    if whole:
        white = own.astype(np.float32)
        iris, beyond = np.zeros((*share.shape, 4), np.float32), continued_eye(own, seen)
    else:
        parts = _white_and_iris(own, opening, seen, centre, radius)
        if parts is None:
            return None
        white, iris, beyond = parts
    kept = (own + share[..., None] * (white - own)).astype(np.float32)
    rows, columns = opened
    return Eyeball(
        box=(box[0] + columns.start, box[1] + rows.start, box[0] + columns.stop, box[1] + rows.stop),
        own=own[opened].copy(),
        kept=np.ascontiguousarray(kept[opened]),
        white=np.ascontiguousarray(white[opened]),
        share=cv2.merge([np.ascontiguousarray(share[opened])] * 3),
        iris=iris,
        inset=(columns.start, rows.start),
        centre=centre,
        radius=radius,
        frame=frame,
        beyond=beyond,
        around=own,
        seen=seen,
    )


def _surroundings(picture: DoubledPicture, frame: Frame2D, eye: EyeRig) -> tuple[int, int, int, int]:
    """The rectangle (x0, y0, x1, y1) of samples around the opening and the iris. frame: of the eye, in
    samples.
    """
    assert eye.iris is not None
    reach = max(1.15, float(abs(eye.iris[0]) + 1.4 * eye.iris[2]))
    top, bottom = float(eye.upper[:, 1].min()) - 0.1, float(eye.lower[:, 1].max()) + 0.1
    low = min(top, float(eye.iris[1] - 1.4 * eye.iris[2]))
    high = max(bottom, float(eye.iris[1] + 1.4 * eye.iris[2]))
    corners = frame.to_picture(np.array([[u, v] for u in (-reach, reach) for v in (low, high)]))
    width, height = picture.size
    x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, [width - 1, height - 1])
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)).astype(int), [x0 + 1, y0 + 1], [width, height])
    return int(x0), int(y0), int(x1), int(y1)


def _white_and_iris(
    own: np.ndarray, opening: Opening, seen: np.ndarray, centre: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """`Eyeball.white`, `iris` and `beyond` of an eye's samples; None where no white is seen.

    centre (2,) and radius: of the iris, in samples.
    """
    height, width = own.shape[:2]
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    away = np.hypot(xs - centre[0], ys - centre[1]) / radius
    clear = opening.depth > 0.05
    known = clear & (away > WHITE_FROM) & (opening.sideways < 0.85)
    if not known.any():
        return None
    white = smooth_white(own, known)
    # The upper lid shades the eyeball below it.
    white *= (1.0 - LID_SHADE * np.exp(-np.maximum(opening.below, 0.0) / 0.16))[..., None]
    cover = 1.0 - smoothstep((away - RIM[0]) / (RIM[1] - RIM[0])).astype(np.float32)
    colours = whole_iris(own, clear, centre, radius)
    iris = np.dstack([colours * cover[..., None], cover]).astype(np.float32)
    grain = smoothstep((away - RIM[1]) / GRAIN_FADES).astype(np.float32)[..., None]
    beyond = white + seen * grain * (own - white)
    white += grain * (own - white)
    return white, iris, beyond


def _inside(picture: DoubledPicture, frame: Frame2D, eye: EyeRig) -> bool:
    """Whether the whole opening and the whole iris are in the picture. frame: of the eye, in samples."""
    assert eye.iris is not None
    u, v, radius = eye.iris
    circle = [[u + radius, v], [u - radius, v], [u, v + radius], [u, v - radius]]
    points = frame.to_picture(np.concatenate([eye.upper, eye.lower, circle]))
    return bool((points >= 0).all() and (points <= np.array(picture.size) - 1).all())
