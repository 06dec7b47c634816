"""A performance: how the blend shapes of a face and the angles of its head and eyes move in time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from media.errors import DocumentError
from media.messages import said
from media.performance.blendshapes import BLENDSHAPES, BROWS, EYES, ROTATIONS

MOST_FRAMES = 100_000
"""28 minutes at 60 frames per second. Their values take 24 MB."""
MOST_SECONDS = 36_000.0
MOST_TRACKS = 200
"""Curves that move something, several of which may move the same blend shape."""
LEAST_MOVED = 0.01
"""Blend shapes that never exceed this were not recorded: programs write 0 for what they do not track."""
FAR_BEYOND = 1.5
"""Blend shapes above this are not a recording from 0 to 1 that overshoots a little."""
_SMILES = tuple(f"mouth{kind}{side}" for kind in ("Smile", "Frown") for side in ("Left", "Right"))
_MAY_BE_MISSING: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        tuple(name for name in EYES if name.startswith("eyeBlink")),
        "The performance has no blinks; they follow the voice, if there is one.",
    ),
    (
        tuple(name for name in EYES if name.startswith("eyeLook")),
        "The performance has no gaze; it follows the voice, if there is one.",
    ),
    (BROWS, "The performance does not move the brows; they follow the voice, if there is one."),
    (_SMILES, ""),  # a serious face is nothing to report
)
"""Groups of blend shapes that count as missing if none of them moves, and what a note then says."""


@dataclass(frozen=True)
class PerformanceHead:
    """What a file says before its first frame.

    rate: frames per second. frames: their number. sound: the name of the voice's file, without its folder.
    """

    rate: Fraction
    frames: int
    sound: str = ""

    @property
    def duration(self) -> float:
        """In seconds."""
        return float(self.frames / self.rate)


@dataclass(frozen=True, eq=False)
class Performance:
    """A recorded or generated performance.

    times: (n,) float64 seconds from the first frame, increasing. values: (n, 52) float32, 0..1, columns as
    BLENDSHAPES; a row of NaN is a frame that the recorder dropped. rotations: (n, 9) float32 radians, columns
    as ROTATIONS; a column of NaN where the file has no angle. rate: frames per second, None for uneven times.
    has: the blend shapes that the file contains and moves; the others are 0. notes: what the reader had to
    decide.
    """

    times: np.ndarray
    values: np.ndarray
    rotations: np.ndarray
    rate: Fraction | None
    has: frozenset[str] = frozenset(BLENDSHAPES)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        times: np.ndarray,
        values: np.ndarray,
        rotations: np.ndarray | None = None,
        *,
        rate: Fraction | None = None,
        has: frozenset[str] = frozenset(BLENDSHAPES),
        notes: tuple[str, ...] = (),
    ) -> Performance:
        """A performance whose values are clipped to 0..1 and whose first frame is at 0.

        Frames with the time of the frame before replace it. Blinks, gaze, brows and smiles that stay at 0 in
        all frames leave `has`, with a note. Raises DocumentError for none or too many frames, times that go
        back, and a performance that is too long or has no usable frame.
        """
        if len(times) == 0:
            raise DocumentError("it has no frame")
        if len(times) > MOST_FRAMES:
            raise too_many_frames(len(times))
        times = np.asarray(times, np.float64) - float(times[0])
        steps = np.diff(times)
        if len(steps) and float(steps.min()) < 0:
            at = int(np.argmin(steps)) + 1
            raise DocumentError(
                "its frame {frame} is at {time:.3f} s, before the frame before it; sort the frames by time",
                frame=at + 1,
                time=float(times[at]),
            )
        if times[-1] > MOST_SECONDS:
            raise DocumentError(
                "it lasts {seconds:.0f} s; at most {most:.0f} s are read",
                seconds=times[-1],
                most=MOST_SECONDS,
            )
        if rotations is None:
            rotations = np.full((len(times), len(ROTATIONS)), np.nan, np.float32)
        last = np.append(steps > 0, True)
        values = values.astype(np.float32)
        if np.isnan(values).any(axis=1).all():
            raise DocumentError("all of its {count} frames are without values", count=len(times))
        if (most := float(np.nanmax(values))) > FAR_BEYOND:
            beyond = said(
                "Values of the performance reach {most:g}; all above 1 count as 1. Divide percentages by "
                "100.",
                most=most,
            )
            notes = (*notes, beyond)
        values = np.clip(values, 0.0, 1.0)
        has, still = _without_still(has, values)
        turned = _without_gaps(times[last], rotations.astype(np.float32)[last])
        return cls(times[last], values[last], turned, rate, has, (*notes, *still))

    @property
    def frames(self) -> int:
        """The number of frames, with dropped ones."""
        return len(self.times)

    @property
    def duration(self) -> float:
        """Seconds to the end of the last frame; with uneven times, to its beginning."""
        return float(self.times[-1]) + (float(1 / self.rate) if self.rate is not None else 0.0)

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values at any times: (k, 52) and (k, 9) float32, straight lines between the frames.

        Dropped frames are passed over, the first and the last frame are held, and missing angles are 0.
        """
        known = ~np.isnan(self.values).any(axis=1)
        angles = np.nan_to_num(self.rotations[known])
        frames = np.concatenate([self.values[known], angles], axis=1)
        moments = self.times[known]
        after = np.clip(np.searchsorted(moments, times, side="right"), 1, max(len(moments) - 1, 1))
        if len(moments) == 1:
            rows = np.repeat(frames, len(times), axis=0)
        else:
            span = moments[after] - moments[after - 1]
            share = np.clip((times - moments[after - 1]) / span, 0.0, 1.0)[:, None].astype(np.float32)
            rows = frames[after - 1] * (1 - share) + frames[after] * share
        return rows[:, : len(BLENDSHAPES)], rows[:, len(BLENDSHAPES) :]


def _without_gaps(times: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """The angles with straight lines where some of a column are missing."""
    for column in rotations.T:
        known = ~np.isnan(column)
        if known.any() and not known.all():
            column[~known] = np.interp(times[~known], times[known], column[known])
    return rotations


def _without_still(has: frozenset[str], values: np.ndarray) -> tuple[frozenset[str], tuple[str, ...]]:
    """`has` without the groups that never move in (n, 52) values, and the notes on them."""
    notes = []
    moved = dict(zip(BLENDSHAPES, (np.nan_to_num(values).max(axis=0) > LEAST_MOVED).tolist(), strict=True))
    for names, note in _MAY_BE_MISSING:
        if has & set(names) and not any(moved[name] for name in names):
            has -= set(names)
            notes.append(note)
    return has, tuple(note for note in notes if note)


def too_many_frames(frames: int) -> DocumentError:
    """The error for a file with so many frames."""
    return DocumentError("it has {frames} frames; at most {most} are read", frames=frames, most=MOST_FRAMES)


def too_many_tracks(tracks: int) -> DocumentError:
    """The error for a file with so many curves."""
    return DocumentError("it has {tracks} tracks; at most {most} are read", tracks=tracks, most=MOST_TRACKS)


def steady_rate(times: np.ndarray) -> Fraction | None:
    """The rate of evenly spaced times within 3 %, as a simple fraction; None for uneven ones."""
    if len(times) < 2:
        return None
    steps = np.diff(times)
    step = float(times[-1] - times[0]) / len(steps)
    if step <= 0 or float(np.abs(steps - step).max()) > max(0.03 * step, 0.0006):
        return None
    nearest = round(1 / step)
    if nearest and abs(1 / step - nearest) < 0.005 * nearest:
        return Fraction(nearest)
    return Fraction(1 / step).limit_denominator(1001)
