"""Brings sound that is still arriving to 16 kHz, two milliseconds after it arrived.

soxr gives its samples in blocks, 37 to 118 ms after they were put in, which a live mouth cannot wait for.
This is the textbook polyphase filter: a windowed sinc, evaluated where a new sample lies between the old.
"""

from __future__ import annotations

from math import gcd

import numpy as np

TARGET = 16000
_LOBES = 20
"""Zero crossings of the sinc on each side; with the window below they reject aliases by 70 dB."""
_BETA = 7.0
_PASS = 0.94
"""The cut, as a share of the lower of the two rates' limits: the voice's band ends below it."""


class Resampler:
    """One voice's way to 16 kHz. The result does not depend on how the sound is cut, bit for bit.

    rate: samples per second that come in, a whole number.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._phases = TARGET // gcd(rate, TARGET)
        cut = _PASS * min(1.0, TARGET / rate)
        self._reach = int(np.ceil(_LOBES / cut))
        self._kernels = self._make_kernels(cut)
        self._buffer = np.zeros(self._reach, np.float32)
        self._start = -self._reach
        """Time of the buffer's first sample, in samples that came in."""
        self._received = 0
        self._given = 0

    def _make_kernels(self, cut: float) -> np.ndarray:
        """(phases, taps): weights of the samples around a point, `phase / phases` after one of them."""
        offsets = np.arange(1 - self._reach, self._reach + 1)
        away = offsets[None, :] - np.arange(self._phases)[:, None] / self._phases
        window = np.i0(_BETA * np.sqrt(np.clip(1.0 - (away / self._reach) ** 2, 0.0, None))) / np.i0(_BETA)
        kernels = np.sinc(cut * away) * window
        return (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)

    @property
    def delay(self) -> float:
        """Seconds of sound after a sample that it waits for."""
        return 0.0 if self._rate == TARGET else self._reach / self._rate

    def add(self, samples: np.ndarray) -> np.ndarray:
        """samples: (n,) float32. Returns the samples that are complete now, (m,) float32 at 16 kHz."""
        self._received += len(samples)
        if self._rate == TARGET:
            self._given += len(samples)
            return samples
        self._buffer = np.concatenate([self._buffer, samples])
        # Sample m lies at m * rate / TARGET and needs `reach` samples after the one before it.
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
        at = np.arange(self._given, until, dtype=np.int64) * self._rate
        whole, part = at // TARGET, at % TARGET * self._phases // TARGET
        first = whole + 1 - self._reach - self._start
        windows = np.lib.stride_tricks.sliding_window_view(self._buffer, 2 * self._reach)[first]
        result: np.ndarray = (windows * self._kernels[part]).sum(axis=1, dtype=np.float32)
        self._given = until
        keep = until * self._rate // TARGET + 1 - self._reach
        if keep > self._start:
            self._buffer = self._buffer[keep - self._start :]
            self._start = keep
        return result
