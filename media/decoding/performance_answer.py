"""Checks what a child read from a recorded performance."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from media.decoding.child import ChildFailed
from media.decoding.performance_work import CURVES, TEMPLATE, TURNS
from media.performance.blendshapes import BLENDSHAPES
from media.performance.motion_template import LARGEST_NUMBER, LivePortraitTemplate
from media.performance.performance import MOST_FRAMES, MOST_SECONDS, Performance


def performance_of(
    header: dict[str, Any], body: bytearray, notes: tuple[str, ...]
) -> Performance | LivePortraitTemplate:
    """What a child read. notes: the header's, checked. Raises ChildFailed for an impossible answer."""
    match header:
        case {"frames": int(frames), "has": list(has), "turns": None} if 0 < frames <= MOST_FRAMES:
            times, arrays = _arrays(body, frames, CURVES, timed=True)
            known = frozenset(one for one in has if isinstance(one, str)) & set(BLENDSHAPES)
            made = Performance(times, **arrays, rate=_rate(header), has=known, notes=notes)
            _check_curves(made)
            return made
        case {"frames": int(frames), "turns": int(width)} if 0 < frames <= MOST_FRAMES and width in TURNS:
            _, arrays = _arrays(body, frames, {**TEMPLATE, "turns": TURNS[width]}, timed=False)
            rate = _rate(header)
            if rate is None or not all((np.abs(one) <= LARGEST_NUMBER).all() for one in arrays.values()):
                raise ChildFailed("the decoder sent numbers that cannot be meant")
            return LivePortraitTemplate(**arrays, rate=rate, notes=notes)
    raise ChildFailed("the decoder answered with an impossible number of frames")


def _arrays(
    body: bytearray, frames: int, shapes: Mapping[str, tuple[int, ...]], *, timed: bool
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The times (frames,) float64, empty if there are none, and the arrays by name."""
    sizes = [4 * frames * int(np.prod(shape)) for shape in shapes.values()]
    begin = 8 * frames if timed else 0
    if len(body) != begin + sum(sizes):
        raise ChildFailed(f"the decoder sent {len(body)} bytes, which are not {frames} frames")
    found, at = {}, begin
    for (name, shape), size in zip(shapes.items(), sizes, strict=True):
        found[name] = np.frombuffer(body, np.float32, size // 4, at).reshape(frames, *shape)
        at += size
    return np.frombuffer(body, np.float64, begin // 8), found


def _rate(header: dict[str, Any]) -> Fraction | None:
    match header.get("rate"):
        case None:
            return None
        case str(text) if len(text) <= 40:
            try:
                rate = Fraction(text)
            except (ValueError, ZeroDivisionError):
                rate = Fraction(0)
            if 0 < rate <= 1e9:
                return rate
    raise ChildFailed("the decoder reported an impossible rate")


def _check_curves(made: Performance) -> None:
    values, turns, times = made.values, made.rotations, made.times
    usable = (
        not np.isnan(values).any(axis=1).all() and not np.isinf(values).any() and not np.isinf(turns).any()
    )
    ordered = np.isfinite(times).all() and times[0] == 0 and (np.diff(times) > 0).all()
    bounded = usable and np.nanmin(values) >= 0 and np.nanmax(values) <= 1
    if not (bounded and ordered and times[-1] <= MOST_SECONDS):
        raise ChildFailed("the decoder sent numbers that cannot be meant")
