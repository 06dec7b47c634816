"""Finds glasses on a portrait, so that a warp of the face leaves them as they are.

A frame crosses the nose between the eyes, where a bare nose has no line. From this bridge the rims are
followed outwards, one path above the eye and one below, along the strongest edges (dynamic programming over
columns; Amini, Weymouth and Jain 1990). Lengths are in distances between the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engines.preview.easing import smoothstep
from engines.preview.rig import EyeRig, Frame2D

SCALE = 64
"""Samples per distance between the eyes."""
LEFT, TOP, RIGHT, BOTTOM = -1.1, -0.7, 1.1, 0.9
"""What is looked at, around the middle between the eyes."""
LEAST_EDGE = 0.3
"""Edge on the nose that is a bridge, as a share of the contrast around the eyes. Bare noses of photographs,
drawings and statues have up to 0.14, noses with glasses 0.45 and more."""
MOST_STEP = 0.5
"""How much lighter the nose is on one side of a bridge than on the other, as a share of its edge: where a
fringe ends, the whole edge is a step."""
BESIDE = 0.11, 0.22
"""Distances from a bridge between which the nose beside it is seen."""
BRIDGE = (-0.35, 0.30)
"""Heights at which a bridge crosses the nose."""
NOSE = 0.10
"""Half the width of the nose on which the bridge is looked for."""
EYE_SPAN = 0.3
"""Half the width of an eye whose lids the rims pass."""
LID_MARGIN = 0.07
"""Least distance of a rim from the lids."""
LENSES = (-0.42, 0.55)
"""Heights between which rims are: hair and cheeks have strong edges, too."""
TEMPLES = 0.85
"""How far from the middle the rims reach to either side."""
STEEPEST = 4
"""Rows that a path may rise or fall from one column to the next."""
SLOPE_COSTS = 0.012
THICKEST = 0.08
"""Of a rim: a path may run along either edge of it."""
LEAST_SHARE = 0.7
"""Energy of a rim's outer edge, of the energy on the path."""
MARGIN = 0.03
"""Around the rims, what stays as it is with them."""
NEAR = 0.3
"""How far beside what is looked at the rims still hold the face: further than any of the distances below."""
RAISED, LOWERED, BELOW, INSIDE = 0.26, 0.05, 0.18, 0.12
"""Distance from the rims in which the warp returns: of brows that rise and that come down onto the rims, and
of what is below the rims and within the lenses. Skin that rises is stretched, and a shorter way would show
the rim twice."""


@dataclass(frozen=True, eq=False)
class Glasses:
    """Where glasses are, in a frame of one distance between the eyes.

    x: (n,) growing. upper, lower: (n,) heights of the rims' outer edges; on the nose, the bridge's.
    """

    frame: Frame2D
    x: np.ndarray
    upper: np.ndarray
    lower: np.ndarray

    def freedom(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far the face may move up and down at places, (..., 2) pixels: 0 on the rims, 1 away.

        Two (...) float32.
        """
        local = self.frame.to_local(places)
        x, y = local[..., 0], local[..., 1]
        upper, lower = np.interp(x, self.x, self.upper), np.interp(x, self.x, self.lower)
        # The rims' sides are steep, so that the distance counts, and not the height.
        above, under = (_distance(local, self.x, rim) for rim in (self.upper, self.lower))
        between = (y > upper) & (y < lower)
        within = smoothstep((np.minimum(above, under) - THICKEST - MARGIN) / INSIDE)
        within *= smoothstep((TEMPLES - np.abs(x)) / INSIDE) * between
        around = np.maximum(within, smoothstep((under - MARGIN) / BELOW) * (y >= lower))
        raised, lowered = (
            np.maximum(around, smoothstep((above - MARGIN) / way) * (y <= upper)).astype(np.float32)
            for way in (RAISED, LOWERED)
        )
        return raised, lowered


def glasses_of(image: np.ndarray, eyes: tuple[EyeRig, ...]) -> Glasses | None:
    """The glasses of a person's portrait, (H, W, 3) uint8 RGB; None if it shows none."""
    span = eyes[1].frame.origin - eyes[0].frame.origin
    distance = float(np.hypot(*span))
    if distance < 1.0:
        return None
    frame = Frame2D((eyes[0].frame.origin + eyes[1].frame.origin) / 2, span / distance, distance)
    x = np.arange(round(LEFT * SCALE), round(RIGHT * SCALE) + 1) / SCALE
    y = np.arange(round(TOP * SCALE), round(BOTTOM * SCALE) + 1) / SCALE
    grey = _straightened(image, frame, x, y)
    contrast = float(np.percentile(grey, 90) - np.percentile(grey, 10))
    nose = np.median(grey[:, np.abs(x) <= NOSE], axis=1)
    edges = np.abs(np.convolve(nose, [1, 0, 0, 0, -1], "same")) / max(contrast, 1.0)
    edges[(y < BRIDGE[0]) | (y > BRIDGE[1])] = 0.0
    bridge = int(edges.argmax())
    if edges[bridge] < LEAST_EDGE or _step(nose, bridge) > MOST_STEP * edges[bridge] * max(contrast, 1.0):
        return None
    slopes = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    energy = np.minimum(np.hypot(*slopes) / (4.0 * max(contrast, 1.0)), 0.5)
    upper, lower = np.full(len(x), y[bridge]), np.full(len(x), y[bridge])
    for eye, outward in zip(eyes, (-1, 1), strict=True):
        columns = np.flatnonzero((outward * x > NOSE) & (outward * x <= TEMPLES))[::outward]
        at = frame.to_local(eye.frame.to_picture(np.concatenate([eye.upper, eye.lower])))
        lids = float(at[:, 1].min()) - LID_MARGIN, float(at[:, 1].max()) + LID_MARGIN
        passes = (np.abs(x[columns] - at[:, 0].mean()) < EYE_SPAN)[None]
        for rim, forbidden in ((upper, y > lids[0]), (lower, y < lids[1])):
            cost = np.where(forbidden[:, None] & passes, np.float32(1.0), -energy[:, columns])
            cost[(y < LENSES[0]) | (y > LENSES[1])] = 1.0
            rim[columns] = y[_path(cost, bridge)]
            rim[outward * x > TEMPLES] = rim[columns[-1]]
    low, high = np.minimum(upper, lower), np.maximum(upper, lower)
    return Glasses(frame, x, _outer_edge(energy, y, low, -1), _outer_edge(energy, y, high, 1))


def _step(nose: np.ndarray, bridge: int) -> float:
    """How much the light above and below one place of the nose differs."""
    near, far = (round(away * SCALE) for away in BESIDE)
    above, below = nose[max(bridge - far, 0) : bridge - near], nose[bridge + near : bridge + far]
    return abs(float(np.median(above)) - float(np.median(below)))


def _straightened(image: np.ndarray, frame: Frame2D, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(len(y), len(x)) float32 grey values of the surroundings of the eyes, slightly smoothed."""
    places = frame.to_picture(np.stack(np.meshgrid(x, y), axis=-1)).astype(np.float32)
    coarse = frame.unit / SCALE
    if coarse > 1.5:
        low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
        x0, y0 = np.clip(np.floor(low).astype(int), 0, None)
        x1, y1 = np.maximum(np.ceil(high).astype(int) + 1, [x0 + 1, y0 + 1])
        image = cv2.GaussianBlur(image[y0:y1, x0:x1], (0, 0), 0.4 * coarse)
        places = places - np.array([x0, y0], np.float32)
    seen = cv2.remap(image, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.0)


def _outer_edge(energy: np.ndarray, y: np.ndarray, rim: np.ndarray, outward: int) -> np.ndarray:
    """The heights of a path, moved to the edge of the rim that is further up (-1) or down (1)."""
    row = np.rint((rim - y[0]) * SCALE).astype(int)
    columns = np.arange(len(rim))
    found = row
    for step in range(1, round(THICKEST * SCALE) + 1):
        at = np.clip(row + outward * step, 0, len(y) - 1)
        found = np.where(energy[at, columns] > LEAST_SHARE * energy[row, columns], at, found)
    calm = np.median(sliding_window_view(np.pad(found, 3, mode="edge"), 7), axis=1)
    return np.asarray(y[calm.astype(int)])


def _path(cost: np.ndarray, start: int) -> np.ndarray:
    """(columns,) int: the row of each column on the cheapest path that begins in a row.

    cost: (rows, columns).
    """
    rows = len(cost)
    steps = np.arange(-STEEPEST, STEEPEST + 1)
    total = np.full(rows, np.inf)
    total[start] = 0.0
    came = np.zeros(cost.shape, int)
    for column in range(cost.shape[1]):
        padded = np.pad(total, STEEPEST, constant_values=np.inf)
        ways = np.stack([padded[STEEPEST + s : STEEPEST + s + rows] + SLOPE_COSTS * abs(s) for s in steps])
        best = ways.argmin(axis=0)
        came[:, column] = np.arange(rows) + steps[best]
        total = ways[best, np.arange(rows)] + cost[:, column]
    row, path = int(total.argmin()), []
    for column in reversed(range(cost.shape[1])):
        path.append(row)
        row = int(came[row, column])
    return np.array(path[::-1])


def _distance(places: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(...) distance of places, (..., 2), from a line through the points (x, y); infinite far away."""
    near = (np.abs(places - [(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2]) < [RIGHT + NEAR, BOTTOM]).all(axis=-1)
    flat = places[near]
    nearest = np.full(len(flat), np.inf)
    # Between two columns, a steep line has points of its own.
    parts = np.linspace(0.0, len(x) - 1.0, 3 * len(x))
    for point in np.column_stack([np.interp(parts, np.arange(len(x)), line) for line in (x, y)]):
        away = flat - point
        nearest = np.minimum(nearest, np.einsum("ij,ij->i", away, away))
    distance = np.full(places.shape[:-1], np.inf)
    distance[near] = np.sqrt(nearest)
    return distance
