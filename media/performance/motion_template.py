"""Reads LivePortrait's motion templates: pickles, of which nothing is executed and only numbers are taken.

The templates of its repository differ: the rotation is called R or R_d, the rate is 20, 25 or 30, and what
drives lips and eyes by ratios may be missing. So only what every template has is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from media.documents.plain_pickles import NotPlain, plain_value
from media.documents.quoting import quoted
from media.documents.text import read_bytes
from media.errors import DocumentError, PerformanceError
from media.performance.rates import HIGHEST, LOWEST

LARGEST = 64 * 2**20
"""Bytes. A frame has about 1,500, of which LivePortrait's own templates use twice as many."""
MOST_STEPS = 6_000_000
"""Instructions of the pickle. A frame has 200 to 300."""
LARGEST_NUMBER = 1000.0
POINTS = 21
"""Keypoints of a face."""
SIZES = {"exp": 3 * POINTS, "scale": 1, "t": 3}
"""What every frame has, with the number of its numbers."""
ROTATIONS = ("R", "R_d")
ANGLES = ("pitch", "yaw", "roll")
LEAST_SCALE = 0.01


@dataclass(frozen=True, eq=False)
class LivePortraitTemplate:
    """The motion in a template, all float32.

    exp: (n, 21, 3). scale: (n, 1). t: (n, 3). turns: (n, 3, 3) rotations, or (n, 3) pitch, yaw and roll in
    degrees where the file has no rotations. rate: frames per second. notes: what the reader had to decide.
    """

    exp: np.ndarray
    scale: np.ndarray
    t: np.ndarray
    turns: np.ndarray
    rate: Fraction
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """The number of frames."""
        return len(self.exp)

    @property
    def duration(self) -> float:
        """In seconds."""
        return float(self.frames / self.rate)


def is_template(path: Path) -> bool:
    """Whether a file is a pickle, as templates are. Raises PerformanceError if there is no such file."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(1) == b"\x80"
    except (OSError, ValueError):  # a zero byte in a name is a ValueError
        pass
    raise PerformanceError('There is no performance at "{path}"; check the path.', path=path)


def read_template(path: Path, rate: Fraction | None = None) -> LivePortraitTemplate:
    """The motion in a template. rate: frames per second; None takes the file's.

    Raises PerformanceError with the reason.
    """
    try:
        return _motion(plain_value(read_bytes(path, LARGEST), MOST_STEPS), rate)
    except NotPlain as error:
        reason: DocumentError = DocumentError(
            "it holds {content}, which is neither a number nor an array, so it was not opened: such a file "
            "can run any program",
            content=quoted(str(error)),
        )
    except DocumentError as error:
        reason = error
    raise PerformanceError(
        "{name} cannot be used as a motion template: {reason}. Save it again with LivePortrait.",
        name=path.name,
        reason=reason,
    )


def _motion(template: Any, rate: Fraction | None) -> LivePortraitTemplate:
    frames = template.get("motion") if isinstance(template, Mapping) else None
    if not isinstance(frames, list) or not frames or not all(isinstance(one, Mapping) for one in frames):
        raise DocumentError('it has no list "motion" of frames')
    arrays = {name: _stacked(frames, (name,), size) for name, size in SIZES.items()}
    if any(name in frames[0] for name in ROTATIONS):
        turns = _stacked(frames, ROTATIONS, 9).reshape(-1, 3, 3)
    else:
        turns = np.concatenate([_stacked(frames, (name,), 1) for name in ANGLES], axis=1)
    if (least := float(arrays["scale"].min())) < LEAST_SCALE:
        raise DocumentError("a scale in it is {least:g}; scales are about 1", least=least)
    exp = arrays["exp"].reshape(-1, POINTS, 3)
    return LivePortraitTemplate(
        exp, arrays["scale"], arrays["t"], turns, rate or _rate(template.get("output_fps"))
    )


def _stacked(frames: list[Mapping[Any, Any]], names: tuple[str, ...], size: int) -> np.ndarray:
    """(n, size) float32: what the frames have under the first of the names that each knows."""
    return np.stack([_numbers(one, names, size, at) for at, one in enumerate(frames, 1)])


def _numbers(frame: Mapping[Any, Any], names: tuple[str, ...], size: int, at: int) -> np.ndarray:
    given = next((frame[name] for name in names if name in frame), None)
    try:
        found = np.asarray(given, np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        found = np.zeros(0)
    if given is None or found.size != size:
        raise DocumentError(
            'frame {frame} of it has {count} numbers as "{name}"; {size} are needed',
            frame=at,
            count=0 if given is None else found.size,
            name=names[0],
            size=size,
        )
    if not (np.abs(found) < LARGEST_NUMBER).all():  # NaN, too
        raise DocumentError(
            'frame {frame} of it has a number as "{name}" that cannot be meant', frame=at, name=names[0]
        )
    return found.astype(np.float32)


def _rate(given: Any) -> Fraction:
    try:
        rate = float(given)
    except (TypeError, ValueError, OverflowError):
        rate = 0.0
    if not LOWEST <= rate <= HIGHEST:
        raise DocumentError("it does not say how many frames a second has; give the frame rate")
    return Fraction(rate).limit_denominator(1001)
