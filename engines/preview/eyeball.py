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
from engines.preview.iris_search import LEAST_RADIUS, found_iris
from engines.preview.lids import lid_edges
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
SMOOTH_SIDE = 64
"""Samples in which the white is computed: it is smooth."""
WHITE_FROM = 1.27
"""The white is surely white from here on."""
LASHES, LOWER_RIM = (0.06, 0.14), (-0.02, 0.05)
"""Half eye widths from the upper and the lower lid between which the portrait's own eye begins. Nearer are
lashes and rims, which the lids take along."""
HIGHLIGHT = 85
"""Percentile of an eye's light from which its highlights are."""
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
    reach = max(1.15, float(abs(eye.iris[0]) + 1.4 * eye.iris[2]))
    top, bottom = float(eye.upper[:, 1].min()) - 0.1, float(eye.lower[:, 1].max()) + 0.1
    low = min(top, float(eye.iris[1] - 1.4 * eye.iris[2]))
    high = max(bottom, float(eye.iris[1] + 1.4 * eye.iris[2]))
    if not _inside(picture, frame, eye):
        return None
    corners = frame.to_picture(np.array([[u, v] for u in (-reach, reach) for v in (low, high)]))
    width, height = picture.size
    x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, [width - 1, height - 1])
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)).astype(int), [x0 + 1, y0 + 1], [width, height])
    box = int(x0), int(y0), int(x1), int(y1)
    own = picture.part(box).copy()
    frame = Frame2D(frame.origin - np.array([x0, y0]), frame.axis, frame.unit)
    xs, ys = np.meshgrid(np.arange(x1 - x0, dtype=np.float32), np.arange(y1 - y0, dtype=np.float32))
    local = frame.to_local(np.stack([xs, ys], axis=-1))
    upper, lower = (edge.reshape(xs.shape) for edge in lid_edges(eye, local[..., 0].ravel()))
    # Distance to the nearer lid, in half eye widths; below 0 outside of the opening.
    below, above = (local[..., 1] - upper).astype(np.float32), (lower - local[..., 1]).astype(np.float32)
    depth = np.minimum(np.minimum(below, above), 1.0 - np.abs(local[..., 0]))
    centre, radius = frame.to_picture(eye.iris[:2]), float(eye.iris[2]) * frame.unit
    if whole and radius < LEAST_RADIUS:
        return None
    if not whole:
        found = found_iris(own, depth > 0, centre, radius)
        if found is None:
            return None
        centre, radius = found
    soft = max(0.07, 1.5 / frame.unit)
    share = _smooth((depth + 0.25 * soft) / soft)
    opened = bounding_cells(share > 0, 0)
    if opened is None:
        return None
    rims = ((below, LASHES), (above, LOWER_RIM), (1.0 - np.abs(local[..., 0]), LOWER_RIM))
    clear_of = [_smooth((far - start) / (end - start)) for far, (start, end) in rims]
    seen = cv2.merge([np.minimum.reduce(clear_of)] * 3)
    if whole:
        white = own.astype(np.float32)
        iris, beyond = np.zeros((*depth.shape, 4), np.float32), _continued(own, seen)
    else:
        away = np.hypot(xs - centre[0], ys - centre[1]) / radius
        clear = depth > 0.05
        known = clear & (away > WHITE_FROM) & (np.abs(local[..., 0]) < 0.85)
        if not known.any():
            return None
        white = _white(own, known)
        # The upper lid shades the eyeball below it.
        white *= (1.0 - LID_SHADE * np.exp(-np.maximum(local[..., 1] - upper, 0.0) / 0.16))[..., None]
        cover = 1.0 - _smooth((away - RIM[0]) / (RIM[1] - RIM[0]))
        colours = _whole_iris(own, clear, centre, radius)
        iris = np.dstack([colours * cover[..., None], cover]).astype(np.float32)
        grain = _smooth((away - RIM[1]) / GRAIN_FADES)[..., None]
        beyond = white + seen * grain * (own - white)
        white += grain * (own - white)
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


def _inside(picture: DoubledPicture, frame: Frame2D, eye: EyeRig) -> bool:
    """Whether the whole opening and the whole iris are in the picture. frame: of the eye, in samples."""
    assert eye.iris is not None
    u, v, radius = eye.iris
    circle = [[u + radius, v], [u - radius, v], [u, v + radius], [u, v - radius]]
    points = frame.to_picture(np.concatenate([eye.upper, eye.lower, circle]))
    return bool((points >= 0).all() and (points <= np.array(picture.size) - 1).all())


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0.0, 1.0)
    return (t * t * (3.0 - 2.0 * t)).astype(np.float32)


def _white(own: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The eye's white as if there were no iris, (h, w, 3) float32, smooth.

    known: (h, w) bool, where the white is seen. Its lighter half counts: the rest is lashes, veins and the
    shade of the lids. What is left of the portrait's own grain is added by the caller.
    """
    light = cv2.cvtColor(own, cv2.COLOR_RGB2GRAY).astype(np.float32)
    middle, high = np.percentile(light[known], [45, 85])
    weight = known * np.clip((light - middle) / max(float(high - middle), 1.0) + 0.02, 0.0, 1.0)
    weight = weight.astype(np.float32)
    return _spread_means(own, weight)


def _spread_means(own: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Means of the samples around each, (h, w, 3) float32, smooth. weight: (h, w) float32 of each sample."""
    # Means over wider and wider surroundings; the narrowest that knows something counts most.
    scale = min(1.0, SMOOTH_SIDE / max(weight.shape))
    size = (max(1, round(weight.shape[1] * scale)), max(1, round(weight.shape[0] * scale)))
    weighted = cv2.resize(own * weight[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    colours, total = np.zeros(weighted.shape, np.float32), np.full(weight.shape, 1e-9, np.float32)
    for share, trust in ((0.06, 1.0), (0.15, 0.06), (0.4, 0.003)):
        sigma = share * size[0]
        colours += trust * cv2.GaussianBlur(weighted, (0, 0), sigma)
        total += trust * cv2.GaussianBlur(weight, (0, 0), sigma)
    small = colours / total[..., None]
    return np.asarray(cv2.resize(small, own.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _continued(own: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """An eye in one piece, (h, w, 3) float32, that goes on under the lids as it ends at them."""
    light = cv2.cvtColor(own, cv2.COLOR_RGB2GRAY)
    inside = seen[..., 0] > 0.5
    if not inside.any():
        return own.astype(np.float32)
    # A highlight is one spot, and does not go on.
    weight = (inside & (light <= np.percentile(light[inside], HIGHLIGHT))).astype(np.float32)
    filled = _spread_means(own, weight)
    return np.asarray(filled + seen * (own - filled), np.float32)


def _whole_iris(own: np.ndarray, clear: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """The iris's colours (h, w, 3) float32, with those parts that a lid hides taken from opposite ones."""
    height, width = clear.shape
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    seen = clear.astype(np.float32)
    mirrored_y = 2 * float(centre[1]) - ys
    mirrored = cv2.remap(
        own.astype(np.float32), xs, mirrored_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    mirrored_seen = cv2.remap(seen, xs, mirrored_y, cv2.INTER_LINEAR, borderValue=0)
    # Where neither half shows anything: the mean at the same distance from the middle.
    away = np.hypot(xs - centre[0], ys - centre[1]) / radius
    rings = np.minimum((away * 12).astype(int), 17)
    inside = clear & (away < 1.3)
    means = np.empty((18, 3), np.float32)
    known = own[inside] if inside.any() else own.reshape(-1, 3)
    for ring in range(18):
        here = inside & (rings == ring)
        means[ring] = own[here].mean(axis=0) if here.sum() > 3 else known.mean(axis=0)
    colours = cv2.GaussianBlur(means[rings], (0, 0), max(0.8, 0.06 * radius))
    colours += (mirrored - colours) * _soft(mirrored_seen, radius)
    colours += (own - colours) * _soft(seen, radius)
    return np.asarray(colours, np.float32)


def _soft(seen: np.ndarray, radius: float) -> np.ndarray:
    """A mask, (h, w, 1), that fades inwards, so that what replaces the hidden part has no edge."""
    size = max(3, int(0.2 * radius) | 1)
    inner = cv2.erode(seen, np.ones((size, size), np.uint8))
    return cv2.GaussianBlur(inner, (0, 0), max(0.6, size / 4))[..., None]
