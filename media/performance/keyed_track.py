"""One track of keys: what moves, and its value at given times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from media.documents.quoting import quoted
from media.errors import DocumentError

EASES = ("linear", "smooth", "step")
LATEST = 1e7
"""Seconds; times beyond cannot be meant."""


class KeyedTrack:
    """A name, a unit, and keys with an ease between them. Before the first and after the last key, the value
    stays. times, values: (n,) float64.
    """

    def __init__(self, track: Mapping[str, Any]) -> None:
        """Raises DocumentError for a track without name or keys, and for keys that cannot be used."""
        name, keys = track.get("name"), track.get("keys")
        if not isinstance(name, str) or not isinstance(keys, list) or not keys:
            raise DocumentError('a track in it has no "name", or no "keys"')
        self.name, self.unit = name, track.get("unit")
        self.ease = track.get("ease", "linear")
        if self.ease not in EASES:
            raise DocumentError(
                'its track "{name}" has the ease "{ease}"; use linear, smooth or step',
                name=quoted(name, 30),
                ease=quoted(str(self.ease), 30),
            )
        pairs = [_pair(key, name, number) for number, key in enumerate(keys, 1)]
        self.times = np.array([time for time, _ in pairs])
        self.values = np.array([value for _, value in pairs])
        if (np.diff(self.times) < 0).any():
            at = int(np.argmax(np.diff(self.times) < 0)) + 2
            raise DocumentError(
                'key {number} of its track "{name}" is before the key before it; sort the keys by time',
                number=at,
                name=quoted(name, 30),
            )

    def sampled(self, times: np.ndarray) -> np.ndarray:
        """The values at (k,) seconds, (k,) float64."""
        if self.ease == "linear":
            return np.interp(times, self.times, self.values)
        after = np.searchsorted(self.times, times, side="right")
        before = np.clip(after - 1, 0, None)
        if self.ease == "step":
            return self.values[before]
        after = np.clip(after, 0, len(self.times) - 1)
        span = np.maximum(self.times[after] - self.times[before], 1e-9)
        share = np.clip((times - self.times[before]) / span, 0, 1)
        share = share * share * (3 - 2 * share)
        return self.values[before] * (1 - share) + self.values[after] * share


def _pair(key: Any, name: str, number: int) -> tuple[float, float]:
    match key:
        case [int() | float() as time, int() | float() as value] if (
            not isinstance(time, bool)
            and not isinstance(value, bool)
            and math.isfinite(time)
            and 0 <= time < LATEST
            and abs(value) < 1e6
        ):
            return float(time), float(value)
    raise DocumentError(
        'key {number} of its track "{name}" is not a pair [seconds, value]',
        number=number,
        name=quoted(name, 30),
    )
