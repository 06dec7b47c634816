"""The features of a voice that comes in pieces."""

from __future__ import annotations

import numpy as np

from engines.preview.features import BANDS, HOP, MEMORY, WINDOW, below_level, power_of, running_level

_FIRST = HOP // 2 - WINDOW // 2
"""The first sample that hop 0 sees; it lies before the sound."""
SILENCE = below_level(np.zeros((1, BANDS), np.float32), running_level(np.zeros(1, np.float32)))[0]
"""(BANDS,) The features of a silence that has lasted."""
_NO_POWER = np.zeros((0, BANDS), np.float32)
_NOTHING = np.zeros(0, np.float32)


class RunningFeatures:
    """Gives the same as `features.normalise` of `features.mel_power`, bit for bit, hop by hop.

    heard: samples of silence that were heard before; before them, there was silence, too. Memory is constant.
    """

    def __init__(self, heard: int = 0) -> None:
        self.hop = (heard - _FIRST - WINDOW) // HOP + 1
        """The first hop of which not all sound was heard."""
        self._sound = np.zeros(heard - (self.hop * HOP + _FIRST), np.float32)
        """What was heard of it."""
        self._levels = np.zeros(MEMORY, np.float32)
        """Mean power of the hops before it."""

    def hear(
        self, sound: np.ndarray, ahead: np.ndarray = _NOTHING, most: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Hear the next samples, and look at those after them.

        sound, ahead: (n,) and (m,) float32 at 16 kHz; `ahead` comes again as `sound`. Returns the features of
        the hops that `sound` completes, and of those after them that `ahead` completes, as far as both are at
        most `most` hops: (k, BANDS) float32 each.
        """
        count = len(self._sound) + len(sound)
        known = max((count - WINDOW) // HOP + 1, 0)
        hops = max(min((count + len(ahead) - WINDOW) // HOP + 1, most), known)
        heard = np.concatenate([self._sound, sound, ahead])
        power = power_of(heard[: WINDOW + (hops - 1) * HOP], self.hop) if hops else _NO_POWER
        levels = np.concatenate([self._levels, power.mean(axis=-1)])
        features = below_level(power, running_level(levels)[MEMORY:])
        self._sound = heard[known * HOP : count]
        self._levels = levels[known : known + MEMORY]
        self.hop += known
        return features[:known], features[known:]

    def missing(self, hops: int) -> int:
        """Samples that complete that many hops more."""
        return max((hops - 1) * HOP + WINDOW - len(self._sound), 0) if hops > 0 else 0
