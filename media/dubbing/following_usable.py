"""Decides which frames of a track can get a new mouth, and fades the dub in and out around the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from media.dubbing.following_tracks import ShotTrack

Reason = Literal["no_face", "small", "turned", "covered", "other_person", "dissolve", "animal"]
REASONS: tuple[Reason | None, ...] = (
    None, "no_face", "small", "turned", "covered", "other_person", "dissolve", "animal",
)  # fmt: skip
"""Why a frame passes through as it is; None if it gets a new mouth."""
NO_FACE, SMALL, TURNED, COVERED, DISSOLVE, ANIMAL = 1, 2, 3, 4, 6, 7

BRIDGED = 2
"""Frames of doubt inside a good stretch that are dubbed all the same."""
SHORTEST = 0.3
"""Seconds; a good stretch that is shorter between two bad ones is not begun."""

LEAP, LEAP_STANDS_OUT = 0.06, 4.0
"""Widths of the face that it moves in one frame, and factor by which that exceeds the frames around it."""

COLOUR_APART = 0.25
"""Difference of a patch's colour from the track's median, in natural logarithms of its ratio to the cheeks,
from which something else is there ..."""
NOISY = 6.0
"""... or this many of its own usual differences, where they are larger."""
PATCHES_APART = 3
"""Patches around the mouth, of ten, that must differ."""
WASHED_OUT = 0.6
"""Part of the track's median contrast around the eyes, relative to the light; a blink keeps 0.76 of it."""
LIPS_LEFT = 0.35
"""Part of the track's median difference of lips and skin below which no lips are visible."""
HIDDEN_SHARE = 0.8
"""Share of frames without visible lips from which the whole track is covered, as by a mask."""
_DARK = 10.0
_SAMPLE = 2000
"""Frames that are compared at once, so that memory does not grow with the video."""


@dataclass(frozen=True, eq=False)
class Usability:
    """For each frame from a track's first to its last: reason (n,) uint8, an index of REASONS; row (n,)
    int32, the track's row, -1 where the face was not found; strength (n,) float32, 0..1; stretch (n,) int32,
    which grows where the picture changes suddenly or the face was lost for more than BRIDGED frames.
    """

    reason: np.ndarray
    row: np.ndarray
    strength: np.ndarray
    stretch: np.ndarray


def judge(
    track: ShotTrack,
    times: np.ndarray,
    breaks: np.ndarray,
    thin: np.ndarray,
    *,
    dissolves: tuple[tuple[int, int], ...] = (),
    size: tuple[int, int],
    max_turn: float,
    fade: float,
    smallest_mouth: float,
    animal: bool = False,
) -> Usability:
    """Judge every frame of a track.

    times: (frames,) seconds of all frames. breaks: first frames after a sudden change, ascending. thin: (n,)
    bool, rows in which something thin is in front of the mouth. dissolves: as `Changes.dissolves`. size:
    (width, height) of the frames. max_turn: degrees. fade: seconds. smallest_mouth: pixels between the
    corners. animal: whether it is one.
    """
    first, count = track.first, track.last - track.first + 1
    own_times = times[first : first + count]
    row = np.full(count, -1, np.int32)
    row[track.rows["frame"] - first] = np.arange(len(track.rows))
    broken = np.zeros(count, np.int32)
    broken[breaks[(breaks > first) & (breaks <= track.last)] - first] = 1
    broken[leaps(track.rows) - first] = 1
    scene = np.cumsum(broken)
    reason = np.full(count, NO_FACE, np.uint8)
    reason[row >= 0] = ANIMAL if animal else _reasons(track, thin, size, max_turn, smallest_mouth)
    reason = _bridged(reason, scene)
    for begin, end in dissolves:
        reason[max(begin - first, 0) : max(end - first, 0)] = DISSOLVE
    reason = _without_islands(reason, own_times, scene)
    strength = _faded(reason == 0, own_times, scene, fade, *_borders(track, times, breaks))
    return Usability(reason, row, strength, _stretches(row >= 0, scene))


def leaps(rows: np.ndarray) -> np.ndarray:
    """The frames in which a face is suddenly elsewhere, as after a small jump cut that the picture hides.

    rows: (n,) of RECORD of one track, by frame.
    """
    box = rows["box"].astype(np.float64)
    place = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 1]], axis=1)  # the chin moves with speech
    step = np.linalg.norm(np.diff(place, axis=0), axis=1) / np.maximum(box[1:, 2] - box[1:, 0], 1e-6)
    padded = np.concatenate([np.zeros(2), step, np.zeros(2)])
    around = np.max([padded[:-4], padded[1:-3], padded[3:-1], padded[4:]], axis=0, initial=0.0)
    next_frame = np.diff(rows["frame"]) == 1
    found = next_frame & (step > LEAP) & (step > LEAP_STANDS_OUT * around)
    frames: np.ndarray = rows["frame"][1:][found]
    return frames


def _reasons(
    track: ShotTrack, thin: np.ndarray, size: tuple[int, int], max_turn: float, smallest_mouth: float
) -> np.ndarray:
    rows = track.rows
    reason = np.zeros(len(rows), np.uint8)
    reason[covered(rows) | thin] = COVERED
    turned = np.maximum(np.abs(rows["yaw"]), np.abs(rows["pitch"])) > max_turn
    reason[turned] = TURNED
    width = np.linalg.norm(rows["box"][:, 2:] - rows["box"][:, :2], axis=1) * MOUTH_IN_FACE
    reason[np.maximum(rows["width"], width) < smallest_mouth] = SMALL
    x = (rows["box"][:, 0] + rows["box"][:, 2]) / 2
    y = rows["box"][:, 1] + MOUTH_DOWN * (rows["box"][:, 3] - rows["box"][:, 1])
    reason[(x < 0) | (x >= size[0]) | (y < 0) | (y >= size[1])] = NO_FACE
    return reason


MOUTH_DOWN = 0.75
"""Where the mouth is in the height of the box; a face whose mouth is out of the picture is not there."""
MOUTH_IN_FACE = 0.25
"""A usual mouth's width in parts of the box's diagonal: lips that are rounded do not make a face small."""


def covered(rows: np.ndarray) -> np.ndarray:
    """(n,) bool: something covers the mouth, or light washes it out. rows: (n,) of RECORD of one track."""
    hidden = rows["hidden"]
    if hidden.mean() > HIDDEN_SHARE:
        return np.ones(len(rows), bool)
    shown = np.flatnonzero(~hidden)  # what is there while the lips are visible is the face
    sample = _colours(rows[shown[:: max(1, len(shown) // _SAMPLE)]])
    usual = np.median(sample, axis=0)
    allowed = np.maximum(COLOUR_APART, NOISY * np.median(np.abs(sample - usual), axis=0))
    lips = rows["lips"].astype(np.float32)
    result: np.ndarray = hidden | (lips < LIPS_LEFT * np.median(lips[shown]))
    result |= _washed_out(rows)
    for start in range(0, len(rows), _SAMPLE):
        part = slice(start, start + _SAMPLE)
        apart = (np.abs(_colours(rows[part]) - usual) > allowed).any(axis=2)
        result[part] |= apart.sum(axis=1) >= PATCHES_APART
    return result


def _washed_out(rows: np.ndarray) -> np.ndarray:
    """(n,) bool: contrast is lost without light, as under a flash or behind fog, where new lips would be too
    dark. In a fade, both go together.
    """
    contrast, light = rows["contrast"].astype(np.float32), rows["cheeks"].astype(np.float32).mean(axis=1)
    share = light / max(float(np.median(light)), 1.0)
    washed: np.ndarray = contrast < WASHED_OUT * np.minimum(share, 1.0) * np.median(contrast)
    return washed


def _colours(rows: np.ndarray) -> np.ndarray:
    """(n, 10, 3) logarithms of the patches' colours relative to the cheeks, which cancels the light."""
    patches = rows["patches"].astype(np.float32) + _DARK
    cheeks = rows["cheeks"].astype(np.float32)[:, None] + _DARK
    colours: np.ndarray = np.log(patches / cheeks)
    return colours


def _runs(values: np.ndarray) -> list[tuple[int, int]]:
    """(start, end) of every run of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    starts = [0, *edges.tolist()]
    return list(zip(starts, [*starts[1:], len(values)], strict=True))


def _bridged(reason: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """Without short doubts between good frames of the same scene. A missing face counts, too: its place
    follows from the frames around it.
    """
    reason = reason.copy()
    for start, end in _runs((reason > 0).astype(np.int8)):
        between = start > 0 and end < len(reason)
        if reason[start] and between and end - start <= BRIDGED and scene[start - 1] == scene[end]:
            reason[start:end] = 0
    return reason


def _without_islands(reason: np.ndarray, times: np.ndarray, scene: np.ndarray) -> np.ndarray:
    reason = reason.copy()
    for start, end in _runs((reason > 0).astype(np.int8)):
        if reason[start] or start == 0 or end == len(reason):
            continue
        alone = scene[start - 1] == scene[end]
        if alone and times[end] - times[start] < SHORTEST:
            reason[start:end] = reason[start - 1]
    return reason


def _borders(track: ShotTrack, times: np.ndarray, breaks: np.ndarray) -> tuple[float | None, float | None]:
    """When the face was not there yet, and no longer there; None where the video or a shot begins or ends."""
    first, last = track.first, track.last
    begins = first == 0 or first in breaks
    ends = last + 1 >= len(times) or last + 1 in breaks
    return (None if begins else float(times[first - 1])), (None if ends else float(times[last + 1]))


def _faded(
    good: np.ndarray,
    times: np.ndarray,
    scene: np.ndarray,
    fade: float,
    before: float | None,
    after: float | None,
) -> np.ndarray:
    """(n,) strength: 0 in bad frames, rising with the time from the nearest one of the same scene."""
    away = np.full(len(good), np.inf)
    for way in (1, -1):
        edge = before if way == 1 else after
        bad = -np.inf if edge is None else edge * way
        at = scene[0] if way == 1 else scene[-1]
        for n in range(len(good))[::way]:
            if scene[n] != at:
                bad, at = -np.inf, scene[n]
            if not good[n]:
                bad = times[n] * way
            away[n] = min(away[n], times[n] * way - bad)
    strength = np.where(good, np.clip(away / max(fade, 1e-9), 0, 1), 0)
    return strength.astype(np.float32)


def _stretches(found: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """(n,) int32 that grows with every break and after every gap that is not bridged."""
    step = np.diff(scene, prepend=scene[0]) > 0
    for start, end in _runs(found.astype(np.int8)):
        if not found[start] and end - start > BRIDGED and end < len(found):
            step[end] = True
    stretches: np.ndarray = np.cumsum(step).astype(np.int32)
    return stretches
