"""Brings sound that is still arriving to 16 kHz, two milliseconds after it arrived.

soxr gives its samples in blocks, 37 to 118 ms after they were put in, which a live mouth cannot wait for.
This is the textbook polyphase filter: a windowed sinc, evaluated where a new sample lies between the old.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, gcd

import numpy as np

TARGET = 16000
_LOBES = 20
"""Zero crossings of the sinc on each side; with the window below they reject aliases by 70 dB."""
_BETA = 7.0
_PASS = 0.94
"""The cut, as a share of the lower of the two rates' limits: the voice's band ends below it."""
_MOST_PHASES = 320
"""Places between two samples for which there are weights. All usual rates but 11025 Hz need no more; others
take the mean of their two nearest, which is 100 dB close. So no rate is dear: 47999 Hz has 16000 places.
"""


class Resampler:
    """One voice's way to 16 kHz. The result does not depend on how the sound is cut, bit for bit.

    rate: samples per second that come in, a whole number.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._reach = _reach(rate)
        self._buffer = np.zeros(self._reach, np.float32)
        self._start = -self._reach
        """Time of the buffer's first sample, in samples that came in."""
        self._received = 0
        self._given = 0

    def add(self, samples: np.ndarray) -> np.ndarray:
        """samples: (n,) float32. Returns the samples that are complete now, (m,) float32 at 16 kHz."""
        self._received += len(samples)
        if self._rate == TARGET:
            self._given += len(samples)
            return samples
        self._buffer = np.concatenate([self._buffer, samples])
        # The largest number of samples for which `needed` is not more than was received.
        return self._give(-(-(self._received - self._reach) * TARGET // self._rate))

    def finish(self) -> np.ndarray:
        """The rest, as if silence followed; in all there are the sound's seconds times 16000, rounded."""
        if self._rate == TARGET:
            return np.zeros(0, np.float32)
        self._buffer = np.concatenate([self._buffer, np.zeros(2 * self._reach, np.float32)])
        return self._give(round(self._received * TARGET / self._rate))

    def _give(self, until: int) -> np.ndarray:
        if until <= self._given:
            return np.zeros(0, np.float32)
        result = self._between(until) if self._buffer.any() else np.zeros(until - self._given, np.float32)
        self._given = until
        keep = until * self._rate // TARGET + 1 - self._reach
        if keep > self._start:
            self._buffer = self._buffer[keep - self._start :]
            self._start = keep
        return result

    def _between(self, until: int) -> np.ndarray:
        """(until - given,) float32: the next samples."""
        at = np.arange(self._given, until, dtype=np.int64) * self._rate
        whole, part = at // TARGET, at % TARGET
        first = whole + 1 - self._reach - self._start
        windows = np.lib.stride_tricks.sliding_window_view(self._buffer, 2 * self._reach)[first]
        between: np.ndarray = (windows * _kernels_at(self._rate, part)).sum(axis=1, dtype=np.float32)
        return between


def needed(count: int, rate: int) -> int:
    """How many samples have to come in before the first `count` at 16 kHz are complete."""
    if rate == TARGET or count <= 0:
        return max(count, 0)
    # The last one lies at (count - 1) * rate / TARGET and needs `reach` samples after the one before it.
    return (count - 1) * rate // TARGET + 1 + _reach(rate)


def _reach(rate: int) -> int:
    """Samples on each side of a point that decide its value."""
    return ceil(_LOBES / _cut(rate))


def _cut(rate: int) -> float:
    return _PASS * min(1.0, TARGET / rate)


def _kernels_at(rate: int, part: np.ndarray) -> np.ndarray:
    """(n, taps): the weights of the samples around points `part / TARGET` after one of them."""
    kernels = _kernels(rate)
    phases = len(kernels) - 1
    place, rest = part * phases // TARGET, part * phases % TARGET
    if not rest.any():
        return kernels[place]
    share = (rest / TARGET).astype(np.float32)[:, None]
    return kernels[place] * (1 - share) + kernels[place + 1] * share


@lru_cache(maxsize=16)
def _kernels(rate: int) -> np.ndarray:
    """(phases + 1, taps) float32, read-only: the weights `phase / phases` after a sample."""
    phases = min(TARGET // gcd(rate, TARGET), _MOST_PHASES)
    cut, reach = _cut(rate), _reach(rate)
    offsets = np.arange(1 - reach, reach + 1)
    away = offsets[None, :] - np.arange(phases + 1)[:, None] / phases
    window = np.i0(_BETA * np.sqrt(np.clip(1.0 - (away / reach) ** 2, 0.0, None))) / np.i0(_BETA)
    kernels = np.sinc(cut * away) * window
    kernels = (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)
    kernels.flags.writeable = False
    return kernels
