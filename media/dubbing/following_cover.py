"""Sees thin things before a mouth, such as a finger, a pen, a spoon or a microphone, against the face's own
usual look.

Five rings of the face mesh follow the lips as they move, so their colours relative to the cheeks hardly
change in speech, in another light, under a beard or with lipstick. What is in front of the mouth changes some
of them a lot. A finger has the colour of skin, but it hides the edges of the lips: beside each other, some
columns of the mouth lose what sets lips, teeth and the line between the lips apart from the skin.

What is there in most frames of a track is taken for a part of the face.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from media.dubbing.following_file import RecordFile
from media.dubbing.following_tracks import ShotTrack

RINGS = (
    (57, 186, 92, 165, 167, 164, 393, 391, 322, 410, 287, 273, 335, 406, 313, 18, 83, 182, 106, 43),
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306, 307, 320, 404, 315, 16, 85, 180, 90, 77),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 325, 319, 403, 316, 15, 86, 179, 89, 96),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)
"""Landmarks around the mouth, from the skin beside the lips to the lips' inner edges. Each ring begins at a
corner and has nine columns above the mouth, the other corner, and the same columns below it, backwards.
"""
AROUND = (202, 204, 194, 201, 200, 421, 418, 424, 422, 216, 206, 436, 426, 2, 97, 326)
"""Landmarks on the skin farther away: chin, cheeks and below the nose."""
SAMPLES = (*(number for ring in RINGS for number in ring), *AROUND)
COLOUR_BYTES = 3 * len(SAMPLES)
_SKIN = np.r_[0 : len(RINGS[0]), 5 * len(RINGS[0]) : len(SAMPLES)]
_LIPS = np.r_[len(RINGS[0]) : 3 * len(RINGS[0])]
_UPPER, _LOWER = slice(1, 10), slice(19, 10, -1)
"""Where in a ring the nine columns are."""

SIDE, AROUND_SHARE = 80, 1.1
"""Pixels of the reduced square in which colours are read, and its side in sides of the samples' box."""

LEAST_LIGHT, LEAST_TINT = 0.25, 0.10
"""Changes of the light, and of red or blue against green, in natural logarithms, from which a sample is
another one ..."""
NOISY = 6.0
"""... or this many of its own usual changes, where they are larger."""
MOST_CHANGE = 2.0
"""How much one sample counts at most, in such changes beyond the first."""
MOST_SKIN = 2.0
"""How much the skin counts at most: folds and shadows of an expression change it, too."""
CHANGED, SKIN_ALSO, LIPS_ALONE = 3.5, 0.5, 4.0
"""Sum of changes from which something covers the mouth, if it is partly of the skin, and of the lips alone:
a lip under the teeth is another colour, too. Pens and microphones reach 4 and more, half of it on the skin;
people who speak or pull faces stay below, if moments do not count.
"""

TINT_WEIGHT = 2.0
"""How much tint counts against light in the edges of lips."""
FAINT = 0.35
"""Quantile of a column's edges that is usual: those of closed lips are fainter than those of teeth."""
LOST, LOST_ABOVE = 0.52, 0.42
"""Part of its usual edges below which a column has none: of both lips, and of the upper one."""
LOST_COLUMNS = 2
"""Columns beside each other that must have none. Videos without covers reach 1."""

SHORTEST = 0.15
"""Seconds; what changes for a shorter time is the mesh, which lost the mouth for a moment."""
_DARK = 10.0
_USUAL = 1000
"""Frames from which the usual look is taken."""
_PART = 500
"""Frames that are compared at once, so that memory does not grow with the video."""


def mouth_samples(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """(116, 3) uint8 RGB of an (H, W, 3) uint8 RGB picture at SAMPLES of (478, 3) landmarks."""
    import cv2

    from media.dubbing.following_looks import reduced
    from media.faces.views import crop_square

    points = landmarks[list(SAMPLES), :2]
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = (low + high) / 2
    square, left, top = crop_square(picture, (float(x), float(y)), AROUND_SHARE * float((high - low).max()))
    means = cv2.blur(reduced(square, SIDE), (3, 3))
    at = (points - (left, top)) * (SIDE / len(square))
    columns, rows = np.clip(np.rint(at - 0.5).astype(int), 0, SIDE - 1).T
    samples: np.ndarray = means[rows, columns]
    return samples


class MouthCovers:
    """Finds the covered frames of tracks. Remembers them, because reading them again takes time."""

    def __init__(self, samples: RecordFile, times: np.ndarray) -> None:
        """samples: of every row, as by `mouth_samples`. times: (frames,) seconds."""
        self._samples, self._times = samples, times
        self._known: dict[int, np.ndarray] = {}

    def of(self, track: ShotTrack) -> np.ndarray:
        """(n,) bool: in which rows of a track something thin is in front of the mouth."""
        if track.number not in self._known:
            self._known[track.number] = self._found(track)
        return self._known[track.number]

    def _found(self, track: ShotTrack) -> np.ndarray:
        shown = np.flatnonzero(~track.rows["hidden"])
        if not len(shown):
            return np.zeros(len(track.rows), bool)
        usual = UsualLook(self._read(track, shown[:: max(1, len(shown) // _USUAL)]))
        found = [usual.covered(self._read(track, part)) for part in _parts(len(track.rows))]
        return lasting(np.concatenate(found), self._times[track.rows["frame"]])

    def _read(self, track: ShotTrack, rows: np.ndarray) -> np.ndarray:
        data = b"".join(self._samples.read(int(place)) for place in track.places[rows])
        colours = np.frombuffer(data, np.uint8).reshape(len(rows), len(SAMPLES), 3)
        return opponents(colours, track.rows["cheeks"][rows])


class UsualLook:
    """What a mouth looks like in most frames of a track."""

    def __init__(self, looks: np.ndarray) -> None:
        """looks: (n, 116, 3) of `opponents`."""
        self._look = np.median(looks, axis=0)
        usual = np.median(np.abs(looks - self._look), axis=0)
        self._allowed = np.maximum((LEAST_LIGHT, LEAST_TINT, LEAST_TINT), NOISY * usual)
        self._edges = np.maximum(np.quantile(edges(looks), FAINT, axis=0), 1e-3)

    def covered(self, looks: np.ndarray) -> np.ndarray:
        """(n,) bool of (n, 116, 3) looks."""
        change = (np.abs(looks - self._look) / self._allowed).max(axis=2)
        change = np.clip(change - 1.0, 0.0, MOST_CHANGE)
        skin, lips = (change[:, part].sum(axis=1) for part in (_SKIN, _LIPS))
        changed = (np.minimum(skin, MOST_SKIN) + lips >= CHANGED) & (skin >= SKIN_ALSO)
        result: np.ndarray = changed | (lips >= LIPS_ALONE) | self._lost(looks)
        return result

    def _lost(self, looks: np.ndarray) -> np.ndarray:
        left = edges(looks) / self._edges
        # A frame that is blurred has fainter edges in every column.
        blurred = np.minimum(np.median(left[:, 2], axis=1), 1.0)[:, None]
        both, above = left[:, 2] < LOST * blurred, left[:, 0] < LOST_ABOVE * blurred
        lost: np.ndarray = (beside(both) >= LOST_COLUMNS) | (beside(above) >= LOST_COLUMNS)
        return lost


def opponents(colours: np.ndarray, cheeks: np.ndarray) -> np.ndarray:
    """(n, m, 3) light, red against green and blue against green, in logarithms relative to the cheeks.

    colours: (n, m, 3) uint8 RGB. cheeks: (n, 3) uint8.
    """
    relative = np.log(colours.astype(np.float32) + _DARK) - np.log(cheeks.astype(np.float32) + _DARK)[:, None]
    red, green, blue = relative[..., 0], relative[..., 1], relative[..., 2]
    return np.stack([(red + green + blue) / 3, red - green, blue - green], axis=2)


def edges(looks: np.ndarray) -> np.ndarray:
    """(n, 3, 9) how far the lips differ from the skin beside them in each column: above, below, larger."""
    rings = looks[:, : 5 * len(RINGS[0])].reshape(len(looks), 5, len(RINGS[0]), 3)
    rings = rings * np.array([1.0, TINT_WEIGHT, TINT_WEIGHT], np.float32)
    halves = [rings[:, :, columns] for columns in (_UPPER, _LOWER)]
    above, below = (np.linalg.norm(half[:, 1:] - half[:, :1], axis=3).max(axis=1) for half in halves)
    return np.stack([above, below, np.maximum(above, below)], axis=1)


def beside(marked: np.ndarray) -> np.ndarray:
    """(n,) the most marked columns beside each other in each row of an (n, columns) bool array."""
    most = run = np.zeros(len(marked), int)
    for column in marked.T:
        run = np.where(column, run + 1, 0)
        most = np.maximum(most, run)
    return most


def lasting(marked: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Without what lasts for less than SHORTEST. marked: (n,) bool. times: (n,) seconds, ascending."""
    result = marked.copy()
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    ends = np.append(times, times[-1:] + step)
    change = np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8))
    for start, end in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
        if ends[end] - times[start] < SHORTEST:
            result[start:end] = False
    return result


def _parts(count: int) -> Iterator[np.ndarray]:
    for start in range(0, count, _PART):
        yield np.arange(start, min(start + _PART, count))
