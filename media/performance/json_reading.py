"""Reads JSON files of performances: Audio2Face, Rhubarb Lip Sync, Oculus visemes and keyframes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from media.documents.bounds import Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import quoted
from media.errors import DocumentError
from media.performance.blendshapes import BLENDSHAPES
from media.performance.column_names import find_columns
from media.performance.cue_reading import performance_of_cues, rhubarb_cues
from media.performance.performance import Performance
from media.performance.timecodes import row_times
from media.performance.track_reading import performance_of_tracks
from media.performance.wide_csv_reading import NO_RATE

PERFORMANCE = Bounds(64_000_000, depth=12, nodes=6_000_000, text=20_000)
"""Half an hour of 52 blend shapes at 60 frames per second has 5.6 million values."""


def read_performance_json(text: str, rate: Fraction | None, angles: str) -> Performance:
    """The performance in a JSON text, whose keys tell what it is. Raises DocumentError."""
    document = parse_json(text, PERFORMANCE)
    if isinstance(document, dict):
        if "facsNames" in document or "weightMat" in document:
            return _audio2face(document, rate)
        if "mouthCues" in document:
            return performance_of_cues(rhubarb_cues(document["mouthCues"]))
        if "tracks" in document or "channels" in document:
            return performance_of_tracks(document, rate, angles)
    raise DocumentError(
        'it is JSON without "facsNames", "mouthCues", "tracks" or "channels", by which performances are known'
    )


def _audio2face(document: dict[str, Any], rate: Fraction | None) -> Performance:
    names, matrix = document.get("facsNames"), document.get("weightMat")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DocumentError('its "facsNames" is not a list of names')
    if not isinstance(matrix, list):
        raise DocumentError('its "weightMat" is not a list of frames')
    columns = find_columns(names)
    values = np.zeros((len(matrix), len(BLENDSHAPES)), np.float32)
    kept = [(column, place) for column, place in enumerate(columns.places) if 0 <= place < len(BLENDSHAPES)]
    sources, targets = (list(one) for one in zip(*kept, strict=True))
    for number, row in enumerate(matrix):
        if not isinstance(row, list) or len(row) != len(names):
            raise DocumentError(
                'frame {frame} of its "weightMat" has {count} values, and "facsNames" has {names}',
                frame=number + 1,
                count=len(row) if isinstance(row, list) else 0,
                names=len(names),
            )
        if wrong := [one for one in row if isinstance(one, bool) or not isinstance(one, int | float)]:
            raise DocumentError(
                'frame {frame} of its "weightMat" contains "{text}", which is not a number',
                frame=number + 1,
                text=quoted(str(wrong[0]), 30),
            )
        values[number, targets] = np.clip(np.array(row, np.float64)[sources], -1e6, 1e6)
    rate = rate or _rate(document.get("exportFps"))
    return Performance.of(
        row_times(len(matrix), rate), values, rate=rate, has=columns.has, notes=columns.notes
    )


def _rate(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DocumentError(NO_RATE)
    if not 1 <= value <= 240:
        raise DocumentError("it has {rate:g} frames per second; 1 to 240 are read", rate=value)
    return Fraction(value).limit_denominator(1001)
