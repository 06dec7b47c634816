"""Follows faces through a scene, as SyncNet's own pipeline does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_TRACK = 100
"""Frames. A face seen in so many or fewer gives no track."""
FAILED_DETECTIONS = 25
"""Frames that a face may be missing for."""
MIN_FACE = 100
"""Pixels of the larger of mean width and mean height."""
OVERLAP = 0.5

Detections = Sequence[np.ndarray]
"""Per frame (k, 5): x0, y0, x1, y1 in pixels and the confidence, in the detector's order."""


@dataclass(frozen=True, eq=False)
class Track:
    """One face. frames: (n,) its frame numbers, without a gap. boxes: (n, 4) x0, y0, x1, y1 in pixels."""

    frames: np.ndarray
    boxes: np.ndarray

    @property
    def first(self) -> int:
        """The number of its first frame."""
        return int(self.frames[0])

    @property
    def size(self) -> float:
        """The larger of mean width and mean height, in pixels."""
        width, height = (self.boxes[:, 2:] - self.boxes[:, :2]).mean(axis=0)
        return float(max(width, height))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Shared area of two boxes as a part of the area of both together."""
    width, height = np.maximum(0.0, np.minimum(a[2:4], b[2:4]) - np.maximum(a[:2], b[:2]))
    shared = width * height
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - shared
    return float(shared / both) if both else 0.0


def find_tracks(
    detections: Detections,
    first: int = 0,
    *,
    min_track: int = MIN_TRACK,
    failed: int = FAILED_DETECTIONS,
    min_face: float = MIN_FACE,
) -> list[Track]:
    """The faces of one scene that were seen often and large enough; missing boxes are interpolated.

    first: the number of the scene's first frame. As in the original the face that follows a matched one in
    the list of its frame is passed over until the next track; that matters with several faces only.
    """
    free = [list(boxes) for boxes in detections]
    tracks = []
    while members := _next_members(free, failed):
        if len(members) <= min_track:
            continue
        numbers = np.array([number for number, _ in members])
        seen = np.array([box[:4] for _, box in members], dtype=np.float64)
        frames = np.arange(numbers[0], numbers[-1] + 1)
        boxes = np.stack([np.interp(frames, numbers, column) for column in seen.T], axis=1)
        track = Track(frames + first, boxes)
        if track.size > min_face:
            tracks.append(track)
    return tracks


def _next_members(free: list[list[np.ndarray]], failed: int) -> list[tuple[int, np.ndarray]]:
    """Take the faces of one track out of those that are still free."""
    members: list[tuple[int, np.ndarray]] = []
    for number, faces in enumerate(free):
        place = 0
        while place < len(faces):
            if members and number - members[-1][0] > failed:
                break
            if not members or overlap(faces[place], members[-1][1]) > OVERLAP:
                members.append((number, faces.pop(place)))
            place += 1  # also after taking one out: the original walks the list that it shortens
    return members
