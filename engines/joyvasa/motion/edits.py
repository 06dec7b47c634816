"""Sliders that change generated motion before it is rendered, without sampling it again.

Every slider has a neutral value at which the motion comes back unchanged, bit for bit. Motion comes in
windows; what a window becomes depends on its own frames, on the job's first frame and on the seed, so the
result does not depend on the windows' bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engines.joyvasa.motion.blendshape_offsets import (
    CLOSE_EYES,
    LOOK_LEFT,
    LOOK_RIGHT,
    LOOK_UP,
    SMILE,
    offsets,
)
from engines.joyvasa.motion.pose import KEYPOINTS, HeadMotion
from engines.joyvasa.motion.retargeting import EYE_POINTS, LIP_POINTS

BLINKS_PER_MINUTE = 15.0
BLINK_SECONDS = (0.08, 0.04, 0.16)
"""Times of closing, staying closed and opening: a lid falls twice as fast as it rises."""
SHORTEST_PAUSE = 1.0

_LIPS, _EYES = list(LIP_POINTS), list(EYE_POINTS)
_FACE = sorted(set(range(KEYPOINTS)) - set(LIP_POINTS) - set(EYE_POINTS))


@dataclass(frozen=True)
class MotionEdits:
    """The sliders' values; the defaults change nothing.

    head_motion: factor of the head's turns, shifts and size relative to the first frame; 0 holds it still.
    expression: factor of everything but eyes and lips, such as brows and cheeks. mouth_open: factor of the
    lips' distance from their rest.
    blink: -1..1. Below 0, the eyes' own movement is reduced; above 0, blinks are added.
    gaze_x, gaze_y: -1..1, towards the picture's right and upwards. smile: -1..1.
    silence_closes_mouth: 0..1, how far lips return to their rest when the voice is silent.
    """

    head_motion: float = 1.0
    expression: float = 1.0
    mouth_open: float = 1.0
    blink: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    smile: float = 0.0
    silence_closes_mouth: float = 0.0


def without_blinks(edits: MotionEdits) -> MotionEdits:
    """The same sliders without added blinks, which depend on all time since the beginning."""
    return replace(edits, blink=min(edits.blink, 0.0))


class MotionEditor:
    """Applies the sliders to the windows of one job, in any order."""

    def __init__(
        self, edits: MotionEdits, first: HeadMotion, rest: np.ndarray, *, fps: float = 25.0, seed: int = 0
    ) -> None:
        """first: the generated motion's first frame (only its frame 0 is read), the same that the
        `Retargeter` gets. It is not edited, because movement is measured from it.
        rest: (21, 3) expression whose lips are those of a closed mouth: `rest_expression` where lips are
        absolute, the first frame's own where they are relative.
        seed: decides the times of added blinks.
        """
        self._edits = edits
        self._first = first[:1]
        self._rest = rest
        self._fps = fps
        self._seed = seed
        self._added = self._constant_offsets()

    def with_edits(self, edits: MotionEdits) -> MotionEditor:
        """The same for other sliders."""
        return MotionEditor(edits, self._first, self._rest, fps=self._fps, seed=self._seed)

    def apply(self, motion: HeadMotion, start: int = 0, voice: np.ndarray | None = None) -> HeadMotion:
        """Change a window that begins at frame `start` of the job.

        voice: (n,) from `voice_activity`, 1 during speech. Required for silence_closes_mouth only, where
        ValueError is raised without it.
        """
        head = self._head(motion)
        exp = self._expression(motion, start, voice)
        return motion if head is motion and exp is motion.exp else head.with_changes(exp=exp)

    def _head(self, motion: HeadMotion) -> HeadMotion:
        strength, first = self._edits.head_motion, self._first
        if strength == 1:
            return motion
        changed = {
            name: _scaled(getattr(motion, name), getattr(first, name), strength)
            for name in ("t", "pitch", "yaw", "roll")
        }
        ratio = np.maximum(motion.scale / first.scale, 1e-3)  # a factor, so raised to a power
        return motion.with_changes(scale=(first.scale * ratio**strength).astype(np.float32), **changed)

    def _expression(self, motion: HeadMotion, start: int, voice: np.ndarray | None) -> np.ndarray:
        edits, exp, first = self._edits, motion.exp, self._first.exp
        points = [
            (_FACE, first[:, _FACE], edits.expression),
            (_EYES, first[:, _EYES], 1 + min(edits.blink, 0)),
            (_LIPS, self._rest[_LIPS], edits.mouth_open),
        ]
        for which, neutral, strength in points:
            if strength != 1:
                exp = _replaced(exp, which, _scaled(exp[:, which], neutral, strength))
        if edits.silence_closes_mouth > 0:
            if voice is None:
                raise ValueError("silence_closes_mouth needs to know where someone speaks.")
            shut = edits.silence_closes_mouth * (1 - voice[:, None, None])
            lips = exp[:, _LIPS]
            exp = _replaced(exp, _LIPS, lips + shut * (self._rest[_LIPS] - lips))
        if self._added is not None:
            exp = exp + self._added
        if edits.blink > 0:
            times = (start + np.arange(len(motion)) + 0.5) / self._fps
            lids = blink_curve(times, edits.blink * BLINKS_PER_MINUTE, self._seed)
            exp = exp + lids[:, None, None] * offsets(CLOSE_EYES)
        return exp.astype(np.float32, copy=False)

    def _constant_offsets(self) -> np.ndarray | None:
        edits = self._edits
        if not (edits.gaze_x or edits.gaze_y or edits.smile):
            return None
        sideways = LOOK_RIGHT if edits.gaze_x > 0 else LOOK_LEFT
        return (
            offsets(sideways, abs(edits.gaze_x))
            + offsets(LOOK_UP, edits.gaze_y)
            + offsets(SMILE, edits.smile)
        )


def rest_expression(
    source_exp: np.ndarray, source_scale: float, lip_offset: np.ndarray | None = None
) -> np.ndarray:
    """The portrait's expression with its lips closed, (21, 3) float32.

    source_exp: (21, 3) or (1, 21, 3). lip_offset: (1, 21, 3) keypoint offsets from `retargeting.lip_closing`;
    they are scaled, while expressions are not. None if the lips are closed.
    """
    rest = np.array(source_exp, np.float32).reshape(KEYPOINTS, 3)
    if lip_offset is not None:
        rest[_LIPS] += lip_offset.reshape(KEYPOINTS, 3)[_LIPS] / source_scale
    return rest


def blink_curve(times: np.ndarray, per_minute: float, seed: int) -> np.ndarray:
    """How far lids are closed at (n,) seconds, 0..1 float32, for blinks at times drawn from the seed.

    Pauses between blinks are at least a second and otherwise exponentially distributed, nearly as people's
    are. The draws are made from the job's start, so any stretch of time gives the same blinks.
    """
    closed = np.zeros(len(times), np.float32)
    if per_minute <= 0 or not len(times):
        return closed
    rng = np.random.default_rng([seed, 0xB11])
    shortest = SHORTEST_PAUSE + sum(BLINK_SECONDS)
    average = max(60 / per_minute - shortest, 0.5)
    begin = float(rng.exponential(average))
    while begin < times[-1]:
        closed = np.maximum(closed, lids_after(times - begin))
        begin += shortest + float(rng.exponential(average))
    return closed.astype(np.float32)


def lids_after(since: np.ndarray) -> np.ndarray:
    """How far lids are closed at (n,) seconds since a blink began, 0..1; below 0, it has not begun."""
    closing, shut, opening = BLINK_SECONDS
    down = np.clip(since / closing, 0, 1)
    up = np.clip((since - closing - shut) / opening, 0, 1)
    return _gentle(down) - _gentle(up)


def _gentle(share: np.ndarray) -> np.ndarray:
    return share * share * (3 - 2 * share)


def _scaled(values: np.ndarray, neutral: np.ndarray, strength: float) -> np.ndarray:
    return (neutral + strength * (values - neutral)).astype(np.float32)


def _replaced(exp: np.ndarray, points: list[int], values: np.ndarray) -> np.ndarray:
    changed = exp.copy()
    changed[:, points] = values
    return changed
