"""Joins the followed pieces of a video to tracks, one for each face between two cuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media.dubbing.following_cuts import Changes

JOINED_SECONDS = 2.0
"""A face that is found again within this time, near where it was lost, is the same."""
FARTHEST = 1.0
"""How far from there, in its sides, ..."""
LARGEST_CHANGE = 1.6
"""... and how much larger or smaller."""


@dataclass(frozen=True, eq=False)
class ShotTrack:
    """One face between two cuts.

    number: the order in which tracks begin, from 0. shot: the number of cuts before it. rows: (n,) of RECORD,
    by frame. places: (n,) int64, their numbers in the file of landmarks.
    """

    number: int
    shot: int
    rows: np.ndarray
    places: np.ndarray

    @property
    def first(self) -> int:
        """Its first frame."""
        return int(self.rows["frame"][0])

    @property
    def last(self) -> int:
        """Its last frame."""
        return int(self.rows["frame"][-1])

    @property
    def areas(self) -> np.ndarray:
        """(n,) areas of its box in square pixels."""
        box = self.rows["box"].astype(np.float64)
        areas: np.ndarray = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
        return areas


def join_tracks(rows: np.ndarray, changes: Changes, times: np.ndarray) -> list[ShotTrack]:
    """The tracks of a video, ordered by shot and first frame.

    rows: (n,) of RECORD in the order of the file. times: (frames,) seconds.
    """
    order = np.lexsort((rows["frame"], rows["fragment"]))
    shown = np.searchsorted(changes.cuts, rows["frame"][order], side="right")
    # A face that is followed through a dissolve becomes another one in its middle.
    edges = np.flatnonzero((np.diff(rows["fragment"][order]) != 0) | (np.diff(shown) != 0)) + 1
    fragments = [part for part in np.split(order, edges) if len(part)]
    fragments.sort(key=lambda part: int(rows["frame"][part[0]]))
    shots: dict[int, list[list[np.ndarray]]] = {}
    recent: list[list[np.ndarray]] = []
    for fragment in fragments:
        shot = int(np.searchsorted(changes.cuts, rows["frame"][fragment[0]], side="right"))
        groups = shots.setdefault(shot, [])
        start = times[rows["frame"][fragment[0]]]
        ends = [times[rows["frame"][one[-1][-1]]] for one in recent]
        # Without the others of the shot: hours of faces that come and go would be compared with each other.
        near = [one for one, end in zip(recent, ends, strict=True) if start - end <= JOINED_SECONDS]
        recent = near if groups else []
        before = _continued(rows, recent, fragment)
        if before is None:
            groups.append([fragment])
            recent.append(groups[-1])
        else:
            before.append(fragment)
    joined = [(shot, np.concatenate(group)) for shot in sorted(shots) for group in shots[shot]]
    joined.sort(key=lambda one: (one[0], int(rows["frame"][one[1][0]])))
    return [ShotTrack(number, shot, rows[part], part) for number, (shot, part) in enumerate(joined)]


def _continued(
    rows: np.ndarray, groups: list[list[np.ndarray]], fragment: np.ndarray
) -> list[np.ndarray] | None:
    """The group whose face a fragment shows again, the nearest one; None if it is a new face.

    groups: of the same shot that were seen not long ago.
    """
    first = rows[fragment[0]]
    best: tuple[float, list[np.ndarray] | None] = (FARTHEST, None)
    for group in groups:
        last = rows[group[-1][-1]]
        if last["frame"] >= first["frame"]:
            continue
        sides = [float(max(box[2] - box[0], box[3] - box[1])) for box in (last["box"], first["box"])]
        if not 1 / LARGEST_CHANGE < sides[1] / max(sides[0], 1e-6) < LARGEST_CHANGE:
            continue
        moved = np.subtract(first["middle"][:2], last["middle"][:2])
        distance = float(np.hypot(*moved)) / max(sides[0], 1e-6)
        if distance < best[0]:
            best = (distance, group)
    return best[1]
