"""Reads curves with keys: this program's keyframes, and OpenFaceFX tracks of blend shapes or visemes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from media.documents.quoting import quoted
from media.errors import DocumentError
from media.messages import said
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.keyed_track import KeyedTrack
from media.performance.performance import (
    MOST_FRAMES,
    MOST_SECONDS,
    MOST_TRACKS,
    Performance,
    too_many_frames,
    too_many_tracks,
)
from media.performance.timecodes import in_radians
from media.performance.visemes import MOVED_BY_VISEMES, SHAPES

USUAL_RATE = 60
VERSION = 1
_PLACE = {name.casefold(): place for place, name in enumerate((*BLENDSHAPES, *ROTATIONS))}


def performance_of_tracks(document: Mapping[str, Any], rate: Fraction | None, angles: str) -> Performance:
    """Sample all tracks at the rate asked for, or the file's, or 60 frames per second. Raises DocumentError.

    angles: the unit of tracks of angles that do not say theirs, as in `in_radians`.
    """
    if "format" not in document and (version := document.get("version", VERSION)) != VERSION:
        raise DocumentError(
            'its "version" is {found}; version {known} is read', found=quoted(str(version), 20), known=VERSION
        )
    tracks = document.get("tracks", document.get("channels"))
    if not isinstance(tracks, list) or not all(isinstance(one, dict) for one in tracks):
        raise DocumentError('its "tracks" is not a list of objects with "name" and "keys"')
    found = [_Curve(one) for one in tracks]
    curves = [curve for curve in found if curve.place >= 0 or curve.viseme]
    unknown = [curve.name for curve in found if curve.place < 0 and not curve.viseme]
    if not curves:
        raise DocumentError(
            'none of its names ({count}) is a blend shape of ARKit, such as "jawOpen"', count=len(found)
        )
    if len(curves) > MOST_TRACKS:
        raise too_many_tracks(len(curves))
    seen: set[str] = set()
    for curve in curves:
        if curve.known_name in seen:
            raise DocumentError(
                'the track "{name}" is in it twice; join its keys', name=quoted(curve.name, 30)
            )
        seen.add(curve.known_name)
    in_degrees = _to_radians(curves, angles)
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
    notes: list[str] = []
    if unknown:
        notes.append(
            said(
                "1 track of the performance is not a blend shape of ARKit and was left out: {names}."
                if len(unknown) == 1
                else "{count} tracks of the performance are not blend shapes of ARKit and were left out: "
                "{names}.",
                count=len(unknown),
                names=", ".join(quoted(name, 30) for name in unknown[:4]),
            )
        )
    if in_degrees:
        notes.append("The angles of the performance were taken for degrees.")
    has = frozenset(name for curve in curves for name in curve.moves)
    return Performance.of(times, values, rotations, rate=rate, has=has, notes=tuple(notes))


def _to_radians(curves: Sequence[_Curve], angles: str) -> bool:
    """Turn all angles into radians. Returns whether `angles` is "auto" and took some for degrees."""
    bare = [curve for curve in curves if curve.turns and curve.unit is None]
    keys = np.array([value for curve in bare for value in curve.values])
    _, degrees = in_radians(keys, angles)
    for curve in curves:
        if curve.turns and (curve.unit == "deg" or (degrees and curve.unit is None)):
            curve.values = [math.radians(value) for value in curve.values]
    return degrees and angles == "auto"


class _Curve(KeyedTrack):
    """One track and what it moves."""

    def __init__(self, track: Mapping[str, Any]) -> None:
        super().__init__(track)
        self.place = _PLACE.get(self.name.replace("_", "").casefold(), -1)
        self.viseme = self.name if self.name in SHAPES and self.place < 0 else ""
        if self.times[-1] > MOST_SECONDS:
            raise DocumentError(
                "it lasts {seconds:.0f} s; at most {most:.0f} s are read",
                seconds=self.times[-1],
                most=MOST_SECONDS,
            )
        if self.turns and self.unit not in (None, "deg", "rad"):
            raise DocumentError(
                'its track "{name}" has the unit "{unit}"; angles are in deg or rad',
                name=quoted(self.name, 30),
                unit=quoted(str(self.unit), 20),
            )

    @property
    def turns(self) -> bool:
        """Whether it is one of ROTATIONS."""
        return self.place >= len(BLENDSHAPES)

    @property
    def known_name(self) -> str:
        """What it moves, by which two tracks of the same are found."""
        return self.viseme or (*BLENDSHAPES, *ROTATIONS)[self.place]

    @property
    def moves(self) -> frozenset[str]:
        """The blend shapes that it has something to say about."""
        if self.viseme:
            return MOVED_BY_VISEMES
        return frozenset(BLENDSHAPES[self.place : self.place + 1]) if self.place >= 0 else frozenset()

    def add_to(self, times: np.ndarray, values: np.ndarray, rotations: np.ndarray) -> None:
        """Add the curve to the rows that it moves."""
        curve = self.sampled(times)
        if self.viseme:
            for name, share in SHAPES[self.viseme].items():
                values[:, _PLACE[name.casefold()]] += share * curve
        elif self.turns:
            rotations[:, self.place - len(BLENDSHAPES)] = curve
        elif self.place >= 0:
            values[:, self.place] += curve
