"""One track of keys: what moves, and its value at given times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from media.documents.quoting import quoted
from media.errors import DocumentError

if TYPE_CHECKING:
    import numpy as np

EASES = ("linear", "smooth", "step")
LATEST = 1e7
"""Seconds; times beyond cannot be meant."""


class KeyedTrack:
    """A name, a unit, and keys with an ease between them. Before the first and after the last key, the value
    stays. times, values: of the n keys; lists, so that reading an option does not import numpy.
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
        self.times = [time for time, _ in pairs]
        self.values = [value for _, value in pairs]
        for number, (before, after) in enumerate(pairwise(self.times), 2):
            if after < before:
                raise DocumentError(
                    'key {number} of its track "{name}" is before the key before it; sort the keys by time',
                    number=number,
                    name=quoted(name, 30),
                )

    def sampled(self, times: np.ndarray) -> np.ndarray:
        """The values at (k,) seconds, (k,) float64."""
        import numpy as np

        at, values = np.array(self.times), np.array(self.values)
        if self.ease == "linear":
            return np.interp(times, at, values)
        after = np.searchsorted(at, times, side="right")
        before = np.clip(after - 1, 0, None)
        if self.ease == "step":
            return values[before]
        after = np.clip(after, 0, len(at) - 1)
        span = np.maximum(at[after] - at[before], 1e-9)
        share = np.clip((times - at[before]) / span, 0, 1)
        share = share * share * (3 - 2 * share)
        return values[before] * (1 - share) + values[after] * share


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
