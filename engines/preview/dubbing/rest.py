"""What the mouth of a track is like at rest, and where that is in each of its frames."""

from __future__ import annotations

import numpy as np

from engines.faces.mesh import RIGID
from engines.preview import landmarks as index
from engines.preview.rig import Frame2D, mouth_rig

_WEIGHTS = np.array([2.0] * 12 + [1.0] * 16)[:, None] / 40.0
UPPER_SHARE, CHIN_SHARE = 0.3, 0.35
"""Shares of an opening by which the upper lip has risen and the chin has dropped. Medians of people who talk,
against the same landmarks with closed lips.
"""
U = np.linspace(-1.0, 1.0, 21)
_EYE_CORNERS = (33, 263)


class RestMouth:
    """A mouth at rest, from the mesh of a frame whose lips are shut, or of the one in which they nearly are.

    curve: heights of the line on which the lips meet, above (< 0) or below the one between the corners, at U.
    upper, lower: thickness of either lip at U. Both are in half mouth widths. half_width: in distances
    between the outer corners of the eyes.
    """

    def __init__(self, calm: np.ndarray) -> None:
        """calm: (478, 3) pixels."""
        points = calm.astype(np.float64)
        rig = mouth_rig(points[:, :2])
        contours = (rig.outer_upper, rig.inner_upper, rig.inner_lower, rig.outer_lower)
        uo, ui, li, lo = (np.interp(U, c[:, 0], c[:, 1]) for c in contours)
        gap = np.maximum(li - ui, 0.0)
        self.curve = ui + UPPER_SHARE * gap
        self.upper, self.lower = np.maximum(ui - uo, 0.03), np.maximum(lo - li, 0.03)
        self.half_width = rig.frame.unit / eye_span(points)
        self._points = points
        still = (len(U) // 2, rig.frame, float(gap[len(U) // 2]))
        middle, chin = self._in_picture(*still, calm)
        self._marks = np.array([middle, chin, points[61], points[291]])

    def _in_picture(
        self, middle: int, frame: Frame2D, gap: float, calm: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The middle of the seam and the chin with shut lips, (3,) pixels each."""
        seam = [*frame.to_picture(np.array([0.0, self.curve[middle]])), calm[index.LIPS_INNER_UPPER[5], 2]]
        up = frame.vector_to_picture(np.array(0.0), np.array(-CHIN_SHARE * gap))
        return np.array(seam), calm[index.CHIN] + np.array([*up, 0.0])

    def seen_in(self, landmarks: np.ndarray) -> np.ndarray:
        """(4, 2) pixels: where in a frame the middle of the seam, the chin and the corners would be at rest.

        landmarks: (478, 3) float64 of the frame, onto whose rigid landmarks those at rest are turned, moved
        and scaled (Kabsch 1976, Umeyama 1991).
        """
        rest, now = self._points[list(RIGID)], landmarks[list(RIGID)]
        rest_middle, now_middle = (_WEIGHTS * rest).sum(axis=0), (_WEIGHTS * now).sum(axis=0)
        rest, now = rest - rest_middle, now - now_middle
        u, spread, vt = np.linalg.svd((_WEIGHTS * rest).T @ now)
        sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
        scale = float((spread * sign).sum() / (_WEIGHTS * rest**2).sum())
        turned = (self._marks - rest_middle) @ ((u * sign) @ vt) * scale + now_middle
        return np.asarray(turned[:, :2])


def eye_span(landmarks: np.ndarray) -> float:
    """The distance between the outer corners of the eyes in space, in pixels: it does not change as the head
    turns.
    """
    right, left = _EYE_CORNERS
    return max(float(np.linalg.norm(landmarks[left] - landmarks[right])), 1e-3)
