"""A child's work on a recorded performance.

The numbers follow the header as float32 rows, after the times as float64 if the file has blend shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from media.decoding.messages import Channel
from media.decoding.texts import sent_notes
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.motion_template import POINTS
from media.performance.opening import open_performance
from media.performance.performance import MOST_FRAMES, Performance

KIND = "performance"
CURVES: Mapping[str, tuple[int, ...]] = {"values": (len(BLENDSHAPES),), "rotations": (len(ROTATIONS),)}
TEMPLATE: Mapping[str, tuple[int, ...]] = {"exp": (POINTS, 3), "scale": (1,), "t": (3,)}
TURNS: Mapping[int, tuple[int, ...]] = {9: (3, 3), 3: (3,)}
"""Shapes of a frame's turns, by the number of their numbers."""
MOST_BYTES = MOST_FRAMES * (8 + 4 * (len(BLENDSHAPES) + len(ROTATIONS)))
"""Of an answer. A template of 64 MB has fewer frames, and each has more numbers."""


def _read(channel: Channel, request: dict[str, Any], _: bytearray) -> None:
    rate = None if request["rate"] is None else Fraction(request["rate"])
    found = open_performance(Path(request["path"]), rate=rate, angles=request["angles"])
    shapes = CURVES if isinstance(found, Performance) else {**TEMPLATE, "turns": found.turns.shape[1:]}
    about = {
        "kind": KIND,
        "frames": found.frames,
        "rate": None if found.rate is None else str(found.rate),
        "notes": sent_notes(found.notes),
        "has": sorted(found.has) if isinstance(found, Performance) else None,
        "turns": None if isinstance(found, Performance) else int(np.prod(found.turns.shape[1:])),
    }
    rows = b"".join(np.ascontiguousarray(getattr(found, name), np.float32).tobytes() for name in shapes)
    times = found.times.astype(np.float64).tobytes() if isinstance(found, Performance) else b""
    channel.send(about, times + rows)


PERFORMANCE_WORK: dict[str, Callable[[Channel, dict[str, Any], bytearray], None]] = {KIND: _read}
