"""Reads a recorded performance of either kind: blend shapes, or a motion template."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from media.performance.motion_template import LivePortraitTemplate, is_template, read_template
from media.performance.performance import Performance
from media.performance.reading import Angles, read_performance


def open_performance(
    path: Path, *, rate: Fraction | None = None, angles: Angles = "auto"
) -> Performance | LivePortraitTemplate:
    """As `read_template` for pickles, and as `read_performance` for everything else. Raises
    PerformanceError.
    """
    if is_template(path):
        return read_template(path, rate)
    return read_performance(path, rate=rate, angles=angles)
