"""Paints the mouth of one track into the frames of a video.

Every painted pixel is looked up once in the frame itself: the map first brings the frame's own mouth to rest
and then adds the pose, so skin stays as sharp as the video. Only the inside of the mouth is painted, in the
colours of the track's reference and the light of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engines.dubbing import TrackReference
from engines.preview.cavity import Cavity
from engines.preview.dubbing.face import frame_mouth, steady_landmarks
from engines.preview.dubbing.light import gain, skin_light
from engines.preview.dubbing.rest import RestMouth
from engines.preview.lip_edges import LipEdges
from engines.preview.lips import COLUMNS, JAW_DROP, REACH_U, ROWS, Lips, MouthMap, MouthPose
from engines.preview.patch import spread
from engines.preview.rig import Frame2D
from media.dubbing.values import PaintedPatch, TrackedFace

SMALLEST = 3.0
"""Half a mouth's width in pixels below which nothing is painted: its lips are smaller than a pixel."""
SHOWS_FROM, SHOWS = 0.08, 0.5
"""Pixels by which a pixel moves at least to be painted, and from which it is painted fully."""
LOWEST_TOOTH = 0.10
"""How far the upper teeth reach below the closed lips' seam, in half mouth widths: the reference may show the
lower ones, too.
"""
_AROUND = 1.06
"""|u| up to which the lips' edges are drawn."""


class TrackPainter:
    """Paints one track. It keeps what belongs to the track, and nothing about a frame."""

    def __init__(self, reference: TrackReference) -> None:
        self._rest = RestMouth(reference.calm)
        mouth = frame_mouth(reference.landmarks, self._rest)
        lips = Lips(mouth.rig, own=mouth.own)
        self._cavity = Cavity(reference.picture, mouth.rig, lips, lowest_tooth=LOWEST_TOOTH)
        self._light = skin_light(reference.picture, reference.landmarks)

    def paint(self, picture: np.ndarray, face: TrackedFace, pose: MouthPose) -> PaintedPatch | None:
        """Paint one frame.

        picture: (H, W, 3) uint8 RGB. Returns None where nothing changes.
        """
        if face.strength <= 0.0 or not np.isfinite(face.landmarks).all():
            return None
        landmarks = steady_landmarks(face)
        mouth = frame_mouth(landmarks, self._rest)
        frame = mouth.rig.frame
        if frame.unit < SMALLEST:
            return None
        # The jaw opens as far as at the mouth's rest width, also while the frame's lips are round.
        pose = replace(pose, drop=pose.drop * mouth.wide)
        lips = Lips(mouth.rig, own=mouth.own)
        grid = _Grid(lips, lips.map(pose, face.strength), frame)
        box = grid.box(picture.shape)
        if box is None:
            return None
        points, alpha = grid.fields(box)
        if not alpha.any():
            return None
        pixels = _look_up(picture, points)
        inner = grid.mouth_box(box)
        if inner is not None:
            light = gain(skin_light(picture, landmarks), self._light)
            closed = mouth.own.share * face.strength
            self._paint_mouth(picture, grid, inner, box, pixels, alpha, pose, light, face.strength, closed)
        return _trimmed(box, pixels, alpha)

    def _paint_mouth(
        self,
        picture: np.ndarray,
        grid: _Grid,
        inner: PixelBox,
        box: PixelBox,
        pixels: np.ndarray,
        alpha: np.ndarray,
        pose: MouthPose,
        light: np.ndarray,
        strength: float,
        closed: float,
    ) -> None:
        """Draw both lips with their edges, and the inside of the mouth between them."""
        seam = grid.seams(inner)
        unit = grid.frame.unit
        met = closed * np.clip((0.97 - np.abs(seam.u)) / 0.2, 0.0, 1.0)
        edges = LipEdges(seam.below_upper, seam.above_lower, unit, closed=met)
        mixed = edges.lips(_look_up(picture, seam.upper), _look_up(picture, seam.lower))
        if edges.opening:
            cavity = self._cavity.paint_below(
                seam.u, seam.below_seam, seam.below_upper, seam.above_lower, pose.drop * JAW_DROP, pose.tongue
            )
            cavity *= light
            if strength < 1.0:
                own = picture[inner.y0 : inner.y1, inner.x0 : inner.x1].astype(np.float32)
                cavity = own + (cavity - own) * strength
            mixed += cavity * spread(edges.inside)
        near = np.clip((_AROUND - np.abs(seam.u)) / 0.06, 0.0, 1.0)
        near *= np.clip((seam.below_upper + seam.reach) / (0.5 * seam.reach), 0.0, 1.0)
        near *= np.clip((seam.above_lower + seam.reach) / (0.5 * seam.reach), 0.0, 1.0)
        where = box.inner(inner)
        part = pixels[where].astype(np.float32)
        part += (mixed - part) * spread(near)
        pixels[where] = np.rint(np.clip(part, 0, 255)).astype(np.uint8)
        np.maximum(alpha[where], edges.inside * near, out=alpha[where])


@dataclass(frozen=True)
class PixelBox:
    """A rectangle of pixels; x1 and y1 lie outside."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.x1 - self.x0, self.y1 - self.y0

    def inner(self, other: PixelBox) -> tuple[slice, slice]:
        """The rows and columns of a rectangle in this one."""
        return (
            slice(other.y0 - self.y0, other.y1 - self.y0),
            slice(other.x0 - self.x0, other.x1 - self.x0),
        )


@dataclass(frozen=True, eq=False)
class _Seams:
    """Lips and seam at the pixels of a rectangle: points (h, w, 2) of the frame that either layer shows,
    local u, and distances from the lips' edges and the closed lips' line in half mouth widths. reach: how far
    around the opening the lips are drawn.
    """

    upper: np.ndarray
    lower: np.ndarray
    u: np.ndarray
    below_upper: np.ndarray
    above_lower: np.ndarray
    below_seam: np.ndarray
    reach: float


class _Grid:
    """The map of one pose on its grid, and its way into the pixels of a frame."""

    def __init__(self, lips: Lips, mouth: MouthMap, frame: Frame2D) -> None:
        self.frame = frame
        self._lips, self._map = lips, mouth
        self._step = lips.u[1] - lips.u[0], lips.v[1] - lips.v[0]
        on_jaw = lips.v[:, None] > (mouth.upper_edge + mouth.lower_edge) / 2
        moved = np.where(on_jaw[..., None], mouth.lower, mouth.upper)
        self._moved = cv2.transform(moved, frame.vector_matrix).astype(np.float32)
        far = np.hypot(self._moved[..., 0], self._moved[..., 1])
        self._alpha = (_smooth((far - SHOWS_FROM) / (SHOWS - SHOWS_FROM)) * self._rim).astype(np.float32)

    def box(self, shape: tuple[int, ...]) -> PixelBox | None:
        """The pixels of the frame in which anything is painted; None if there are none."""
        rows, columns = np.flatnonzero(self._alpha.any(axis=1)), np.flatnonzero(self._alpha.any(axis=0))
        if not len(rows):
            return None
        u, v = self._lips.u, self._lips.v
        # The pixels between a painted node and its neighbours are painted, too.
        left, right = u[max(columns[0] - 1, 0)], u[min(columns[-1] + 1, COLUMNS - 1)]
        top, bottom = v[max(rows[0] - 1, 0)], v[min(rows[-1] + 1, ROWS - 1)]
        return self._around((left, right), (top, bottom), PixelBox(0, 0, shape[1], shape[0]))

    def mouth_box(self, within: PixelBox) -> PixelBox | None:
        """The part of it in which the lips' edges are drawn."""
        columns = np.abs(self._lips.u) < _AROUND
        top = float(self._map.upper_edge[columns].min()) - self._reach
        bottom = float(self._map.lower_edge[columns].max()) + self._reach
        return self._around((-_AROUND, _AROUND), (top, bottom), within)

    @property
    def _reach(self) -> float:
        return 0.06 + 2.0 / self.frame.unit

    def _around(self, u: tuple[float, float], v: tuple[float, float], within: PixelBox) -> PixelBox | None:
        xy = self.frame.to_picture(np.array([[a, b] for a in u for b in v]))
        (x0, y0), (x1, y1) = np.floor(xy.min(axis=0)), np.ceil(xy.max(axis=0)) + 1
        box = PixelBox(
            max(int(x0), within.x0), max(int(y0), within.y0), min(int(x1), within.x1), min(int(y1), within.y1)
        )
        return box if box.x0 < box.x1 and box.y0 < box.y1 else None

    def _to_grid(self, box: PixelBox) -> np.ndarray:
        """From the pixels of a rectangle to the nodes of the grid, as a (2, 3) matrix."""
        matrix = self.frame.local_matrix
        matrix[:, 2] += matrix[:, :2] @ [box.x0, box.y0]
        matrix[:, 2] -= [self._lips.u[0], self._lips.v[0]]
        return np.asarray(matrix / np.array(self._step)[:, None])

    def _spread(self, nodes: np.ndarray, box: PixelBox) -> np.ndarray:
        """Values of the nodes, up to four each, at the pixels of a rectangle."""
        return np.asarray(
            cv2.warpAffine(
                nodes,
                self._to_grid(box),
                box.size,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=0,
            )
        )

    def fields(self, box: PixelBox) -> tuple[np.ndarray, np.ndarray]:
        """For each pixel, the point (h, w, 2) of the frame that it shows, and its alpha (h, w), float32."""
        values = self._spread(np.dstack([self._moved, self._alpha]), box)
        points = np.ascontiguousarray(values[..., :2])
        points[..., 0] += np.arange(box.x0, box.x1, dtype=np.float32)
        points[..., 1] += np.arange(box.y0, box.y1, dtype=np.float32)[:, None]
        return points, np.ascontiguousarray(values[..., 2])

    @property
    def _rim(self) -> np.ndarray:
        """(ROWS, COLUMNS) 1 inside, falling softly to 0 at the rim of the grid."""
        across = 1.0 - _smooth((np.abs(self._lips.u) - (REACH_U - 0.5)) / 0.4)
        v = self._lips.v
        down = _smooth((v - v[0]) / 0.3 - 0.2) * _smooth((v[-1] - v) / 0.3 - 0.2)
        return np.outer(down, across)

    def seams(self, box: PixelBox) -> _Seams:
        """Both layers and the edges at the pixels of a rectangle around the opening."""
        lips, mouth = self._lips, self._map
        vectors = self.frame.vector_matrix
        rows = (ROWS, COLUMNS)
        edges = np.dstack([np.broadcast_to(mouth.upper_edge, rows), np.broadcast_to(mouth.lower_edge, rows)])
        seam = np.broadcast_to(lips.seam(lips.u).astype(np.float32), rows)
        one = self._spread(np.dstack([cv2.transform(mouth.upper, vectors), edges]).astype(np.float32), box)
        two = self._spread(np.dstack([cv2.transform(mouth.lower, vectors), seam]).astype(np.float32), box)
        at = _pixels(box)
        local = cv2.transform(at, self.frame.local_matrix)
        u, v = np.ascontiguousarray(local[..., 0]), local[..., 1]
        return _Seams(
            upper=one[..., :2] + at,
            lower=two[..., :2] + at,
            u=u,
            below_upper=v - one[..., 2],
            above_lower=one[..., 3] - v,
            below_seam=v - two[..., 2],
            reach=self._reach,
        )


def _pixels(box: PixelBox) -> np.ndarray:
    """(h, w, 2) float32 places of the pixels of a rectangle."""
    xs, ys = np.arange(box.x0, box.x1, dtype=np.float32), np.arange(box.y0, box.y1, dtype=np.float32)
    return np.stack(np.meshgrid(xs, ys), axis=-1)


def _look_up(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.remap(picture, points, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def _trimmed(box: PixelBox, pixels: np.ndarray, alpha: np.ndarray) -> PaintedPatch | None:
    """The patch without rows and columns in which nothing is painted."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return None
    down, across = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return PaintedPatch(
        box.x0 + int(columns[0]), box.y0 + int(rows[0]), pixels[down, across], alpha[down, across]
    )


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))
