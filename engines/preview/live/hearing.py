"""Voice to mouth for a voice that is still arriving: the next frame's row, and those expected after it."""

from __future__ import annotations

import numpy as np

from engines.preview.features import HOP, MEMORY, WINDOW
from engines.preview.mouth import VoiceToMouth, hops_of, pooled, with_tongue
from engines.preview.row_blocks import BLOCK
from engines.preview.running_features import SILENCE

_REMEMBERED = 64
"""Hops that may be repeated backwards: more than any network and any smoothing look ahead."""


class Hearing:
    """Gives the same rows as `VoiceToMouth.stream`, bit for bit, where the sound ahead reaches far enough.

    The frames are counted from the beginning of a voice: one that comes after a silence of `lasting` samples
    gets the rows that it would get alone. One that comes sooner is heard with the level of the one before.

    Where the network needs features from beyond what is known, it gets the last ones backwards, as if the
    voice returned the way it came: of the guesses that were tried, this one loses the fewest closed lips.
    Memory and work per frame are constant, and a silence that lasts costs nothing.
    """

    def __init__(self, network: VoiceToMouth, fps: int) -> None:
        self._network = network
        self._fps = fps
        self.lasting = (max(network.behind, _REMEMBERED) + MEMORY) * HOP + WINDOW
        """Samples of silence after which nothing else is remembered."""
        self._zeros = self.lasting + 1
        """Samples of digital silence at the end of what was heard."""
        self._idle = True
        """Whether no voice spoke on the last frame."""
        self._silent_rows: dict[tuple[int, ...], np.ndarray] = {}
        self._begin()

    def _begin(self) -> None:
        """A voice begins with the next frame, after silence."""
        self._frame = self._heard = 0
        self._listen()

    def _listen(self) -> None:
        """Listen from here on, after silence."""
        self._asleep = False
        self._features, self._running = self._network.begin(self._heard)
        self._past = np.repeat(SILENCE[None], _REMEMBERED, axis=0)
        """Features of the last hops that were heard."""

    def rows(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool, after: int = 0) -> np.ndarray:
        """The row of this frame and those of the `after` frames that follow, as far as can be known now.

        heard, ahead, ended: as for `engines.live.LiveFace.listen`. Returns (1 + after, 7) float32, 0..1.
        """
        alone = self._zeros > self.lasting
        idle = ended and not len(ahead) and not heard.any()
        if self._idle and not idle and alone:
            self._begin()
        self._idle = idle
        first, last = hops_of(self._fps, self._frame, self._frame + 1 + after)
        low = int(first[0])
        silent = alone and not heard.any() and not ahead.any()
        # Rounding depends on the place in a block, and so does the row of silence.
        place = (low % BLOCK, *(last - low).tolist())
        if silent and place in self._silent_rows:
            self._asleep = True
            rows = self._silent_rows[place]
        else:
            if self._asleep:
                self._listen()
            curves = self._curves(heard, ahead, low, int(last[-1]), ended=ended)
            rows = pooled(curves, first - low, last - low)
            if silent:
                self._silent_rows[place] = rows
        loud = np.flatnonzero(heard)
        self._zeros = len(heard) - 1 - int(loud[-1]) if len(loud) else self._zeros + len(heard)
        self._heard += len(heard)
        self._frame += 1
        return rows

    def _curves(
        self, heard: np.ndarray, ahead: np.ndarray, low: int, stop: int, *, ended: bool
    ) -> np.ndarray:
        """The channels of the hops low..stop-1, (stop - low, 7)."""
        wanted = stop + self._network.network.ahead - self._features.hop
        if ended:  # silence follows
            missing = self._features.missing(wanted) - len(heard) - len(ahead)
            ahead = np.concatenate([ahead, np.zeros(max(missing, 0), np.float32)])
        known, coming = self._features.hear(heard, ahead, wanted)
        past = np.concatenate([self._past, known, coming])
        returning = past[-2 : -2 - max(wanted - len(known) - len(coming), 0) : -1]
        self._past = past[len(known) : len(known) + _REMEMBERED]
        begun = self._running.at
        curves = with_tongue(self._running(known, np.concatenate([coming, returning])))
        return curves[low - begun : stop - begun]
