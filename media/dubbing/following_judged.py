"""A track with what can be done with each of its frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media.dubbing.following_tracks import ShotTrack
from media.dubbing.following_usable import REASONS, Reason, Usability

FARTHEST = 60
"""Frames to either side of one that may decide where it has its landmarks."""


@dataclass(frozen=True)
class TrackSummary:
    """One face between two cuts, for reports and for painting.

    number: the `track` of its TrackedFaces. shot: the number of cuts before it. first, last: frames. frames:
    how many show it. area: mean of its box in square pixels. open_frame, closed_frame: the usable frames in
    which the mouth is widest open and closed, and sharp and seen from the front; None if no frame is usable.
    dubbed: how many frames get a new mouth; 0 for persons that were not chosen. score: the best with which
    the face was found, 0..1.
    """

    number: int
    shot: int
    first: int
    last: int
    frames: int
    area: float
    open_frame: int | None
    closed_frame: int | None
    dubbed: int
    score: float


@dataclass(frozen=True, eq=False)
class JudgedTrack:
    """track: a face between two cuts. usability: of its frames. chosen: whether the person speaks. score: as
    in TrackSummary.
    """

    track: ShotTrack
    usability: Usability
    chosen: bool
    score: float

    def strength(self, number: int) -> float:
        """How much of a new mouth a frame shows, 0..1."""
        return float(self.usability.strength[number - self.track.first]) if self.chosen else 0.0

    def reason(self, number: int) -> Reason | None:
        """Why a frame cannot be dubbed; None if it can."""
        return REASONS[int(self.usability.reason[number - self.track.first])]

    def sees(self, number: int) -> bool:
        """Whether the face was found in a frame."""
        return bool(self.usability.row[number - self.track.first] >= 0)

    def around(self, number: int, times: np.ndarray) -> tuple[np.ndarray, int]:
        """The rows near a frame in the order of time, none beyond a break or a long gap, and which of them is
        nearest.
        """
        at = number - self.track.first
        stretch = self.usability.stretch
        first, end = np.searchsorted(stretch, [stretch[at], stretch[at] + 1])
        rows = self.usability.row[max(first, at - FARTHEST) : min(end, at + FARTHEST + 1)]
        rows = rows[rows >= 0]
        frames = self.track.rows["frame"][rows]
        near = int(np.clip(np.searchsorted(frames, number), 0, len(frames) - 1))
        return rows, near

    def summary(self) -> TrackSummary:
        """The track for reports and for painting."""
        track, usability = self.track, self.usability
        rows = track.rows
        good = usability.reason[rows["frame"] - track.first] == 0
        front = np.cos(np.radians(np.minimum(np.hypot(rows["yaw"], rows["pitch"]), 80)))
        sharp = np.minimum(rows["sharpness"] / max(float(np.median(rows["sharpness"])), 1e-3), 1.5)
        opening = rows["gap"] / np.maximum(rows["width"], 1e-3)
        merit = front.astype(np.float64) * sharp
        widest = np.where(good, merit * opening, -1)
        closed = np.where(good, merit - 10 * opening, -np.inf)
        at = [int(values.argmax()) for values in (widest, closed)] if good.any() else [None, None]
        frames = [None if place is None else int(rows["frame"][place]) for place in at]
        dubbed = int((usability.strength > 0).sum()) if self.chosen else 0
        return TrackSummary(
            track.number, track.shot, track.first, track.last, len(rows), float(track.areas.mean()),
            frames[0], frames[1], dubbed, self.score,
        )  # fmt: skip
