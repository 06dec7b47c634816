"""Voice to mouth for a voice that is still arriving: the next frame's row, and those expected after it."""

from __future__ import annotations

import numpy as np

from engines.preview.features import BANDS, HOP, MEMORY, WINDOW, below_level, power_of, running_level
from engines.preview.live.running_network import RunningNetwork
from engines.preview.mouth import VoiceToMouth, hops_of, pooled, with_tongue
from engines.preview.row_blocks import BLOCK

_FIRST = HOP // 2 - WINDOW // 2
"""The first sample that hop 0 sees; it lies before the sound."""
_SILENCE = below_level(np.zeros((1, BANDS), np.float32), running_level(np.zeros(1, np.float32)))[0]
"""The features of a silence that has lasted."""
_REMEMBERED = 64
"""Hops that may be repeated backwards: more than any network and any smoothing look ahead."""


class Hearing:
    """Gives the same rows as `VoiceToMouth.stream`, bit for bit, where the sound ahead reaches far enough.

    Where the network needs features from beyond what is known, it gets the last ones backwards, as if the
    voice returned the way it came: of the guesses that were tried, this one loses the fewest closed lips.
    Memory and work per frame are constant, and a silence that lasts costs nothing.
    """

    def __init__(self, network: VoiceToMouth, fps: int) -> None:
        self._network = network.network
        self._fps = fps
        self._frame = 0
        self._heard = 0
        self._lasting = (network.behind + MEMORY + 2 * BLOCK) * HOP + WINDOW
        """Samples of silence after which nothing else is remembered."""
        self._zeros = self._lasting + 1
        """Samples of digital silence at the end of what was heard."""
        self._asleep = False
        self._silent_rows: dict[tuple[int, ...], np.ndarray] = {}
        self._begin()

    def _begin(self) -> None:
        """Listen from here on, after silence."""
        self._hop = (self._heard - _FIRST - WINDOW) // HOP + 1
        """The first hop of which not all sound was heard."""
        self._sound = np.zeros(self._heard - (self._hop * HOP + _FIRST), np.float32)
        """What was heard of it."""
        self._levels = np.zeros(MEMORY, np.float32)
        """Mean power of the hops before it."""
        self._past = np.repeat(_SILENCE[None], _REMEMBERED, axis=0)
        """Features of the last hops before it."""
        self._running = RunningNetwork(self._network, _SILENCE, self._hop)
        self._asleep = False

    def rows(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool, after: int = 0) -> np.ndarray:
        """The row of this frame and those of the `after` frames that follow, as far as can be known now.

        heard, ahead, ended: as for `engines.live.LiveFace.listen`. Returns (1 + after, 7) float32, 0..1.
        """
        first, last = hops_of(self._fps, self._frame, self._frame + 1 + after)
        low = int(first[0])
        silent = self._falls_silent(heard) and not ahead.any()
        # Rounding depends on the place in a block, and so does the row of silence.
        place = (low % BLOCK, *(last - low).tolist())
        if silent and place in self._silent_rows:
            self._asleep = True
            rows = self._silent_rows[place]
        else:
            if self._asleep:
                self._begin()
            curves = self._curves(heard, ahead, low, int(last[-1]), ended=ended)
            rows = pooled(curves, first - low, last - low)
            if silent:
                self._silent_rows[place] = rows
        self._heard += len(heard)
        self._frame += 1
        return rows

    def _falls_silent(self, heard: np.ndarray) -> bool:
        """Whether only silence is remembered after this frame's sound."""
        loud = np.flatnonzero(heard)
        self._zeros = len(heard) - 1 - int(loud[-1]) if len(loud) else self._zeros + len(heard)
        return self._zeros > self._lasting

    def _curves(
        self, heard: np.ndarray, ahead: np.ndarray, low: int, stop: int, *, ended: bool
    ) -> np.ndarray:
        """The channels of the hops low..stop-1, (stop - low, 7)."""
        self._sound = np.concatenate([self._sound, heard])
        known = self._power_of(self._sound, self._hop)
        self._sound = self._sound[len(known) * HOP :]
        wanted = stop + self._network.ahead - self._hop
        coming = np.concatenate([self._sound, ahead])
        if ended:  # silence follows
            missing = (wanted - len(known) - 1) * HOP + WINDOW - len(coming)
            coming = np.concatenate([coming, np.zeros(max(missing, 0), np.float32)])
        future = self._power_of(coming, self._hop + len(known))
        power = np.concatenate([known, future])[: max(wanted, len(known))]
        levels = np.concatenate([self._levels, power.mean(axis=-1)])
        features = below_level(power, running_level(levels)[MEMORY:])
        past = np.concatenate([self._past, features])
        if wanted > len(features):
            back = past[-2 : -2 - (wanted - len(features)) : -1]
            features = np.concatenate([features, back])
        self._past = past[len(known) : len(known) + _REMEMBERED]
        self._levels = levels[len(known) : len(known) + MEMORY]
        self._hop += len(known)
        return with_tongue(self._running(features[: len(known)], features[len(known) :], low))[: stop - low]

    @staticmethod
    def _power_of(sound: np.ndarray, hop: int) -> np.ndarray:
        """Power of the hops that the sound completes, (n, BANDS); it begins with `hop`'s first sample."""
        hops = (len(sound) - WINDOW) // HOP + 1
        if hops <= 0:
            return np.zeros((0, BANDS), np.float32)
        return power_of(sound[: WINDOW + (hops - 1) * HOP], hop)
