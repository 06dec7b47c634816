"""Chooses who speaks in a dub: the largest face, the face at a point, or all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from media.documents.quoting import quoted
from media.dubbing.following_tracks import ShotTrack
from media.errors import OptionError

LARGEST, ALL = "largest", "all"
_POINT = re.compile(r"\s*(\d+(?:\.\d*)?)\s*,\s*(\d+(?:\.\d*)?)\s*@\s*(\d+(?:\.\d*)?)\s*s?\s*", re.ASCII)
LONGEST_NUMBER = 12

NEAR = 0.25
"""How far outside a face's box a point may lie, in its sides."""
SUCCEEDS = 0.25
"""Part of the largest face's area that a face must have to speak in a shot while the largest is not there."""


@dataclass(frozen=True)
class FacePoint:
    """A point on a face at a time. x, y: pixels of the upright video, or fractions of its width and height.
    time: seconds after the first frame.
    """

    x: float
    y: float
    time: float
    fractions: bool

    def pixels(self, size: tuple[int, int]) -> tuple[float, float]:
        """The point in a video of (width, height) pixels."""
        return (self.x * size[0], self.y * size[1]) if self.fractions else (self.x, self.y)


Person = FacePoint | str
"""LARGEST, ALL or a point."""


def read_person(text: str) -> Person:
    """Read "largest", "all" or "X,Y@T", such as "640,300@2.5" in pixels or "0.5,0.4@2.5" in fractions.

    Numbers of which both are at most 1 and one has a decimal point are fractions. Raises OptionError.
    """
    word = text.strip().lower()
    if word in (LARGEST, ALL):
        return word
    found = _POINT.fullmatch(text)
    if found is None or max(len(number) for number in found.groups()) > LONGEST_NUMBER:
        raise OptionError(
            'The person {given} is not "largest", "all" or a point on a face with its time, X,Y@T, such as '
            "640,300@2.5 (pixels and seconds) or 0.5,0.4@2.5 (parts of width and height).",
            given=quoted(text),
        )
    x, y, time = (float(number) for number in found.groups())
    fractions = max(x, y) <= 1 and "." in found[1] + found[2]
    return FacePoint(x, y, time, fractions)


def check_person(person: Person, size: tuple[int, int], last: float) -> None:
    """Raise OptionError for a point outside of a video of (width, height) pixels, or more than a second after
    its last frame.

    last: seconds of that frame.
    """
    if not isinstance(person, FacePoint):
        return
    if person.time > last + 1:
        raise OptionError(
            "The person is asked for at {time:g} s, but the last frame of the video is shown at {last:.2f} "
            "s. Choose a time up to that.",
            time=person.time,
            last=last,
        )
    x, y = person.pixels(size)
    if not (x <= size[0] and y <= size[1]):
        raise OptionError(
            "The point {x:.0f},{y:.0f} lies outside of the video, which has {width}x{height} pixels.",
            x=x, y=y, width=size[0], height=size[1],
        )  # fmt: skip


class Likeness(Protocol):
    """Compares the faces of two tracks."""

    def __call__(self, a: ShotTrack, b: ShotTrack) -> float:
        """How different they are: up to 1 for one person."""
        ...


def choose(
    tracks: Sequence[ShotTrack],
    person: Person,
    *,
    times: np.ndarray,
    size: tuple[int, int],
    alike: Likeness,
) -> frozenset[int]:
    """The numbers of the tracks that get a new mouth.

    tracks: of the video, by shot. times: (frames,) seconds. size: (width, height) of the video.

    largest: in each shot the face that covers most area over its frames; where it is not there, the next one,
    if it was never there together with it and is not much smaller. point: the track under it, and in each
    shot the tracks that show the same person. Raises OptionError if no face is at the point.
    """
    if person == ALL:
        return frozenset(track.number for track in tracks)
    if isinstance(person, FacePoint):
        return _alike(tracks, _track_at(tracks, person, times, size), alike)
    shots: dict[int, list[ShotTrack]] = {}
    for track in tracks:
        shots.setdefault(track.shot, []).append(track)
    return frozenset(track.number for shot in shots.values() for track in _largest(shot))


def _largest(shot: Sequence[ShotTrack]) -> list[ShotTrack]:
    ranked = sorted(shot, key=lambda track: (-float(track.areas.sum()), track.number))
    least = SUCCEEDS * float(ranked[0].areas.mean())
    chosen: list[ShotTrack] = []
    for track in ranked:
        alone = all(track.last < other.first or other.last < track.first for other in chosen)
        if alone and float(track.areas.mean()) >= least:
            chosen.append(track)
    return chosen


def _alike(tracks: Sequence[ShotTrack], asked: ShotTrack, alike: Likeness) -> frozenset[int]:
    """The asked track and every other one of the same person that is never in one frame with a chosen one."""
    chosen = [asked]
    apart = {track.number: alike(asked, track) for track in tracks}
    for track in sorted(tracks, key=lambda one: apart[one.number]):
        alone = all(track.last < other.first or other.last < track.first for other in chosen)
        if alone and apart[track.number] <= 1:
            chosen.append(track)
    return frozenset(track.number for track in chosen)


def _track_at(
    tracks: Sequence[ShotTrack], point: FacePoint, times: np.ndarray, size: tuple[int, int]
) -> ShotTrack:
    check_person(point, size, float(times[-1]))
    x, y = point.pixels(size)
    frame = max(0, int(np.searchsorted(times, point.time + 1e-6, side="right")) - 1)
    best: tuple[float, ShotTrack | None] = (NEAR, None)
    seen: list[str] = []
    for track in tracks:
        if not track.first <= frame <= track.last:
            continue
        row = track.rows[int(np.abs(track.rows["frame"] - frame).argmin())]
        x0, y0, x1, y1 = (float(value) for value in row["box"])
        seen.append(f"{(x0 + x1) / 2:.0f},{(y0 + y1) / 2:.0f}")
        outside = np.hypot(max(x0 - x, x - x1, 0), max(y0 - y, y - y1, 0)) / max(x1 - x0, y1 - y0, 1e-6)
        inside = np.hypot(x - (x0 + x1) / 2, y - (y0 + y1) / 2) / max(x1 - x0, y1 - y0, 1e-6)
        distance = float(outside) + 1e-3 * float(inside)
        if distance < best[0]:
            best = (distance, track)
    if best[1] is not None:
        return best[1]
    if not seen:
        raise OptionError(
            "No face is visible at {time:.2f} s; choose a time at which the person can be seen.",
            time=point.time,
        )
    raise OptionError(
        "There is no face at {x:.0f},{y:.0f} at {time:.2f} s; at that time, faces are at {faces}.",
        x=x,
        y=y,
        time=point.time,
        faces="; ".join(seen),
    )
