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
from media.performance.performance import MOST_FRAMES, MOST_SECONDS, Performance, too_many_frames
from media.performance.visemes import SHAPES

USUAL_RATE = 60
EASES = ("linear", "smooth", "step")
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


class _Curve:
    """One track: times and values, and what it moves."""

    def __init__(self, track: Mapping[str, Any], angles: str) -> None:
        name, keys = track.get("name"), track.get("keys")
        if not isinstance(name, str) or not isinstance(keys, list) or not keys:
            raise DocumentError('a track in it has no "name", or no "keys"')
        self.name = name
        self.place = _PLACE.get(name.replace("_", "").casefold(), -1)
        self.viseme = name if name in SHAPES and self.place < 0 else ""
        self._ease = track.get("ease", "linear")
        if self._ease not in EASES:
            raise DocumentError(
                'its track "{name}" has the ease "{ease}"; use linear, smooth or step',
                name=quoted(name, 30),
                ease=quoted(str(self._ease), 30),
            )
        pairs = [_pair(key, name, number) for number, key in enumerate(keys, 1)]
        self.times = np.array([time for time, _ in pairs])
        self._values = np.array([value for _, value in pairs])
        if (np.diff(self.times) < 0).any():
            at = int(np.argmax(np.diff(self.times) < 0)) + 2
            raise DocumentError(
                'key {number} of its track "{name}" is before the key before it; sort the keys by time',
                number=at,
                name=quoted(name, 30),
            )
        if self.times[-1] > MOST_SECONDS:
            raise DocumentError(
                "it lasts {seconds:.0f} s; at most {most:.0f} s are read",
                seconds=float(self.times[-1]),
                most=MOST_SECONDS,
            )
        if self.place >= len(BLENDSHAPES) and "deg" in (track.get("unit"), angles):
            self._values = np.radians(self._values)

    @property
    def moves(self) -> frozenset[str]:
        """The blend shapes that it has something to say about."""
        if self.viseme:
            return frozenset({*JAW, *MOUTH})
        return frozenset(BLENDSHAPES[self.place : self.place + 1]) if self.place >= 0 else frozenset()

    def add_to(self, times: np.ndarray, values: np.ndarray, rotations: np.ndarray) -> None:
        """Add the curve to the rows that it moves."""
        curve = self._sampled(times)
        if self.viseme:
            for name, share in SHAPES[self.viseme].items():
                values[:, _PLACE[name.casefold()]] += share * curve
        elif self.place >= len(BLENDSHAPES):
            rotations[:, self.place - len(BLENDSHAPES)] = curve
        elif self.place >= 0:
            values[:, self.place] += curve

    def _sampled(self, times: np.ndarray) -> np.ndarray:
        if self._ease == "linear":
            return np.interp(times, self.times, self._values)
        after = np.searchsorted(self.times, times, side="right")
        before = np.clip(after - 1, 0, None)
        if self._ease == "step":
            return self._values[before]
        after = np.clip(after, 0, len(self.times) - 1)
        span = np.maximum(self.times[after] - self.times[before], 1e-9)
        share = np.clip((times - self.times[before]) / span, 0, 1)
        share = share * share * (3 - 2 * share)
        return self._values[before] * (1 - share) + self._values[after] * share


def _pair(key: Any, name: str, number: int) -> tuple[float, float]:
    match key:
        case [int() | float() as time, int() | float() as value] if (
            not isinstance(time, bool)
            and not isinstance(value, bool)
            and math.isfinite(time)
            and 0 <= time < 1e7
            and abs(value) < 1e6
        ):
            return float(time), float(value)
    raise DocumentError(
        'key {number} of its track "{name}" is not a pair [seconds, value]',
        number=number,
        name=quoted(name, 30),
    )
