"""Reads curves with keys: this program's keyframes, and OpenFaceFX tracks of blend shapes or visemes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from media.documents.quoting import quoted
from media.errors import DocumentError
from media.messages import said
from media.performance.blendshapes import BLENDSHAPES, JAW, MOUTH, ROTATIONS
from media.performance.keyed_track import KeyedTrack
from media.performance.performance import MOST_FRAMES, MOST_SECONDS, Performance, too_many_frames
from media.performance.visemes import SHAPES

USUAL_RATE = 60
_PLACE = {name.casefold(): place for place, name in enumerate((*BLENDSHAPES, *ROTATIONS))}


def performance_of_tracks(document: Mapping[str, Any], rate: Fraction | None, angles: str) -> Performance:
    """Sample all tracks at the rate asked for, or the file's, or 60 frames per second. Raises DocumentError.

    angles: "deg" or "rad" for tracks of angles that do not say their unit; otherwise those are in radians.
    """
    tracks = document.get("tracks", document.get("channels"))
    if not isinstance(tracks, list) or not all(isinstance(one, dict) for one in tracks):
        raise DocumentError('its "tracks" is not a list of objects with "name" and "keys"')
    curves = [_Curve(one, angles) for one in tracks]
    if all(curve.place < 0 and not curve.viseme for curve in curves):
        raise DocumentError(
            'none of its {count} names is a blend shape of ARKit, such as "jawOpen"', count=len(curves)
        )
    given = document.get("fps")
    if rate is None and isinstance(given, int | float) and not isinstance(given, bool) and 1 <= given <= 240:
        rate = Fraction(given).limit_denominator(1001)
    rate = rate or Fraction(USUAL_RATE)
    seconds = max((curve.times[-1] for curve in curves), default=0.0)
    frames = max(1, round(float(seconds * rate)) + 1)
    said_duration = document.get("duration")
    if isinstance(said_duration, int | float) and abs(said_duration - seconds) < 2 / float(rate):
        frames = max(1, round(float(said_duration * rate)))
    if frames > MOST_FRAMES:
        raise too_many_frames(frames)
    times = np.arange(frames) / float(rate)
    values = np.zeros((frames, len(BLENDSHAPES)), np.float32)
    rotations = np.full((frames, len(ROTATIONS)), np.nan, np.float32)
    for curve in curves:
        curve.add_to(times, values, rotations)
    unknown = [curve.name for curve in curves if curve.place < 0 and not curve.viseme]
    notes = (
        said(
            "{count} tracks of the performance are no blend shapes of ARKit and were left out: {names}.",
            count=len(unknown),
            names=", ".join(quoted(name, 30) for name in unknown[:4]),
        ),
    )
    has = frozenset(name for curve in curves for name in curve.moves)
    return Performance.of(times, values, rotations, rate=rate, has=has, notes=notes if unknown else ())


class _Curve(KeyedTrack):
    """One track and what it moves."""

    def __init__(self, track: Mapping[str, Any], angles: str) -> None:
        super().__init__(track)
        self.place = _PLACE.get(self.name.replace("_", "").casefold(), -1)
        self.viseme = self.name if self.name in SHAPES and self.place < 0 else ""
        if self.times[-1] > MOST_SECONDS:
            raise DocumentError(
                "it lasts {seconds:.0f} s; at most {most:.0f} s are read",
                seconds=self.times[-1],
                most=MOST_SECONDS,
            )
        if self.place >= len(BLENDSHAPES) and "deg" in (self.unit, angles):
            self.values = [math.radians(value) for value in self.values]

    @property
    def moves(self) -> frozenset[str]:
        """The blend shapes that it has something to say about."""
        if self.viseme:
            return frozenset({*JAW, *MOUTH})
        return frozenset(BLENDSHAPES[self.place : self.place + 1]) if self.place >= 0 else frozenset()

    def add_to(self, times: np.ndarray, values: np.ndarray, rotations: np.ndarray) -> None:
        """Add the curve to the rows that it moves."""
        curve = self.sampled(times)
        if self.viseme:
            for name, share in SHAPES[self.viseme].items():
                values[:, _PLACE[name.casefold()]] += share * curve
        elif self.place >= len(BLENDSHAPES):
            rotations[:, self.place - len(BLENDSHAPES)] = curve
        elif self.place >= 0:
            values[:, self.place] += curve
