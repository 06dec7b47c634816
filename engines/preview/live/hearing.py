"""Voice to mouth for a voice that is still arriving: the next frame's row, and those expected after it."""

from __future__ import annotations

import numpy as np

from engines.preview.features import (
    BANDS,
    HOP,
    MEMORY,
    WINDOW,
    below_level,
    power_of,
    running_level,
)
from engines.preview.mouth import VoiceToMouth, hops_of, pooled, with_tongue

_FIRST = HOP // 2 - WINDOW // 2
"""The first sample that frame 0 of the features sees; it lies before the sound."""


class Hearing:
    """Gives the same rows as `VoiceToMouth.stream`, bit for bit, where the sound ahead reaches far enough.

    The network's frames that need sound from beyond what is known are computed with the last known features
    repeated. Memory and work per frame are constant.
    """

    def __init__(self, network: VoiceToMouth, fps: int) -> None:
        self._network = network.network
        self._fps = fps
        self._frame = 0
        self._past = self._network.behind + MEMORY
        first, _ = hops_of(fps, 0, 1)
        self._from = int(first[0]) - self._past
        """The time of the first row of `_power`, in hops of 10 ms."""
        self._power = np.zeros((self._past, BANDS), np.float32)
        """Mel power of the hops whose sound was heard completely."""
        self._sound = np.zeros(self._begin(self._from + self._past) * -1, np.float32)
        """The sound from the first hop on that is not in `_power`."""

    @staticmethod
    def _begin(hop: int) -> int:
        return hop * HOP + _FIRST

    def rows(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool, after: int = 0) -> np.ndarray:
        """The row of this frame and those of the `after` frames that follow, as far as can be known now.

        heard, ahead, ended: as for `engines.live.LiveFace.listen`. Returns (1 + after, 7) float32, 0..1.
        """
        first, last = hops_of(self._fps, self._frame, self._frame + 1 + after)
        stop = int(last[-1]) + self._network.ahead
        self._sound = np.concatenate([self._sound, heard])
        self._keep(self._power_of(self._sound))
        future = self._future(ahead, stop, ended=ended)
        power = np.concatenate([self._power, future])[: stop - self._from]
        features = below_level(power[MEMORY:], running_level(power.mean(axis=-1))[MEMORY:])
        unknown = stop - self._from - MEMORY - len(features)
        if unknown > 0:
            features = np.concatenate([features, np.repeat(features[-1:], unknown, axis=0)])
        low = int(first[0])
        curves = with_tongue(self._network(features, low - self._network.behind))
        rows = pooled(curves, first - low, last - low)
        self._frame += 1
        self._forget(int(hops_of(self._fps, self._frame, self._frame + 1)[0][0]))
        return rows

    def _power_of(self, sound: np.ndarray) -> np.ndarray:
        hops = (len(sound) - WINDOW) // HOP + 1
        if hops <= 0:
            return np.zeros((0, BANDS), np.float32)
        return power_of(sound[: WINDOW + (hops - 1) * HOP], self._from + len(self._power))

    def _keep(self, power: np.ndarray) -> None:
        self._power = np.concatenate([self._power, power])
        self._sound = self._sound[len(power) * HOP :]

    def _future(self, ahead: np.ndarray, stop: int, *, ended: bool) -> np.ndarray:
        """Power of the hops up to `stop` that the sound ahead completes; after its end there is silence."""
        sound = np.concatenate([self._sound, ahead])
        if ended:
            hops = stop - self._from - len(self._power)
            silence = max(WINDOW + (hops - 1) * HOP - len(sound), 0)
            sound = np.concatenate([sound, np.zeros(silence, np.float32)])
        return self._power_of(sound)

    def _forget(self, hop: int) -> None:
        gone = hop - self._past - self._from
        self._power = self._power[gone:]
        self._from += gone
