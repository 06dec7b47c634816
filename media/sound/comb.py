"""Frequencies at which two channels cancel each other, as those of two distant microphones do.

A voice that reaches one microphone by t later than the other is lost at 1/(2t), 3/(2t), ... when both are
added: a comb filter. The total power hardly shows it, because other frequencies add up at the same time.
"""

from __future__ import annotations

import numpy as np

LOWEST, HIGHEST = 100.0, 4000.0
"""The range in Hz that matters for the mouth."""
KEPT = 0.5
"""A frequency counts as cancelled if the mix has less than this fraction of its channels' power."""
AUDIBLE = 1e-3
"""Lowest power of a counted frequency, as a fraction of the strongest one's, both by their slope."""
_WINDOW = 0.064  # seconds: longer than what sound needs for 10 m
_MEMORY = 0.7  # from block to block


class Comb:
    """Monitors the mean of two channels, block by block."""

    def __init__(self, rate: int) -> None:
        """rate: samples per second."""
        self._size = 1 << round(np.log2(max(16.0, _WINDOW * rate)))
        self._window = np.hanning(self._size).astype(np.float32)
        frequencies = np.fft.rfftfreq(self._size, 1 / rate)
        self._bins = np.flatnonzero((frequencies >= LOWEST) & (frequencies <= HIGHEST))
        self._slope = frequencies[self._bins] ** 2
        self._mixed = self._alone = np.zeros(len(self._bins))

    def cancelled(self, block: np.ndarray) -> float:
        """The fraction, 0..1, of the audible frequencies of (n, 2) float32 that the mean has lost by now."""
        if len(block) < 2 * self._size:
            return 0.0
        frames = np.lib.stride_tricks.sliding_window_view(block, self._size, axis=0)[:: self._size // 2]
        spectra = np.fft.rfft(frames * self._window, axis=2)[:, :, self._bins]
        power = np.abs(spectra) ** 2
        mixed = np.abs(spectra.sum(axis=1)) ** 2
        self._alone = _MEMORY * self._alone + power.sum(axis=(0, 1))
        self._mixed = _MEMORY * self._mixed + mixed.sum(axis=0)
        emphasised = self._alone * self._slope
        audible = emphasised > AUDIBLE * emphasised.max(initial=0.0)
        if not audible.any():
            return 0.0
        return float((self._mixed[audible] < KEPT * self._alone[audible]).mean())
