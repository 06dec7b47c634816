"""The rig: where mouth, jaw, eyes and head of one portrait are, in the units in which they move.

A rig contains no colours. It is made from a face mesh (`rig_from_face`) or, for animals on which no mesh can
be trusted, from three points (`engines/preview/anchors.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.preview import landmarks as index


@dataclass(frozen=True, eq=False)
class Frame2D:
    """A rotated, scaled coordinate frame in the picture.

    origin: (2,) pixels. axis: (2,) unit vector of +u (towards the picture's right). unit: pixels per
    unit of u and v; v points down the face.
    """

    origin: np.ndarray
    axis: np.ndarray
    unit: float

    def to_local(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) pixels -> (..., 2) of (u, v); float32 stays float32."""
        ox, oy, cx, cy = *map(float, self.origin), *(float(a) / self.unit for a in self.axis)
        x, y = points[..., 0] - ox, points[..., 1] - oy
        out = np.empty_like(points)
        out[..., 0] = x * cx + y * cy
        out[..., 1] = y * cx - x * cy
        return out

    @property
    def local_matrix(self) -> np.ndarray:
        """`to_local` as a (2, 3) matrix."""
        ox, oy, cx, cy = *map(float, self.origin), *(float(a) / self.unit for a in self.axis)
        return np.array([[cx, cy, -ox * cx - oy * cy], [-cy, cx, ox * cy - oy * cx]])

    @property
    def vector_matrix(self) -> np.ndarray:
        """`vector_to_picture` as a (2, 2) matrix."""
        ax, ay = (float(a) * self.unit for a in self.axis)
        return np.array([[ax, -ay], [ay, ax]])

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) of (u, v) -> (..., 2) pixels; float32 stays float32."""
        dx, dy = self.vector_to_picture(points[..., 0], points[..., 1])
        return np.stack([dx + float(self.origin[0]), dy + float(self.origin[1])], axis=-1)

    def vector_to_picture(self, du: np.ndarray, dv: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A displacement in units -> its x and y parts in pixels."""
        ax, ay = (float(a) * self.unit for a in self.axis)
        return du * ax - dv * ay, du * ay + dv * ax


@dataclass(frozen=True, eq=False)
class MouthRig:
    """Lips and jaw in units of half the mouth's width; u = -1 and 1 are the outer corners.

    Contours are (n, 2) of (u, v), sorted by u. `jaw` is the jaw line with the chin, `chin_v` the
    chin's depth below the mouth, `nose_v` (< 0) the nose's base above it, `jaw_reach` the |u| at
    which the jaw's drop has died away.
    """

    frame: Frame2D
    outer_upper: np.ndarray
    inner_upper: np.ndarray
    inner_lower: np.ndarray
    outer_lower: np.ndarray
    chin_v: float
    nose_v: float
    jaw_reach: float

    @property
    def gap(self) -> float:
        """The widest opening between the inner lips, in units of half the mouth's width."""
        return float(np.max(self.inner_lower[:, 1] - self.inner_upper[:, 1]))


@dataclass(frozen=True, eq=False)
class EyeRig:
    """One eye in units of half its width; u = -1 and 1 are its corners.

    upper, lower: (n, 2) lid edges. brow_v (< 0): where the brow's lower edge is above the eye. iris: (3,)
    middle u and v and radius of the iris; None where no mesh has shown it.
    """

    frame: Frame2D
    upper: np.ndarray
    lower: np.ndarray
    brow_v: float
    iris: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class HeadRig:
    """The head: a frame whose unit is the face's height (forehead to chin) and whose v axis runs down
    the face, a pivot in the neck, half the face's width, and (n, 3) depth samples of x, y in pixels and
    the distance in pixels in front of the ears' plane."""

    frame: Frame2D
    pivot: np.ndarray
    half_width: float
    depth: np.ndarray


@dataclass(frozen=True, eq=False)
class Rig:
    """All movable parts of one portrait."""

    mouth: MouthRig
    eyes: tuple[EyeRig, ...]
    head: HeadRig
    animal: bool = False


def _frame(left: np.ndarray, right: np.ndarray, origin: np.ndarray | None = None) -> Frame2D:
    span = right - left
    length = max(float(np.hypot(span[0], span[1])), 1e-3)
    middle = (left + right) / 2 if origin is None else origin
    return Frame2D(np.asarray(middle, np.float64), span / length, length / 2)


def _contour(frame: Frame2D, points: np.ndarray, indices: tuple[int, ...]) -> np.ndarray:
    """A contour in local units with strictly growing u, as np.interp needs it."""
    local = frame.to_local(points[list(indices)])
    local = local[np.argsort(local[:, 0], kind="stable")]
    local[:, 0] = np.maximum.accumulate(local[:, 0] + np.arange(len(local)) * 1e-4)
    return local


def _eye(
    points: np.ndarray,
    upper: tuple[int, ...],
    lower: tuple[int, ...],
    brow: tuple[int, ...],
    iris: tuple[int, ...],
) -> EyeRig:
    frame = _frame(points[upper[0]], points[upper[-1]])
    lids = _contour(frame, points, upper), _contour(frame, points, lower)
    brow_v = float(np.median(frame.to_local(points[list(brow)])[:, 1]))
    middle, *rim = frame.to_local(points[list(iris)])
    radius = float(np.mean([np.hypot(*(point - middle)) for point in rim]))
    found = np.array([*middle, radius])
    return EyeRig(frame, lids[0], lids[1], min(brow_v, float(lids[0][:, 1].min()) - 0.25), found)


def mouth_rig(points: np.ndarray) -> MouthRig:
    """Lips and jaw from the (478, 2) points of a face mesh, float64 pixels."""
    frame = _frame(points[61], points[291])
    # Lips, and with them inner contours that cross by a fraction of a pixel on a closed mouth.
    inner_upper = _contour(frame, points, index.LIPS_INNER_UPPER)
    inner_lower = _contour(frame, points, index.LIPS_INNER_LOWER)
    chin_v = float(frame.to_local(points[index.CHIN])[1])
    nose_v = float(frame.to_local(points[index.NOSE_BASE])[1])
    jaw = frame.to_local(points[list(index.JAW_LINE)])
    return MouthRig(
        frame=frame,
        outer_upper=_contour(frame, points, index.LIPS_OUTER_UPPER),
        inner_upper=inner_upper,
        inner_lower=inner_lower,
        outer_lower=_contour(frame, points, index.LIPS_OUTER_LOWER),
        chin_v=max(chin_v, 0.6),
        nose_v=min(nose_v, -0.25),
        jaw_reach=float(np.clip(np.abs(jaw[:, 0]).max(), 1.8, 2.7)),
    )


def rig_from_face(landmarks: np.ndarray, *, animal: bool = False) -> Rig:
    """Build the rig from a (478, 3) face mesh in pixels (see `media.faces.Face.landmarks`)."""
    points = landmarks[:, :2].astype(np.float64)
    depth = landmarks[:, 2].astype(np.float64)
    mouth = mouth_rig(points)
    eyes = (
        _eye(points, index.LEFT_EYE_UPPER, index.LEFT_EYE_LOWER, index.LEFT_BROW, index.LEFT_IRIS),
        _eye(points, index.RIGHT_EYE_UPPER, index.RIGHT_EYE_LOWER, index.RIGHT_BROW, index.RIGHT_IRIS),
    )
    return Rig(mouth, eyes, _head(points, depth), animal)


def _head(points: np.ndarray, depth: np.ndarray) -> HeadRig:
    top, chin = points[index.FACE_OVAL_TOP], points[index.CHIN]
    down = chin - top
    height = max(float(np.hypot(down[0], down[1])), 1.0)
    axis = np.array([down[1], -down[0]]) / height  # +u is 90 degrees from "down the face"
    frame = Frame2D((top + chin) / 2, axis, height)
    half_width = float(np.hypot(*(points[index.EAR_RIGHT] - points[index.EAR_LEFT]))) / 2
    # On a face turned to the side the mesh is narrower than the head; a head is never slimmer than this.
    half_width = max(half_width, 0.36 * height)
    ears = max(float(depth[index.EAR_LEFT]), float(depth[index.EAR_RIGHT]))
    samples = np.column_stack([points, np.clip(ears - depth, 0.0, None)])[:468]
    pivot = frame.to_picture(np.array([0.0, 0.62]))
    return HeadRig(frame, pivot, half_width, samples)
