"""MediaPipe's 478 points as the landmark sets that the crop was made for.

The crop depends on the eyes' and the mouth's middles and on how far the points reach: from the brows' upper
edge to the chin, and from ear to ear. The mesh has those points, too. How well the crop agrees with that of
InsightFace's points has not been measured, because that needs InsightFace's files.
"""

from __future__ import annotations

import numpy as np

Path = tuple[int, ...]

# MediaPipe's canonical numbering; left and right are the picture's sides.
JAW: Path = (
    *(127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152),
    *(377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356),
)
LEFT_BROW: Path = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
RIGHT_BROW: Path = (285, 295, 282, 283, 276, 300, 293, 334, 296, 336)
OUTER_LIPS: Path = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
NOSE: Path = (168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 97, 326, 327, 48)
LEFT_EYE: Path = (33, 160, 159, 158, 133, 153, 145, 144)
RIGHT_EYE: Path = (362, 385, 386, 387, 263, 373, 374, 380)

NAMED_106 = {
    # the left eye's outer corner, inner corner, upper and lower lid
    35: 33,
    39: 133,
    40: 159,
    33: 145,
    # the right eye's inner corner, outer corner, upper and lower lid
    89: 362,
    93: 263,
    94: 386,
    87: 374,
    # the mouth's corners
    52: 61,
    61: 291,
}
"""The numbers of the 106 points that the face's axis uses, and their numbers in the mesh."""
SPANS_106 = (
    (range(33), JAW),
    (range(33, 43), LEFT_EYE),
    (range(43, 52), LEFT_BROW),
    (range(52, 72), OUTER_LIPS),
    (range(72, 87), NOSE),
    (range(87, 97), RIGHT_EYE),
    (range(97, 106), RIGHT_BROW),
)

ANIMAL_9: Path = (33, 133, 362, 263, 1, 61, 291, 0, 17)
"""Eye corners, nose, corners of the mouth, lips: X-Pose's order."""

EYE_HALF_WIDTH = 0.19
MOUTH_HALF_WIDTH = 0.27
"""In distances between the eyes, for an animal of which only the middles of eyes and mouth are known."""


def mesh_to_106(mesh: np.ndarray) -> np.ndarray:
    """(478, 2 or 3) mesh in pixels -> (106, 2) float32.

    The ten points of the face's axis are the mesh's own. The others lie evenly on the same lines as
    InsightFace's, in no particular order.
    """
    places = np.asarray(mesh, np.float32)[:, :2]
    points = np.empty((106, 2), np.float32)
    for numbers, path in SPANS_106:
        points[numbers.start : numbers.stop] = _along(places[list(path)], len(numbers))
    for number, vertex in NAMED_106.items():
        points[number] = places[vertex]
    return points


def mesh_to_9(mesh: np.ndarray) -> np.ndarray:
    """(478, 2 or 3) mesh of an animal's face in pixels -> (9, 2) float32 in X-Pose's order."""
    return np.asarray(mesh, np.float32)[list(ANIMAL_9), :2]


def clicks_to_9(
    left_eye: tuple[float, float], right_eye: tuple[float, float], mouth: tuple[float, float]
) -> np.ndarray:
    """Three clicked points in pixels -> (9, 2) float32 in X-Pose's order, by an animal's usual proportions.

    Raises ValueError if both eyes are at the same place.
    """
    left, right, middle = (np.asarray(p, np.float64) for p in (left_eye, right_eye, mouth))
    across = right - left
    if not np.hypot(*across) > 0:
        raise ValueError("The two eyes lie on one point.")
    down = middle - (left + right) / 2
    eye, lip = EYE_HALF_WIDTH * across, MOUTH_HALF_WIDTH * across
    nose = (left + right) / 2 + 0.7 * down
    points = [left - eye, left + eye, right - eye, right + eye, nose]
    points += [middle - lip, middle + lip, middle - 0.08 * down, middle + 0.12 * down]
    return np.array(points, np.float32)


def mesh_lip_ratio(mesh: np.ndarray) -> float:
    """How far the lips are open, as `openness.lip_ratio`: the inner gap by the mouth's width."""
    upper, lower, left, right = (np.asarray(mesh[i][:2], np.float64) for i in (13, 14, 61, 291))
    return float(np.hypot(*(upper - lower)) / (np.hypot(*(left - right)) + 1e-6))


def mesh_eye_ratios(mesh: np.ndarray) -> np.ndarray:
    """(2,) float32: how far both eyes are open, as `openness.eye_ratios`, the picture's left eye first."""
    gaps = ((159, 145, 33, 133), (386, 374, 362, 263))
    places = np.asarray(mesh, np.float64)[:, :2]
    upper, lower, one, other = (places[list(points)] for points in zip(*gaps, strict=True))
    opening, width = np.hypot(*(upper - lower).T), np.hypot(*(one - other).T)
    return (opening / (width + 1e-6)).astype(np.float32)


def _along(path: np.ndarray, count: int) -> np.ndarray:
    """`count` points at equal distances along a line of points, including its ends."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, reached[-1], count)
    return np.stack([np.interp(wanted, reached, path[:, k]) for k in range(2)], axis=1)
