"""Reads LivePortrait's motion templates: pickles, of which nothing is executed and only numbers are taken.

The templates of its repository differ: the rotation is called R or R_d, the rate is 20, 25 or 30, and what
drives lips and eyes by ratios may be missing. So only what every template has is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from engines.joyvasa.motion.pose import KEYPOINTS, angles_of_rotation
from engines.performing import RecordedMotion
from engines.saved_motion import SavedMotion
from engines.weights.pickles import NotPlain, plain_value
from media.documents.quoting import quoted
from media.documents.text import read_bytes
from media.errors import DocumentError, PerformanceError

LARGEST = 64 * 2**20
"""Bytes. A frame has about 1,500, of which LivePortrait's own templates use twice as many."""
MOST_STEPS = 6_000_000
"""Instructions of the pickle. A frame has 200 to 300."""
LARGEST_NUMBER = 1000.0
ROTATIONS = ("R", "R_d")
ANGLES = ("pitch", "yaw", "roll")
SIZES = {"exp": 3 * KEYPOINTS, "scale": 1, "t": 3}
LEAST_SCALE = 0.01


def is_template(path: Path) -> bool:
    """Whether a file is a pickle, as templates are. Raises PerformanceError if there is no such file."""
    try:
        with path.open("rb") as file:
            return file.read(1) == b"\x80"
    except OSError:
        raise PerformanceError('There is no performance at "{path}"; check the path.', path=path) from None


def read_template(path: Path, rate: Fraction | None = None) -> RecordedMotion:
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


def _motion(template: Any, rate: Fraction | None) -> RecordedMotion:
    frames = template.get("motion") if isinstance(template, Mapping) else None
    if not isinstance(frames, list) or not frames or not all(isinstance(one, Mapping) for one in frames):
        raise DocumentError('it has no list "motion" of frames')
    arrays = {
        name: np.stack([_numbers(one, (name,), size, at) for at, one in enumerate(frames, 1)])
        for name, size in SIZES.items()
    }
    if any(name in frames[0] for name in ROTATIONS):
        turns = np.stack([_numbers(one, ROTATIONS, 9, at) for at, one in enumerate(frames, 1)])
        angles = angles_of_rotation(turns.reshape(-1, 3, 3))
    else:
        angles = tuple(
            np.stack([_numbers(one, (name,), 1, at) for at, one in enumerate(frames, 1)]) for name in ANGLES
        )
    if (least := float(arrays["scale"].min())) < LEAST_SCALE:
        raise DocumentError("a scale in it is {least:g}; scales are about 1", least=least)
    whole = {
        **arrays,
        "exp": arrays["exp"].reshape(-1, KEYPOINTS, 3),
        **dict(zip(ANGLES, angles, strict=True)),
    }
    return RecordedMotion(SavedMotion(whole, {}), rate or _rate(template.get("output_fps")))


def _numbers(frame: Mapping[Any, Any], names: tuple[str, ...], size: int, at: int) -> np.ndarray:
    """(size,) float32: what a frame has under the first of the names that it knows."""
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
    if not 1 <= rate <= 240:
        raise DocumentError("it does not say how many frames a second has; give the frame rate")
    return Fraction(rate).limit_denominator(1001)
